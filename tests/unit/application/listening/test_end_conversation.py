"""A user ends a conversation, whatever is going on in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest

from adapters.outbound.voice_activity_detector.fake import (
    FakeVoiceActivityDetector,
    FakeVoiceActivityDetectorSettings,
    FakeVoiceActivityStream,
)
from domain import watermark
from domain.session import MemoryFailed
from tests.support.world import REQUEST, World
from tests.unit.application.listening.test_listen import be_silent, memories, play, said, told, words


class BusyStream(FakeVoiceActivityStream):
    """Judges later."""

    def __init__(self, *, is_free: anyio.Event) -> None:
        super().__init__(loudness=300.0)
        self._is_free = is_free

    async def judge(self) -> tuple[float, ...]:
        await self._is_free.wait()
        return await super().judge()


class BusyDetector(FakeVoiceActivityDetector):
    """Judges nothing until it is free."""

    def __init__(self) -> None:
        super().__init__(FakeVoiceActivityDetectorSettings())
        self.is_free = anyio.Event()

    @asynccontextmanager
    async def open_stream(self) -> AsyncIterator[FakeVoiceActivityStream]:
        yield BusyStream(is_free=self.is_free)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World().running() as world:
        yield world


async def test_what_is_being_said_at_the_end_belongs_to_it(world: World) -> None:
    async with world.listen.open(REQUEST) as session:
        await play(world, session, watermark.speech(0, 5, pause=0))
        with anyio.fail_after(4):  # nobody waits for a silence that does not come
            await session.end_conversation()
        [memory] = await memories(world)
        assert said(memory) == words(0, 5)


async def test_what_is_said_afterwards_belongs_to_the_next(world: World) -> None:
    async with world.listen.open(REQUEST) as session:
        await play(world, session, watermark.speech(0, 5, pause=0))
        await session.end_conversation()
        await play(world, session, watermark.speech(5, 5, pause=0))
        await session.end_conversation()
        later, earlier = await memories(world)
        assert (said(earlier), said(later)) == (words(0, 5), words(5, 5))


async def test_where_nothing_was_said_the_client_is_told_that_no_memory_comes(world: World) -> None:
    async with world.listen.open(REQUEST) as session:
        await be_silent(world, session, 3)
        ended = session.conversation.id
        await session.end_conversation()
        assert MemoryFailed(ended, "nothing was said") in told(session)


async def test_audio_that_was_not_judged_yet_is_not_taken_for_silence(world: World) -> None:
    detector = world.detector = BusyDetector()
    world.listen._detector = detector
    async with world.listen.open(REQUEST) as session:
        session.accept(bytes(130 * 32_000) + watermark.speech(0, 5, pause=0) + bytes(32_000))
        conversation = session.conversation
        await world.clock.advance(3)
        detector.is_free.set()
        await session.end_conversation()
        [memory] = await memories(world)
        assert memory.id == conversation.id
        assert said(memory) == words(0, 5)
