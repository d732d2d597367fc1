"""Sockets of the app: within this process, or over the network. Both can be cut, as networks are."""

from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol
from urllib.parse import urlencode

import anyio
import anyio.lowlevel
from anyio.abc import TaskGroup
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.support.omi_app.dart import written

PATIENCE = 10.0
"""Seconds that a program has for its sockets at the end."""
CUT = 1006
"""Code of a connection that ended without a word."""


class Refused(Exception):
    """The handshake was answered with a status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"refused with {status}")
        self.status = status


class Closed(Exception):
    """The socket is closed. Holds the code and the reason."""

    def __init__(self, code: int | None, reason: str = "") -> None:
        super().__init__(f"closed with {code} {reason}")
        self.code = code
        self.reason = reason


class Line(Protocol):
    """One socket."""

    async def send(self, message: bytes | str) -> None:
        """Sends; raises Closed."""
        ...

    async def receive(self) -> str:
        """The next text; raises Closed."""
        ...

    async def close(self, code: int) -> None:
        """Ends it, properly or, with `CUT`, without a word."""
        ...


class Lines(Protocol):
    """Where sockets are opened."""

    async def open(self, path: str, query: Mapping[str, Any], headers: Mapping[str, str]) -> Line:
        """Raises Refused, or Closed where nobody is there."""
        ...


class _Mailbox:
    """Messages on their way in one direction."""

    def __init__(self) -> None:
        self._messages: deque[dict[str, Any]] = deque()
        self._changed = anyio.Event()
        self.is_closed = False
        self.is_read = True

    def put(self, message: dict[str, Any]) -> None:
        self._messages.append(message)
        self._changed.set()

    def close(self) -> None:
        self.is_closed = True
        self.end()

    def end(self) -> None:
        """Nobody reads any more; whoever writes does not know."""
        self.is_read = False
        self._changed.set()

    async def get(self) -> dict[str, Any]:
        """The next one; raises Closed when there will be none."""
        while not self._messages:
            if not self.is_read:
                raise Closed(CUT)
            self._changed = anyio.Event()
            await self._changed.wait()
        return self._messages.popleft()


class AsgiLine:
    """A socket to a program in this process."""

    def __init__(self) -> None:
        self._to_server = _Mailbox()
        self._to_app = _Mailbox()
        self.is_closed = False

    async def send(self, message: bytes | str) -> None:
        if self.is_closed:
            raise Closed(CUT)
        self._to_server.put({"type": "websocket.receive", "bytes" if isinstance(message, bytes) else "text": message})
        await anyio.lowlevel.checkpoint()

    async def receive(self) -> str:
        message = await self.next()
        if message["type"] == "websocket.close":
            self.is_closed = True
            self._to_server.put({"type": "websocket.disconnect", "code": message.get("code", 1000)})
            raise Closed(message.get("code", 1000), message.get("reason", ""))
        text = message["text"]
        assert isinstance(text, str)
        return text

    async def next(self) -> dict[str, Any]:
        try:
            return await self._to_app.get()
        except Closed:
            self.is_closed = True
            raise

    async def close(self, code: int) -> None:
        self.drop(code)

    def fade(self) -> None:
        """Gone for the app; the program has not noticed, until `notice`."""
        self.is_closed = True
        self._to_app.end()

    def notice(self) -> None:
        """The program learns of it."""
        self._disconnect(CUT)

    def drop(self, code: int) -> None:
        if not self.is_closed:
            self.is_closed = True
            self._disconnect(code)

    def _disconnect(self, code: int) -> None:
        if not self._to_app.is_closed:
            self._to_server.put({"type": "websocket.disconnect", "code": code})
            self._to_app.close()

    async def serve(self, application: Any, scope: dict[str, Any]) -> None:
        """The far end."""
        self._to_server.put({"type": "websocket.connect"})

        async def send(message: dict[str, Any]) -> None:
            await anyio.lowlevel.checkpoint()
            if self._to_app.is_closed:
                raise OSError("the client has gone")
            self._to_app.put(message)

        try:
            with suppress(OSError):  # a server passes over whoever has gone during the handshake
                await application(scope, self._to_server.get, send)
        finally:
            self._to_app.close()


class InProcess:
    """Opens sockets to a program in this process."""

    def __init__(self, application: Any, tasks: TaskGroup) -> None:
        self.application = application
        self._tasks = tasks
        self._open: set[AsgiLine] = set()
        self._gone = anyio.Event()

    async def open(self, path: str, query: Mapping[str, Any], headers: Mapping[str, str]) -> Line:
        """Raises Refused, or Closed where the program ends meanwhile."""
        line = AsgiLine()
        scope = {
            "type": "websocket",
            "path": path,
            "query_string": address(query).encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            "extensions": {},
        }
        self._tasks.start_soon(self._serve, line, scope)
        try:
            answer = await line.next()
        except anyio.get_cancelled_exc_class():
            line.drop(CUT)
            raise
        if answer["type"] != "websocket.accept":
            raise Refused(answer.get("status", 403))
        return line

    def cut(self) -> None:
        """Every socket ends without a word."""
        for line in tuple(self._open):
            line.drop(CUT)

    async def all_closed(self) -> None:
        """Waits until the program is done with every socket."""
        while self._open:
            await self._gone.wait()

    async def _serve(self, line: AsgiLine, scope: dict[str, Any]) -> None:
        self._open.add(line)
        try:
            await line.serve(self.application, scope)
        finally:
            self._open.discard(line)
            self._gone.set()
            self._gone = anyio.Event()


class NetworkLine:
    """A socket to a server."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    async def send(self, message: bytes | str) -> None:
        try:
            await self._socket.send(message)
        except ConnectionClosed as error:
            raise Closed(self._socket.close_code) from error

    async def receive(self) -> str:
        try:
            return await self._socket.recv(decode=True)  # type: ignore[return-value]
        except ConnectionClosed as error:
            raise Closed(self._socket.close_code, self._socket.close_reason or "") from error

    async def close(self, code: int) -> None:
        if code == CUT:
            self._socket.transport.abort()
        else:
            await self._socket.close(code)


class Network:
    """Opens sockets to a server."""

    def __init__(self, url: str) -> None:
        self._url = url.replace("http", "ws", 1)

    async def open(self, path: str, query: Mapping[str, Any], headers: Mapping[str, str]) -> Line:
        """Raises Refused."""
        try:
            socket = await connect(
                f"{self._url}{path}?{address(query)}", additional_headers=headers, compression=None, open_timeout=30
            )
        except InvalidStatus as error:
            raise Refused(error.response.status_code) from error
        except OSError as error:
            raise Closed(CUT) from error
        return NetworkLine(socket)


@asynccontextmanager
async def in_process(application: Any) -> AsyncIterator[InProcess]:
    """Sockets to a program in this process, which is given time to be done with them."""
    async with anyio.create_task_group() as tasks:
        network = InProcess(application, tasks)
        yield network
        with anyio.move_on_after(PATIENCE):
            await network.all_closed()
        tasks.cancel_scope.cancel()


def address(query: Mapping[str, Any]) -> str:
    return urlencode({name: written(value) for name, value in query.items()})
