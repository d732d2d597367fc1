"""A proxy in front of several servers: each new connection goes to the next one that takes it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import anyio
from anyio.abc import ByteStream, SocketAttribute

GONE = (OSError, anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError)
_PIECE = 1 << 16


class RoundRobin:
    """Moves bytes between clients and servers. Knows nothing of what they say."""

    def __init__(self, ports: Sequence[int]) -> None:
        self._ports = tuple(ports)
        self._next = 0
        self.port = 0
        self.taken = dict.fromkeys(ports, 0)
        """Connections that went to each server."""

    @property
    def address(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, client: ByteStream) -> None:
        """One connection, until either side ends it."""
        async with client:
            server = await self._connected()
            if server is None:
                return
            async with server, anyio.create_task_group() as tasks:
                tasks.start_soon(_move, client, server, tasks.cancel_scope)
                tasks.start_soon(_move, server, client, tasks.cancel_scope)

    async def _connected(self) -> ByteStream | None:
        """A connection to the next server, or to the one after it."""
        for _ in self._ports:
            port = self._ports[self._next % len(self._ports)]
            self._next += 1
            with suppress(OSError):
                server = await anyio.connect_tcp("127.0.0.1", port)
                self.taken[port] += 1
                return server
        return None


async def _move(source: ByteStream, target: ByteStream, both: anyio.CancelScope) -> None:
    with suppress(*GONE):
        while True:
            await target.send(await source.receive(_PIECE))
    both.cancel()


@asynccontextmanager
async def round_robin(ports: Sequence[int]) -> AsyncIterator[RoundRobin]:
    """A proxy that is there as long as the context."""
    proxy = RoundRobin(ports)
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener, anyio.create_task_group() as tasks:
        proxy.port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - of a socket
        tasks.start_soon(listener.serve, proxy.serve)
        yield proxy
        tasks.cancel_scope.cancel()
