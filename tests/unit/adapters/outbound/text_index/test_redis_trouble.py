"""Servers whose text indexes follow each other, with something missing: a disk, Redis, memories."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest
from redis.asyncio import Redis

from adapters.outbound.text_index.redis_changes import KEPT
from domain.ids import MemoryId
from ports.errors import TemporarilyUnavailable
from tests.support.memories import a_memory, a_segment
from tests.support.redis_server import redis_server
from tests.support.text_servers import ANN, World, found, settled


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with redis_server(tmp_path) as redis:
        yield World(tmp_path, redis)


async def test_a_server_with_an_empty_disk_finds_everything_again(world: World) -> None:
    async with world.server("one") as one:
        for name in ("trip", "work"):
            await world.remember(one, ANN, name, "the train")
        await world.memories.save(ANN, a_memory("odd", segments=(a_segment("a train"),), discarded=True))
    shutil.rmtree(world.folder / "one")
    async with world.server("one") as one:
        assert await found(one, ANN, "train") == {"trip", "work"}


async def test_a_server_that_is_restarted_goes_on_where_it_was(world: World) -> None:
    async with world.server("one") as one, world.server("two") as two:
        await world.remember(one, ANN, "trip", "the train")
        assert await found(two, ANN, "train") == {"trip"}
    world.memories.start_over()
    async with world.server("two") as two:
        assert await found(two, ANN, "train") == {"trip"}
        assert (world.memories.pages, world.memories.reads) == (0, [])


async def test_memories_from_before_there_was_a_log_are_found(world: World) -> None:
    await world.memories.save(ANN, a_memory("old", segments=(a_segment("the train"),)))
    async with world.server("one") as one:
        assert await found(one, ANN, "train") == {"old"}


async def test_a_redis_that_lost_its_memory_loses_nothing_else(world: World) -> None:
    async with world.server("one") as one, world.server("two") as two:
        for name in ("trip", "work"):
            await world.remember(one, ANN, name, "the train")
        assert len(await found(two, ANN, "train")) == 2
        async with Redis.from_url(world.redis.url) as client:
            await client.flushall()
        await world.memories.delete(ANN, MemoryId("trip"))
        await world.remember(one, ANN, "more", "the train")
        assert await found(one, ANN, "train") == await found(two, ANN, "train") == {"work", "more"}
        await world.forget(one, ANN, "more")
        await settled(two, ANN, "work")


async def test_what_is_deleted_after_redis_lost_its_memory_goes_though_nobody_asks(world: World) -> None:
    async with world.server("one") as one, world.server("two") as two:
        for name in ("trip", "work", "rest"):
            await world.remember(one, ANN, name, "the train")
        assert len(await found(two, ANN, "train")) == 3
        await world.forget(one, ANN, "trip")
        await world.forget(one, ANN, "work")
        await settled(two, ANN, "rest")
        async with Redis.from_url(world.redis.url) as client:
            await client.flushall()
        await world.forget(one, ANN, "rest")
        await settled(two, ANN)


async def test_a_thousand_memories_are_found_newest_first_and_nobody_waits_for_the_last(world: World) -> None:
    for number in range(1_000):
        text = f"the train number{number}"
        await world.memories.save(ANN, a_memory(str(number), minute=number, segments=(a_segment(text),)))
    world.memories.may_go_on = anyio.Event()
    async with world.server("new", patience=1.0) as new:
        began = anyio.current_time()
        async with anyio.create_task_group() as tasks:
            for _ in range(5):
                tasks.start_soon(found, new, ANN, "train")
        assert anyio.current_time() - began > 0.9
        began = anyio.current_time()
        assert await found(new, ANN, "number999 number0") == {"999"}
        assert anyio.current_time() - began < 0.9  # the wait is over for everybody
        world.memories.may_go_on.set()
        with anyio.fail_after(30):
            while len(await new._local.memories(ANN)) < 1_000:
                await anyio.sleep(0.05)
        assert await found(new, ANN, "number999 number0") == {"999", "0"}
        assert world.memories.pages == 10  # many asked, it was built once


async def test_while_redis_is_away_there_are_answers_and_nothing_is_taken_for_noted(world: World) -> None:
    async with world.server("one") as one, world.server("two") as two:
        await world.remember(one, ANN, "trip", "the train")
        world.redis.kill()
        assert await found(one, ANN, "train") == {"trip"}
        with pytest.raises(TemporarilyUnavailable):
            await world.remember(one, ANN, "work", "the train")
        with pytest.raises(TemporarilyUnavailable):
            await one.delete(ANN, MemoryId("trip"))
        with pytest.raises(TemporarilyUnavailable):
            await one.clear(ANN)
        await world.redis.start()
        await world.remember(one, ANN, "work", "the train")
        await world.forget(one, ANN, "trip")
        assert await found(two, ANN, "train") == {"work"}


async def test_a_redis_that_says_nothing_delays_one_search_alone(world: World) -> None:
    async with world.server("one", patience=0.2) as one:
        await world.remember(one, ANN, "trip", "the train")
        world.redis.freeze()
        began = anyio.current_time()
        for _ in range(5):
            assert await found(one, ANN, "train") == {"trip"}
        assert anyio.current_time() - began < 0.9
        world.redis.thaw()


async def test_while_the_memories_are_away_there_are_answers(world: World) -> None:
    async with world.server("one") as one, world.server("two") as two:
        await world.remember(one, ANN, "trip", "the train")
        assert await found(two, ANN, "train") == {"trip"}
        world.memories.is_away = True
        await world.remember(one, ANN, "work", "the train")
        assert await found(two, ANN, "train") == {"trip"}
        world.memories.is_away = False
        two._resting.clear()  # as if time had passed
        assert await found(two, ANN, "train") == {"trip", "work"}


async def test_a_memory_that_cannot_be_read_holds_back_no_other(world: World) -> None:
    async with world.server("one") as one, world.server("two") as two:
        await world.remember(one, ANN, "trip", "the train")
        assert await found(two, ANN, "train") == {"trip"}
        world.memories.broken = {MemoryId("work")}
        for name in ("work", "rest", "more"):
            await world.remember(one, ANN, name, "the train")
        await world.forget(one, ANN, "trip")
        assert await found(two, ANN, "train") == {"rest", "more"}
        world.memories.broken = set()
        two._resting.clear()  # as if time had passed
        assert await found(two, ANN, "train") == {"work", "rest", "more"}


async def test_a_server_that_was_away_for_longer_than_deletions_are_remembered_misses_none(world: World) -> None:
    async with world.server("one") as one:
        async with world.server("two") as two:
            for name in ("trip", "work"):
                await world.remember(two, ANN, name, "the train")
            assert await found(two, ANN, "train") == {"trip", "work"}
        await world.forget(one, ANN, "trip")
        async with Redis.from_url(world.redis.url) as client:
            for key in [key for key in await client.keys("*") if key.endswith(b":gone")]:
                await client.zincrby(key, -KEPT - 1, "trip")
            await world.remember(one, ANN, "more", "the train")
            assert not [key for key in await client.keys("*") if key.endswith(b":gone")]
        async with world.server("two") as two:
            assert await found(two, ANN, "train") == {"work", "more"}


async def test_nobody_waits_for_a_log_that_is_gone(world: World) -> None:
    async with world.server("one") as one, world.server("two") as two:
        await world.remember(one, ANN, "trip", "the train")
        head = await two._changes.look(ANN)
        await one.clear(ANN)
        with anyio.fail_after(2):
            assert await two._reach(ANN, head, patience=float("inf"))


async def test_the_log_grows_with_the_memories_and_not_with_their_changes(world: World) -> None:
    async with world.server("one") as one:
        for number in range(20):
            await world.remember(one, ANN, "trip", f"the train {number}")
        async with Redis.from_url(world.redis.url) as client:
            [log] = [key for key in await client.keys("*") if key.endswith(b":log")]
            assert await client.zcard(log) == 1


async def test_two_processes_at_the_same_files_end_with_what_is_newest(world: World) -> None:
    async with world.server("same") as one, world.server("same") as two, world.server("other") as other:
        for number in range(10):
            await world.remember(other, ANN, "trip", f"the train number{number}")
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(found, one, ANN, "train")
                tasks.start_soon(found, two, ANN, "train")
        for index in (one, two):
            assert await found(index, ANN, "number9") == {"trip"}
            assert await found(index, ANN, "number8") == set()
