"""One socket, told message by message, on a clock set by hand."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio

from adapters.inbound.listen.connection import Connection
from adapters.inbound.listen.generations import GENERATIONS
from adapters.outbound.clock.manual import settle
from domain import watermark
from tests.support.world import REQUEST, World


class Socket:
    """The client's side, without a network."""

    def __init__(self) -> None:
        self._to_server, self.receive_stream = anyio.create_memory_object_stream[dict[str, Any]](10_000)
        self.received: list[dict[str, Any]] = []
        self.is_gone = False

    async def receive(self) -> dict[str, Any]:
        return await self.receive_stream.receive()

    async def send(self, message: dict[str, Any]) -> None:
        if self.is_gone:
            raise OSError("the client has gone")
        self.received.append(message)

    def say(self, pcm: bytes) -> None:
        for start in range(0, len(pcm), 640):
            self._to_server.send_nowait({"type": "websocket.receive", "bytes": pcm[start : start + 640]})

    def leave(self) -> None:
        self.is_gone = True
        self._to_server.send_nowait({"type": "websocket.disconnect", "code": 1000})

    @property
    def texts(self) -> list[str]:
        return [message["text"] for message in self.received if "text" in message]

    async def aclose(self) -> None:
        await self._to_server.aclose()
        await self.receive_stream.aclose()


@asynccontextmanager
async def connected(world: World, *, longest: float = 0.0) -> AsyncIterator[tuple[Socket, Connection]]:
    socket = Socket()
    async with world.running(), world.listen.open(REQUEST) as session, anyio.create_task_group() as tasks:
        connection = Connection(
            session,
            receive=socket.receive,
            send=socket.send,
            clock=world.clock,
            generation=GENERATIONS["/listen"],
            longest=longest,
        )
        tasks.start_soon(connection.run)
        await settle()
        yield socket, connection
        tasks.cancel_scope.cancel()
    await socket.aclose()


async def test_the_heart_beats_every_half_minute() -> None:
    world = World()
    async with connected(world) as (socket, _):
        await world.clock.advance(GENERATIONS["/listen"].heartbeat - 1)
        assert socket.texts == []
        await world.clock.advance(1)
        assert socket.texts == ['{"type":"ping"}']
        await world.clock.advance(GENERATIONS["/listen"].heartbeat)
        assert len(socket.texts) == 2


async def test_the_last_words_come_before_the_close_when_the_server_stops() -> None:
    world = World()
    async with connected(world) as (socket, connection):
        socket.say(watermark.speech(0, 2, pause=4_000)[: -2 * (4_000 + 1_200)])  # breaks off in the second word
        await settle(200)
        connection.go_away()
        with anyio.fail_after(5):
            while socket.received[-1]["type"] != "websocket.close":
                await anyio.sleep(0.01)
        assert "word1" in socket.texts[-1]
        assert socket.received[-1]["code"] == 1012


async def test_what_a_client_sent_last_is_heard_though_it_has_gone() -> None:
    world = World()
    async with connected(world) as (socket, _):
        socket.say(watermark.speech(0, 2, pause=4_000)[: -2 * (4_000 + 1_200)])
        socket.leave()
        [live] = world.conversations.open
        with anyio.fail_after(5):
            while live.transcript.word_count < 2:
                await anyio.sleep(0.01)


async def test_a_newer_connection_takes_over_from_one_that_hangs() -> None:
    world = World()
    async with connected(world) as (socket, _):
        socket.say(watermark.word(0))
        await settle(200)
        await world.clock.advance(5)
        async with world.listen.open(REQUEST):
            await settle(200)
        assert socket.received[-1]["code"] == 4409


async def closed(socket: Socket) -> int:
    with anyio.fail_after(5):
        while socket.received[-1]["type"] != "websocket.close":
            await anyio.sleep(0.01)
    code: int = socket.received[-1]["code"]
    return code


async def test_a_socket_whose_time_ends_is_closed_in_a_pause_before() -> None:
    world = World()
    async with connected(world, longest=600) as (socket, _):
        await world.clock.advance(539)
        assert all(message["type"] != "websocket.close" for message in socket.received)
        await world.clock.advance(2)
        assert await closed(socket) == 1012


async def test_a_socket_whose_time_ends_lets_the_speaker_finish() -> None:
    world = World()
    async with connected(world, longest=600) as (socket, _):
        await world.clock.advance(537)
        for number in range(10):
            socket.say(watermark.word(number) * 5)
            await settle(200)
            await world.clock.advance(1)
        assert all(message["type"] != "websocket.close" for message in socket.received)
        await world.clock.advance(60)
        assert await closed(socket) == 1012
