"""Conversations that go on at another server: shown, and ended, from this one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest

from domain.errors import MemoryNotFound
from domain.ids import MemoryId
from domain.memory import Memory, MemoryStatus
from ports.errors import TemporarilyUnavailable
from ports.memory_repository import MemoryQuery
from tests.support.talk import play, said, speech, words
from tests.support.world import ANNA, REQUEST, World


@asynccontextmanager
async def two_servers() -> AsyncIterator[tuple[World, World]]:
    world = World()
    async with world.running() as one, world.beside().running() as two:
        yield one, two


async def test_what_is_said_at_one_server_is_shown_by_the_other() -> None:
    async with two_servers() as (one, two), one.listen.open(REQUEST) as session:
        await play(one, session, speech(0, 5))
        [memory] = await two.in_progress.of(ANNA)
        assert (memory.id, memory.status) == (session.conversation.id, MemoryStatus.IN_PROGRESS)
        assert said(memory) == said((await one.in_progress.of(ANNA))[0]) == words(0, 5)


async def test_a_conversation_in_which_nothing_was_said_is_shown_nowhere() -> None:
    async with two_servers() as (one, two), one.listen.open(REQUEST) as session:
        await play(one, session, bytes(64_000))
        assert await two.in_progress.of(ANNA) == ()
        with pytest.raises(MemoryNotFound):
            await two.in_progress.process(ANNA)


async def test_a_conversation_that_is_heard_at_one_server_is_ended_from_the_other() -> None:
    async with two_servers() as (one, two), one.listen.open(REQUEST) as session:
        await play(one, session, speech(0, 3) + bytes(24_000))
        with anyio.fail_after(5):
            memory = await two.in_progress.process(ANNA)
        assert said(memory) == words(0, 3)
        assert memory.status is MemoryStatus.COMPLETED


async def test_a_conversation_that_rests_at_one_server_is_ended_by_the_other() -> None:
    async with two_servers() as (one, two):
        async with one.listen.open(REQUEST) as session:
            await play(one, session, speech(0, 3) + bytes(24_000))
            await session.drain()
        found: list[Memory] = []

        async def end() -> None:
            found.append(await two.in_progress.process(ANNA))

        with anyio.fail_after(5):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(end)
                while not found:
                    await anyio.sleep(0.05)
                    await two.clock.advance(1)
        assert said(found[0]) == words(0, 3)
        assert one.conversations.open == two.conversations.open == ()


async def test_a_conversation_that_is_heard_at_one_server_is_thrown_away_from_the_other() -> None:
    async with two_servers() as (one, two), one.listen.open(REQUEST) as session:
        await play(one, session, speech(0, 3) + bytes(24_000))
        first = session.conversation.id
        with anyio.fail_after(5):
            await two.in_progress.clear(ANNA)
        assert session.conversation.id != first
        assert await two.in_progress.of(ANNA) == ()
        assert not (await one.memories.page(ANNA, MemoryQuery())).memories


async def test_what_nobody_ends_is_not_thrown_away() -> None:
    async with two_servers() as (one, two), one.listen.open(REQUEST) as session:
        await play(one, session, speech(0, 3) + bytes(24_000))
        with pytest.raises(TemporarilyUnavailable):
            await two.in_progress.clear(ANNA, patience=0)
        assert not await two.deleted.has(ANNA, MemoryId(session.conversation.id))
