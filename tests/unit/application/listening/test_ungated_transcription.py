"""A client may have all its audio heard, also what the gate takes for silence."""

from collections.abc import AsyncIterator

import pytest
from msgspec import structs

from adapters.outbound.voice_activity_detector.fake import (
    FakeVoiceActivityDetector,
    FakeVoiceActivityDetectorSettings,
)
from application.listening.listening_session import ListeningSession
from domain.audio import SAMPLE_RATE
from domain.session import SessionRequest
from tests.support.talk import memories, play, speech, words
from tests.support.world import REQUEST, World

UNGATED = structs.replace(REQUEST, is_gated=False)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """With a detector to which everything is silence."""
    world = World()
    world.listen._detector = FakeVoiceActivityDetector(FakeVoiceActivityDetectorSettings(loudness=40_000.0))
    async with world.running():
        yield world


async def hear(world: World, request: SessionRequest, pcm: bytes) -> ListeningSession:
    async with world.listen.open(request) as session:
        await play(world, session, pcm)
        await session.drain()
    return session


async def test_what_seems_silent_is_heard_where_a_client_wants_it(world: World) -> None:
    session = await hear(world, UNGATED, speech(0, 4) + bytes(24_000))
    assert [w for s in session.conversation.transcript.segments for w in s.text.split()] == words(0, 4)


async def test_it_is_not_where_nobody_asks(world: World) -> None:
    session = await hear(world, REQUEST, speech(0, 4) + bytes(24_000))
    assert session.conversation.transcript.word_count == 0


async def test_the_settings_say_what_is_usual(world: World) -> None:
    world.listen._gate = structs.replace(world.listen._gate, enabled=False)
    assert (await hear(world, REQUEST, speech(0, 4) + bytes(24_000))).conversation.transcript.word_count == 4
    gated = structs.replace(REQUEST, is_gated=True)
    assert (await hear(world, gated, speech(4, 4) + bytes(24_000))).conversation.transcript.word_count == 4


async def test_words_in_a_long_silence_are_told_while_it_lasts(world: World) -> None:
    async with world.listen.open(UNGATED) as session:
        await play(world, session, speech(0, 2) + bytes(12 * SAMPLE_RATE))
        assert session.conversation.transcript.word_count == 2
        await session.drain()


async def test_silence_ends_a_conversation_all_the_same(world: World) -> None:
    world.listen._detector = world.detector
    async with world.listen.open(UNGATED) as session:
        await play(world, session, speech(0, 4) + bytes(2 * SAMPLE_RATE * 125))
        assert await memories(world) == [words(0, 4)]
        assert session.conversation.transcript.word_count == 0


async def test_each_word_is_heard_once_and_in_order(world: World) -> None:
    world.listen._detector = FakeVoiceActivityDetector(FakeVoiceActivityDetectorSettings())
    session = await hear(world, UNGATED, speech(0, 3) + bytes(40_000) + speech(3, 3) + bytes(40_000))
    assert [w for s in session.conversation.transcript.segments for w in s.text.split()] == words(0, 6)
