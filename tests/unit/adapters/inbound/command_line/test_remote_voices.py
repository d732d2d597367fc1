"""Profile and people, asked for over HTTP as commands do."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import httpx
import pytest

from adapters.inbound.command_line.remote_voices import RemotePeople, RemoteProfile
from domain.errors import InvalidRequest, Unauthenticated
from ports.errors import Rejected, TemporarilyUnavailable
from tests.support.voice_app import voice_application
from tests.support.voices import VoiceWorld, tone, wav

T = TypeVar("T", RemotePeople, RemoteProfile)
Answer = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def world() -> VoiceWorld:
    return VoiceWorld()


@asynccontextmanager
async def asking(remote: T, transport: Any, *, bearer: str = "token-anna") -> AsyncIterator[T]:
    headers = {"Authorization": f"Bearer {bearer}"}
    remote._client = httpx.AsyncClient(transport=transport, base_url="http://omi.test", headers=headers)
    async with remote:
        yield remote


def profile(world: VoiceWorld, **more: str):
    remote = RemoteProfile("http://omi.test", token="")
    return asking(remote, httpx.ASGITransport(voice_application(world)), **more)


def people(world: VoiceWorld):
    return asking(RemotePeople("http://omi.test", token=""), httpx.ASGITransport(voice_application(world)))


async def test_a_profile_is_uploaded_shown_and_deleted(world: VoiceWorld) -> None:
    async with profile(world) as remote:
        assert await remote.voices() == []
        made = await remote.upload(wav(tone(9)), name="voice.wav")
        assert (made.speakers, made.warning) == (1, "")
        assert {voice.source for voice in await remote.voices()} == {"enrollment"}
        await remote.delete()
        assert await remote.voices() == []


async def test_what_is_wrong_with_a_recording_is_told_in_the_servers_words(world: VoiceWorld) -> None:
    async with profile(world) as remote:
        with pytest.raises(InvalidRequest, match="Audio is too short"):
            await remote.upload(wav(tone(3)), name="voice.wav")
        with pytest.raises(InvalidRequest, match="not a recording"):
            await remote.upload(b"words, and no sound", name="voice.wav")


async def test_people_are_added_listed_renamed_merged_and_deleted(world: VoiceWorld) -> None:
    async with people(world) as remote:
        bert, cleo = await remote.add("Bert"), await remote.add("Cleo")
        await remote.rename(bert.id, "Berta & Söhne?")
        assert [person.name for person in await remote.list()] == ["Berta & Söhne?", "Cleo"]
        await remote.merge(cleo.id, into=bert.id)
        assert [person.id for person in await remote.list()] == [bert.id]
        await remote.delete(bert.id)
        assert await remote.list() == []
        with pytest.raises(InvalidRequest, match="Person not found"):
            await remote.delete("nobody")


async def test_a_wrong_token_is_told(world: VoiceWorld) -> None:
    async with profile(world, bearer="wrong") as remote:
        with pytest.raises(Unauthenticated, match="omi token"):
            await remote.voices()


def lost(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no route", request=request)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (lost, TemporarilyUnavailable),
        (lambda _: httpx.Response(503), TemporarilyUnavailable),
        (lambda _: httpx.Response(422, content=b"<html>"), InvalidRequest),
        (lambda _: httpx.Response(200, content=b"<html>"), Rejected),
    ],
)
async def test_a_server_that_answers_otherwise_is_told(answer: Answer, error: type[Exception]) -> None:
    remote = RemoteProfile("http://omi.test", token="")
    async with asking(remote, httpx.MockTransport(answer)):
        with pytest.raises(error):
            await remote.voices()
