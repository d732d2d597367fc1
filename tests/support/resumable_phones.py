"""Phones that resume their sessions, and a server without a network, on a clock set by hand."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio

from adapters.inbound.listen.generations import GENERATIONS
from adapters.inbound.listen.resumable.sessions import ResumableClient, ResumableSessions
from adapters.inbound.listen.resumable.wire import HEADER
from adapters.outbound.clock.manual import settle
from domain import watermark
from domain.errors import InvalidRequest
from domain.session import SessionRequest
from ports.errors import TemporarilyUnavailable
from tests.support.world import REQUEST, World

PACKET = 320
"""Samples: 20 ms."""
WORDS = watermark.speech(0, 3, pause=4_000)
TAIL = bytes(2 * 24_000)


class Phone:
    """The client's side of one socket, without a network."""

    def __init__(self, sessions: ResumableSessions, *, request: SessionRequest = REQUEST, path: str) -> None:
        self._to_server, self._receive = anyio.create_memory_object_stream[dict[str, Any]](10_000)
        self._sessions = sessions
        self._request = request
        self._generation = GENERATIONS[path]
        self.received: list[dict[str, Any]] = []
        self.failure: Exception | None = None

    async def serve(self) -> None:
        client = ResumableClient(self._receive.receive, self._send, self._generation, None)
        try:
            await self._sessions.serve(self._request, client)
        except (InvalidRequest, TemporarilyUnavailable) as error:
            self.failure = error

    async def _send(self, message: dict[str, Any]) -> None:
        self.received.append(message)

    def text(self, text: str) -> None:
        self._to_server.send_nowait({"type": "websocket.receive", "text": text})

    def send(self, pcm: bytes, *, position: int) -> int:
        """Sends packets; gives the position behind them."""
        for start in range(0, len(pcm), 2 * PACKET):
            piece = pcm[start : start + 2 * PACKET]
            self._to_server.send_nowait({"type": "websocket.receive", "bytes": HEADER.pack(position) + piece})
            position += len(piece) // 2
        return position

    def packet(self, packet: bytes, *, position: int) -> None:
        self._to_server.send_nowait({"type": "websocket.receive", "bytes": HEADER.pack(position) + packet})

    def leave(self) -> None:
        self._to_server.send_nowait({"type": "websocket.disconnect", "code": 1006})

    def close(self) -> None:
        self._to_server.close()
        self._receive.close()

    def told(self, kind: str) -> list[dict[str, Any]]:
        texts = [message["text"] for message in self.received if "text" in message]
        return [message for message in map(json.loads, texts) if message["type"] == kind]

    @property
    def words(self) -> list[str]:
        arrays = [event["message"] for event in self.told("event") if isinstance(event["message"], list)]
        return [word for array in arrays for segment in array for word in segment["text"].split()]

    @property
    def code(self) -> int | None:
        return next((message["code"] for message in self.received if message["type"] == "websocket.close"), None)


class Scene:
    """A server without a network, and phones that connect to it."""

    def __init__(self, world: World, *, longest_socket: float) -> None:
        self.world = world
        self.sessions = ResumableSessions(
            world.listen, streams=world.streams, clock=world.clock, longest_socket=longest_socket
        )
        self.phones: list[Phone] = []
        self.connect: Callable[[Phone], None]

    async def phone(
        self, *, request: SessionRequest = REQUEST, path: str = "/listen", now: int = 0, position: int = 0, **said: Any
    ) -> Phone:
        phone = Phone(self.sessions, request=request, path=path)
        self.phones.append(phone)
        said = {"type": "resume", "stream": "capture", "position": position, "now": now} | said
        phone.text(json.dumps(said))
        self.connect(phone)
        await settle(100)
        return phone

    async def again(self, former: Phone, *, last_event: int = 0, **more: Any) -> Phone:
        """Comes back to the session of another socket."""
        [session] = former.told("session")
        return await self.phone(token=session["token"], last_event=last_event, **more)


@asynccontextmanager
async def a_scene(world: World | None = None, *, longest_socket: float = 0.0) -> AsyncIterator[Scene]:
    world = world or World()
    scene = Scene(world, longest_socket=longest_socket)
    try:
        async with world.running(), anyio.create_task_group() as tasks:
            scene.connect = lambda phone: tasks.start_soon(phone.serve)
            yield scene
            tasks.cancel_scope.cancel()
    finally:
        for phone in scene.phones:
            phone.close()


async def until(condition: Callable[[], Any]) -> None:
    with anyio.fail_after(5):
        while not condition():
            await anyio.sleep(0.01)
