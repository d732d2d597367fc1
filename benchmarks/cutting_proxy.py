"""A network that cuts connections, each after a number of bytes that is known beforehand."""

import random
import socket
import struct
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from enum import StrEnum

import anyio
from anyio.abc import SocketAttribute, SocketStream
from msgspec import Struct

PIECE = 65_536
_RESET = struct.pack("ii", 1, 0)
"""Linger for no time: closing sends a reset, and what was not sent yet is thrown away."""


class Direction(StrEnum):
    """Which bytes are counted."""

    UP = "up"
    """From the client."""
    DOWN = "down"
    """To the client."""


class Way(StrEnum):
    """How a connection ends."""

    CLOSED = "closed"
    RESET = "reset"
    SILENT = "silent"
    """The server is not told: to it, the connection seems to go on."""


class Cut(Struct, frozen=True):
    """What happens to a connection."""

    direction: Direction
    after: int
    """Bytes that pass."""
    way: Way


def random_cuts(count: int, *, seed: int, most_up: int, most_down: int) -> Iterator[Cut]:
    """Cuts at random bytes; some in the handshake and in the first messages, where bytes are few."""
    chance = random.Random(seed)
    for _ in range(count):
        direction = chance.choice(tuple(Direction))
        most = most_up if direction is Direction.UP else most_down
        after = chance.randrange(900) if chance.random() < 0.2 else chance.randrange(most)
        yield Cut(direction, after, chance.choice(tuple(Way)))


class CuttingProxy:
    """Passes bytes on to a port of this machine, one cut for each connection while there are any."""

    def __init__(self, port: int, cuts: Iterable[Cut]) -> None:
        self.port = 0
        """Where it listens; known in `running`."""
        self.made: list[Cut] = []
        """Cuts that came to be."""
        self.exhausted = anyio.Event()
        """Set when every cut was made."""
        self._target = port
        self._cuts = iter(cuts)
        self._silent: list[SocketStream] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator["CuttingProxy"]:
        """Listens on a port of its own."""
        async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
            self.port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - of a socket, not of Django
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(listener.serve, self._serve)
                yield self
                tasks.cancel_scope.cancel()
            for left in self._silent:
                await left.aclose()

    async def _serve(self, client: SocketStream) -> None:
        cut = next(self._cuts, None)
        if cut is None:
            self.exhausted.set()
        async with client:
            try:
                server = await anyio.connect_tcp("127.0.0.1", self._target)
            except OSError:  # it was killed, and is not back yet
                return
            try:
                async with anyio.create_task_group() as tasks:
                    for direction, source, sink in ((Direction.UP, client, server), (Direction.DOWN, server, client)):
                        most = cut.after if cut is not None and cut.direction is direction else None
                        tasks.start_soon(_pass, source, sink, most, tasks.cancel_scope)
            finally:
                await self._end(client, server, cut)

    async def _end(self, client: SocketStream, server: SocketStream, cut: Cut | None) -> None:
        if cut is not None:
            self.made.append(cut)
        if cut is not None and cut.way is Way.SILENT:
            self._silent.append(server)
            return
        if cut is not None and cut.way is Way.RESET:
            for stream in (client, server):
                raw: socket.socket = stream.extra(SocketAttribute.raw_socket)  # noqa: S610 - likewise
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        with anyio.CancelScope(shield=True):
            await server.aclose()


async def _pass(source: SocketStream, sink: SocketStream, most: int | None, ends: anyio.CancelScope) -> None:
    """Passes bytes on until there are no more, or so many have passed; then all of the connection ends."""
    left = most
    try:
        while left is None or left > 0:
            piece = await source.receive(PIECE if left is None else min(left, PIECE))
            await sink.send(piece)
            left = None if left is None else left - len(piece)
    except (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError):
        pass
    ends.cancel()
