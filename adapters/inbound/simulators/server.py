"""A WebSocket server on which everything can go wrong that goes wrong on a network."""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol, cast

import anyio.lowlevel
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from adapters.inbound.simulators.faults import ConnectionFaults, Fault, FaultKind, FaultScript, Moment
from adapters.inbound.simulators.http_upload import HttpAnswer, HttpRequest, HttpUpload

_SILENT = logging.getLogger("omi.simulators.websockets")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False
"""Broken handshakes are the purpose here, not news."""


class Vendor(Protocol):
    """What a simulated vendor adds to the server."""

    def refuse(self, request: Request, fault: Fault | None) -> HttpAnswer | None:
        """An answer instead of the upgrade: the request is wrong, or a fault demands a status; None: go on."""
        ...

    def answer(self, request: HttpRequest, fault: Fault | None) -> HttpAnswer:
        """The answer to a request that is not an upgrade."""
        ...

    async def converse(self, connection: "SimulatedConnection") -> None:
        """Leads a session. ConnectionClosed may leave."""
        ...


class SimulatedConnection(ServerConnection):
    """A connection with a number, and with faults that lie below the protocol."""

    def __init__(self, *arguments: Any, number: int, faults: ConnectionFaults, vendor: Vendor, **options: Any) -> None:  # noqa: ANN401 - handed through
        super().__init__(*arguments, **options)
        self.number = number
        """Counted from 1 since the server was started."""
        self.faults = faults
        self.status_fault: Fault | None = None
        """The fault that demands an HTTP status, if any."""
        self._vendor = vendor
        self._deaf = False
        self._began = False
        self._upload: HttpUpload | None = None

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 - an asyncio transport, which is banned here
        """Lets the faults of connecting begin."""
        super().connection_made(transport)
        for fault in self.faults.begin(Moment.CONNECTING):
            if fault.kind is FaultKind.REFUSE:
                transport.abort()
            self._deaf = self._deaf or fault.kind is FaultKind.NO_HANDSHAKE
            if fault.kind is FaultKind.HTTP_STATUS:
                self.status_fault = fault

    def data_received(self, data: bytes) -> None:
        """Takes bytes, unless nobody is there; a request with a body goes its own way."""
        if self._deaf:
            return
        if not self._began and data.startswith(b"POST "):
            self._upload = HttpUpload()
        self._began = True
        if self._upload is None:
            super().data_received(data)
            return
        request = self._upload.feed(data)
        if request is not None:
            self.transport.write(self._vendor.answer(request, self.status_fault).encode())
            self.transport.close()

    def eof_received(self) -> None:
        """Takes the end, unless nobody is there."""
        if not self._deaf:
            super().eof_received()

    def hang_up(self) -> None:
        """Breaks the connection, if it ever came to one."""
        if hasattr(self, "transport"):
            self.transport.abort()

    async def reach(self, moment: Moment, *, audio_seconds: float = 0.0) -> tuple[Fault, ...]:
        """Lets the faults of a moment begin. Those that end a session end it here.

        Returns:
            Those that have just begun, for what is the vendor's own business.
        """
        begun = self.faults.begin(moment, audio_seconds=audio_seconds)
        for fault in begun:
            await self._play(fault)
        return begun

    async def _play(self, fault: Fault) -> None:
        match fault.kind:
            case FaultKind.CLOSE:
                await self.close(fault.code, fault.reason)
            case FaultKind.ABORT:
                self.transport.abort()
                await self.wait_closed()
            case FaultKind.HALF_OPEN:
                self._deaf = True
                await self.wait_closed()
            case FaultKind.SLOW_READER:
                self.transport.pause_reading()
                await self.wait_closed()
            case _:
                pass


class Listener:
    """A server that runs."""

    def __init__(self, connections: Sequence[SimulatedConnection], *, host: str, script: FaultScript) -> None:
        self.script = script
        """What goes wrong with the connections to come. May be exchanged at any time."""
        self.host = host
        self.port = 0
        self._connections = connections

    async def hang_up(self) -> None:
        """Breaks all connections that are open."""
        for connection in self._connections:
            connection.hang_up()
        await anyio.lowlevel.checkpoint()


@asynccontextmanager
async def listening(vendor: Vendor, *, host: str, port: int, script: FaultScript) -> AsyncIterator["Listener"]:
    """Serves a vendor; port 0 takes a free one.

    Leaving hangs up on everybody at once.

    Raises:
        OSError: the address is taken or is none.
    """
    connections: list[SimulatedConnection] = []
    listener = Listener(connections, host=host, script=script)

    def admit(*arguments: Any, **options: Any) -> SimulatedConnection:  # noqa: ANN401 - handed through
        number = len(connections) + 1
        faults = listener.script.of_connection(number)
        connections.append(SimulatedConnection(*arguments, number=number, faults=faults, vendor=vendor, **options))
        return connections[-1]

    async def refuse(connection: ServerConnection, request: Request) -> Response | None:
        answer = vendor.refuse(request, cast("SimulatedConnection", connection).status_fault)
        return None if answer is None else _response(connection, answer)

    async def converse(connection: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            await vendor.converse(cast("SimulatedConnection", connection))

    async with serve(
        converse,
        host,
        port,
        create_connection=cast("type[ServerConnection]", admit),
        process_request=refuse,
        compression=None,
        ping_interval=None,
        close_timeout=0.5,
        logger=_SILENT,
    ) as server:
        listener.port = server.sockets[0].getsockname()[1]
        try:
            yield listener
        finally:
            await listener.hang_up()


def _response(connection: ServerConnection, answer: HttpAnswer) -> Response:
    response = connection.respond(answer.status, answer.text)
    del response.headers["Content-Type"]
    response.headers["Content-Type"] = "application/json"
    response.headers.update(answer.headers)
    return response
