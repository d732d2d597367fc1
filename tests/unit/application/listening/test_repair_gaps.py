"""Nobody can hear for a while: the memory is made without those words, and completed when somebody can."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.outbound.clock.manual import settle
from adapters.outbound.speech_to_text.failover.failover import FailoverSpeechToText
from adapters.outbound.speech_to_text.fake import FakeSpeechToText
from domain import watermark
from domain.memory import Memory
from ports.errors import TemporarilyUnavailable
from ports.memory_repository import MemoryQuery
from ports.speech_to_text import Terms, TranscriptionRequest, TranscriptionStream
from tests.support.talk import said, words
from tests.support.world import ANNA, PACKET_BYTES, REQUEST, World


class Vendor:
    """Works, and can be taken away."""

    name = "vendor"
    terms = Terms(patience=1.0)

    def __init__(self) -> None:
        self.is_there = True

    def supports(self, language: str) -> bool:
        return bool(language)

    @asynccontextmanager
    async def open_stream(self, request: TranscriptionRequest) -> AsyncIterator[TranscriptionStream]:
        if not self.is_there:
            raise TemporarilyUnavailable("no route")
        async with FakeSpeechToText().open_stream(request) as stream:
            yield stream


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


@pytest.fixture
async def world(vendor: Vendor) -> AsyncIterator[World]:
    world = World()
    world = World(recognizer=FailoverSpeechToText([vendor], clock=world.clock), former=world)
    async with world.running() as world:
        yield world


async def say(world: World, first: int, count: int) -> None:
    pcm = watermark.speech(first, count, pause=4_000) + bytes(32_000)
    async with world.listen.open(REQUEST) as session:
        for start in range(0, len(pcm), PACKET_BYTES):
            session.accept(pcm[start : start + PACKET_BYTES])
            if start % (25 * PACKET_BYTES) == 0:
                await world.clock.advance(0.5)
        await settle(200)
        session.stop()
        await settle(200)


async def pass_time(world: World, minutes: int) -> None:
    for _ in range(minutes * 4):
        await world.clock.advance(15)
        await settle(50)


async def the_memory(world: World) -> Memory:
    await settle(400)
    [memory] = (await world.memories.page(ANNA, MemoryQuery())).memories
    return memory


async def test_a_memory_does_not_wait_for_ever_and_is_completed_later(world: World, vendor: Vendor) -> None:
    await say(world, 0, 4)
    vendor.is_there = False
    await say(world, 4, 4)
    await pass_time(world, 16)
    made = await the_memory(world)
    assert said(made) == words(0, 4)
    assert made.coverage is not None
    assert [gap.reason for gap in made.coverage.gaps]
    assert await world.journal.conversations() == (made.id,)

    vendor.is_there = True
    await pass_time(world, 90)
    completed = await the_memory(world)
    assert said(completed) == words(0, 8)
    assert completed.coverage is not None
    assert completed.coverage.gaps == ()
    assert await world.journal.conversations() == ()


async def test_a_conversation_of_which_nobody_heard_anything_waits(world: World, vendor: Vendor) -> None:
    vendor.is_there = False
    await say(world, 0, 4)
    await pass_time(world, 30)
    assert (await world.memories.page(ANNA, MemoryQuery())).memories == ()
    vendor.is_there = True
    await pass_time(world, 45)
    assert said(await the_memory(world)) == words(0, 4)
