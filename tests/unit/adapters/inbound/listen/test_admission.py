"""A socket whose token runs out, on a clock set by hand."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import anyio
import pytest

from adapters.inbound.listen.admission import REAUTHENTICATE, UNWELCOME, WELCOME
from adapters.inbound.listen.endpoint import ListenEndpoint
from adapters.outbound.authenticator.fake import FakeAuthenticator
from adapters.outbound.clock.manual import settle
from domain import watermark
from domain.ids import UserId
from tests.support.world import REQUEST, World

LIFETIME = 120
STRANGER = UserId("stranger")
AUTH = '"auth"'
CLOSED = ("websocket.close", 4001)


class Client:
    """The client's side of a handshake and what follows, without a network."""

    def __init__(self, world: World, authenticator: FakeAuthenticator) -> None:
        self.world = world
        self.authenticator = authenticator
        self._to_server, self._incoming = anyio.create_memory_object_stream[dict[str, Any]](10_000)
        self.received: list[dict[str, Any]] = []
        self._to_server.send_nowait({"type": "websocket.connect"})

    def token(self, user: UserId = REQUEST.user, *, seconds: float = LIFETIME) -> str:
        return self.authenticator.issue(user, lifetime=timedelta(seconds=seconds))

    async def run(self) -> None:
        world = self.world
        endpoint = ListenEndpoint(
            listen=world.listen, authenticator=self.authenticator, clock=world.clock, streams=world.streams
        )
        headers = [(b"authorization", f"Bearer {self.token()}".encode())]
        query = b"codec=pcm16&sample_rate=16000"
        scope = {"type": "websocket", "path": "/listen", "query_string": query, "headers": headers}
        await endpoint(scope, self._incoming.receive, self._send)

    async def _send(self, message: dict[str, Any]) -> None:
        self.received.append(message)

    async def say(self, text: str) -> None:
        self._to_server.send_nowait({"type": "websocket.receive", "text": text})
        await settle()

    def speak(self, pcm: bytes) -> None:
        for start in range(0, len(pcm), 640):
            self._to_server.send_nowait({"type": "websocket.receive", "bytes": pcm[start : start + 640]})

    async def renew(self, token: str) -> None:
        await self.say(f'{{"type":"auth","token":"{token}"}}')

    @property
    def texts(self) -> list[str]:
        return [message["text"] for message in self.received if "text" in message and "ping" not in message["text"]]

    @property
    def end(self) -> tuple[str, int | None]:
        return self.received[-1]["type"], self.received[-1].get("code")

    async def aclose(self) -> None:
        await self._to_server.aclose()
        await self._incoming.aclose()


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with connected() as client:
        yield client


@asynccontextmanager
async def connected() -> AsyncIterator[Client]:
    world = World()
    client = Client(world, FakeAuthenticator(clock=world.clock))
    async with world.running(), anyio.create_task_group() as tasks:
        tasks.start_soon(client.run)
        await settle()
        yield client
        tasks.cancel_scope.cancel()
    await client.aclose()


async def test_a_client_is_told_a_minute_before_its_token_runs_out(client: Client) -> None:
    await client.world.clock.advance(LIFETIME - 61)
    assert client.texts == []
    await client.world.clock.advance(2)
    assert client.texts == [REAUTHENTICATE]


async def test_who_brings_no_other_token_is_closed_a_minute_after(client: Client) -> None:
    await client.world.clock.advance(LIFETIME + 59)
    assert client.end != CLOSED
    await client.world.clock.advance(2)
    await settle(200)
    assert client.end == CLOSED


async def test_what_was_said_before_is_told_before_the_close(client: Client) -> None:
    await client.world.clock.advance(LIFETIME + 59)
    client.speak(watermark.speech(0, 2, pause=4_000))
    await settle(200)
    await client.world.clock.advance(2)
    await settle(400)
    assert client.end == CLOSED
    assert watermark.text_of(0) in "".join(client.texts)


async def test_another_token_of_the_same_user_keeps_the_session(client: Client) -> None:
    await client.world.clock.advance(LIFETIME - 30)
    await client.renew(client.token(seconds=LIFETIME))
    assert client.texts == [REAUTHENTICATE, WELCOME]
    await client.world.clock.advance(LIFETIME - 30)
    assert client.end != CLOSED
    await client.world.clock.advance(91)
    await settle(200)
    assert client.end == CLOSED


async def test_a_token_for_good_ends_the_watch(client: Client) -> None:
    await client.renew(client.authenticator.issue(REQUEST.user))
    await client.world.clock.advance(4 * LIFETIME)
    assert client.texts == [WELCOME]


async def test_a_token_of_somebody_else_or_none_renews_nothing(client: Client) -> None:
    for token in (client.token(STRANGER), "nobody", client.token(seconds=-LIFETIME)):
        await client.renew(token)
    assert client.texts == [UNWELCOME] * 3
    await client.world.clock.advance(LIFETIME + 61)
    await settle(200)
    assert client.end == CLOSED


async def test_other_messages_reach_the_session(client: Client) -> None:
    for text in ('{"type":"auth"}', '{"type":"auth","token":1}', '"auth"', "[" * 5_000 + AUTH, "x" * 9_000 + AUTH):
        await client.say(text)
    assert client.texts == []
    client.speak(watermark.speech(0, 1, pause=4_000) + bytes(24_000))
    await settle(200)
    assert watermark.text_of(0) in "".join(client.texts)
