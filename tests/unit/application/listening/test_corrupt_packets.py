"""What could not be decoded is counted for each conversation, whatever crashes."""

from collections.abc import AsyncIterator

import pytest

from adapters.outbound.audio_decoder.fake import CORRUPT
from adapters.outbound.clock.manual import settle
from application.listening.listening_session import ListeningSession
from domain.coverage import Coverage
from ports.memory_repository import MemoryQuery
from tests.support.talk import memories, play, speech, words
from tests.support.world import ANNA, REQUEST, World

TAIL = bytes(25_600)
CONCEALED = 320
"""Samples in place of one: a packet has 20 ms."""


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World().running() as world:
        yield world


async def rubbish(world: World, session: ListeningSession, count: int) -> None:
    await play(world, session, TAIL)
    for _ in range(count):
        session.accept(CORRUPT)
    await play(world, session, TAIL)


async def coverages(world: World) -> list[tuple[int, int]]:
    await memories(world)
    page = await world.memories.page(ANNA, MemoryQuery())
    kept = sorted(page.memories, key=lambda memory: memory.started_at or memory.created_at)
    return [counts(memory.coverage or Coverage()) for memory in kept]


def counts(coverage: Coverage) -> tuple[int, int]:
    return coverage.corrupt_packets, coverage.concealed


async def pass_by(world: World, seconds: int) -> None:
    for _ in range(seconds // 20):
        await world.clock.advance(20)


async def test_each_conversation_tells_its_own(world: World) -> None:
    async with world.listen.open(REQUEST) as session:
        await play(world, session, speech(0, 3))
        await rubbish(world, session, 3)
        await session.end_conversation()
        await play(world, session, speech(3, 3))
        await rubbish(world, session, 2)
        await session.drain()
    await pass_by(world, 140)
    assert await coverages(world) == [(3, 3 * CONCEALED), (2, 2 * CONCEALED)]


async def test_a_conversation_that_goes_on_tells_them_within_a_second(world: World) -> None:
    async with world.listen.open(REQUEST) as session:
        await rubbish(world, session, 3)
        await world.clock.advance(1)
        assert counts(session.conversation.coverage()) == (3, 3 * CONCEALED)


async def test_a_crash_forgets_none_and_counts_none_twice(world: World) -> None:
    async with world.listen.open(REQUEST) as session:
        await play(world, session, speech(0, 3))
        await rubbish(world, session, 3)
        await world.clock.advance(2)
        after = world.restarted()
    async with after.running():
        await settle(200)
        async with after.listen.open(REQUEST) as session:
            await play(after, session, speech(3, 3))
            await rubbish(after, session, 2)
            await session.drain()
        again = after.restarted()
    async with again.running():
        await settle(200)
        await pass_by(again, 140)
        assert await memories(again) == [words(0, 6)]
        assert await coverages(again) == [(5, 5 * CONCEALED)]
