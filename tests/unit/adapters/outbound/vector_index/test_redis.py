"""Servers that have meanings to search in common."""

from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import anyio
import numpy as np
import pytest
from redis.asyncio import Redis

from adapters.outbound.vault.sealed_value import MAGIC
from adapters.outbound.vector_index.redis import RedisVectorIndex, RedisVectorIndexSettings
from domain.embedding import Embedding, normalized
from domain.ids import MemoryId, UserId
from ports.diagnosis import Condition
from ports.errors import TemporarilyUnavailable
from ports.sealing_again import Resealed, SealsAgain
from ports.vector_index import VectorEntry
from tests.support.redis_server import RedisServer, redis_server
from tests.support.vaults import a_vault

ANN, BOB = UserId("ann"), UserId("bob")
SPACE = "model-4"
NORTH = normalized(array("f", [1.0, 0.0, 0.0, 0.0]))
SOON = 0.05


class World:
    """Servers around one Redis, with the same keys."""

    def __init__(self, folder: Path, redis: RedisServer) -> None:
        self._folder = folder
        self.redis = redis

    @asynccontextmanager
    async def server(
        self, *, forgets_every: float = 60.0, cache_bytes: int = 1 << 20
    ) -> AsyncIterator[RedisVectorIndex]:
        settings = RedisVectorIndexSettings(
            url=self.redis.url, timeout=0.5, retries=0, forgets_every=forgets_every, cache_bytes=cache_bytes
        )
        async with a_vault(self._folder / "keys") as vault, RedisVectorIndex(settings=settings, vault=vault) as index:
            yield index


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with redis_server(tmp_path) as redis:
        yield World(tmp_path, redis)


async def remember(index: RedisVectorIndex, user: UserId, *names: str, count: int = 1) -> None:
    for name in names:
        entries = [VectorEntry(number, NORTH) for number in range(count)]
        await index.put(user, MemoryId(name), entries, space=SPACE)


async def found(index: RedisVectorIndex, user: UserId, query: Embedding = NORTH) -> set[str]:
    return {near.memory_id for near in await index.search(user, query, space=SPACE)}


def in_memory(index: RedisVectorIndex, user: UserId) -> set[str]:
    shelf = index._following._shelves.all().get((user, SPACE))
    return set(shelf._memories) if shelf else set()


async def test_what_one_server_writes_and_deletes_is_so_on_the_others(world: World) -> None:
    async with world.server() as one, world.server() as two:
        await remember(one, ANN, "trip", "work")
        assert await found(two, ANN) == {"trip", "work"}
        await remember(one, ANN, "trip", count=3)
        assert len(await two.search(ANN, NORTH, space=SPACE)) == 4
        await two.delete(ANN, MemoryId("trip"))
        await remember(two, ANN, "rest")
        assert await found(one, ANN) == {"work", "rest"}
        await one.delete_space(ANN, SPACE)
        assert await found(two, ANN) == set()
        assert await two.spaces(ANN) == ()
        await remember(two, ANN, "new")
        assert await found(one, ANN) == {"new"}


async def test_of_a_user_who_is_erased_nothing_is_left_in_redis(world: World) -> None:
    async with world.server() as one:
        await remember(one, ANN, "trip", "work")
        await one.put(ANN, MemoryId("trip"), [VectorEntry(0, NORTH)], space="other")
        await one.delete(ANN, MemoryId("trip"))
        for space in await one.spaces(ANN):
            await one.delete_space(ANN, space)
        await remember(one, BOB, "trip")
        await one.delete(BOB, MemoryId("trip"))
        async with Redis.from_url(world.redis.url) as client:
            assert await client.keys("*") == []


async def test_what_is_deleted_goes_from_servers_that_nobody_asks(world: World) -> None:
    async with world.server() as one, world.server(forgets_every=SOON) as two:
        await remember(one, ANN, "trip", "work")
        assert await found(two, ANN) == {"trip", "work"}
        await one.delete(ANN, MemoryId("trip"))
        with anyio.fail_after(5):
            while in_memory(two, ANN) != {"work"}:
                await anyio.sleep(0.01)
        await one.delete_space(ANN, SPACE)
        with anyio.fail_after(5):
            while in_memory(two, ANN):
                await anyio.sleep(0.01)


async def test_who_knows_less_than_is_remembered_of_deletions_misses_none(world: World) -> None:
    async with world.server() as one, world.server() as two:
        await remember(one, ANN, "trip", "work")
        assert await found(two, ANN) == {"trip", "work"}
        await one.delete(ANN, MemoryId("trip"))
        async with Redis.from_url(world.redis.url) as client:
            [head] = [key for key in await client.keys("*") if b":head:" in key]
            [gone] = [key for key in await client.keys("*") if b":gone:" in key]
            await client.hset(head, "pruned", 3)
            await client.delete(gone)
        assert await found(two, ANN) == {"work"}


async def test_while_redis_is_away_there_are_answers_and_nothing_is_taken_for_written(world: World) -> None:
    async with world.server() as one:
        await remember(one, ANN, "trip")
        assert await found(one, ANN) == {"trip"}
        world.redis.kill()
        assert await found(one, ANN) == {"trip"}
        for _ in range(2):
            with pytest.raises(TemporarilyUnavailable):
                await found(one, BOB)
        with pytest.raises(TemporarilyUnavailable):
            await remember(one, ANN, "work")
        with pytest.raises(TemporarilyUnavailable):
            await one.delete(ANN, MemoryId("trip"))
        assert (await one.diagnose()).condition is Condition.BROKEN
        await world.redis.start()
        one._following._silent_until = 0.0  # as if time had passed
        await remember(one, ANN, "work")
        assert await found(one, ANN) == {"trip", "work"}
        assert (await one.diagnose()).condition is Condition.WORKING


async def test_a_redis_that_says_nothing_delays_one_search_alone(world: World) -> None:
    async with world.server() as one:
        await remember(one, ANN, "trip")
        assert await found(one, ANN) == {"trip"}
        world.redis.freeze()
        began = anyio.current_time()
        for _ in range(5):
            assert await found(one, ANN) == {"trip"}
        assert anyio.current_time() - began < 0.9
        world.redis.thaw()


async def test_a_redis_that_lost_its_memory_has_what_was_put_since(world: World) -> None:
    async with world.server() as one, world.server() as two:
        await remember(one, ANN, "trip")
        assert await found(two, ANN) == {"trip"}
        async with Redis.from_url(world.redis.url) as client:
            await client.flushall()
        assert await found(two, ANN) == set()
        await remember(one, ANN, "work")
        assert await found(two, ANN) == await found(one, ANN) == {"work"}


async def test_a_redis_that_forgot_its_last_changes_is_followed(world: World) -> None:
    async with world.server() as one, world.server() as two:
        await remember(one, ANN, "trip", "work")
        async with Redis.from_url(world.redis.url) as client:
            before = {key: await client.dump(key) for key in await client.keys("*")}
            await remember(one, ANN, "rest", "more")
            assert await found(two, ANN) == {"trip", "work", "rest", "more"}
            for key, value in before.items():
                await client.restore(key, 0, value, replace=True)
        assert await found(two, ANN) == {"trip", "work"}
        await remember(one, ANN, "new")
        assert await found(two, ANN) == {"trip", "work", "new"}


async def test_vectors_lie_sealed_and_each_opens_at_its_place_alone(world: World) -> None:
    async with world.server() as one, world.server() as two:
        await remember(one, ANN, "trip", "work", "rest")
        async with Redis.from_url(world.redis.url) as client:
            [entries] = [key for key in await client.keys("*") if b":entries:" in key]
            stored = await client.hgetall(entries)
            assert all(value.startswith(MAGIC) for value in stored.values())
            await client.hset(entries, "trip", stored[b"work"])
            await client.hset(entries, "rest", b"damaged")
        assert await found(two, ANN) == {"work"}


async def test_what_lies_in_the_clear_is_sealed_once(world: World) -> None:
    async with RedisVectorIndex(settings=RedisVectorIndexSettings(url=world.redis.url)) as clear:
        await remember(clear, ANN, "trip", "work")
    async with world.server() as one, world.server() as two:
        assert await found(one, ANN) == {"trip", "work"}
        await remember(one, ANN, "rest")
        assert isinstance(one, SealsAgain)
        assert await one.seal_again(ANN) == Resealed(seen=3, sealed=2)
        assert await one.seal_again(ANN) == Resealed(seen=3, sealed=0)
        assert await found(two, ANN) == await found(one, ANN) == {"trip", "work", "rest"}
        async with Redis.from_url(world.redis.url) as client:
            [entries] = [key for key in await client.keys("*") if b":entries:" in key]
            assert all(value.startswith(MAGIC) for value in (await client.hgetall(entries)).values())


async def test_more_than_fits_one_answer_is_read_once_by_many_who_ask(world: World) -> None:
    vectors = np.random.default_rng(1).normal(size=(50, 384)).astype(np.float32)
    entries = [VectorEntry(n, normalized(array("f", one.tobytes()))) for n, one in enumerate(vectors)]
    async with world.server() as one, world.server() as two:
        for number in range(120):
            await one.put(ANN, MemoryId(str(number)), entries, space=SPACE)
        answers: list[int] = []

        async def ask() -> None:
            near = await two.search(ANN, entries[7].embedding, space=SPACE, limit=120)
            assert {one.number for one in near} == {7}
            answers.append(len(near))

        async with Redis.from_url(world.redis.url) as client:
            await client.config_resetstat()
            async with anyio.create_task_group() as tasks:
                for _ in range(5):
                    tasks.start_soon(ask)
            reads = (await client.info("commandstats"))["cmdstat_hget"]["calls"]
        assert answers == [120] * 5
        assert reads == 120 + 1  # and the dimension


async def test_who_was_asked_for_longest_ago_goes_from_memory_first(world: World) -> None:
    async with world.server(cache_bytes=10_000) as one:
        users = [UserId(str(number)) for number in range(4)]
        for user in users:
            await remember(one, user, "trip", count=50)
        for user in (users[0], users[1], users[0], users[2], users[3]):
            assert await found(one, user) == {"trip"}
        assert not in_memory(one, users[1])
        assert in_memory(one, users[3]) == {"trip"}
        for user in users:
            assert await found(one, user) == {"trip"}


async def test_servers_that_write_at_the_same_time_end_with_the_same(world: World) -> None:
    rng = Random(4)

    async def change(index: RedisVectorIndex) -> None:
        for _ in range(60):
            name = str(rng.randrange(8))
            match rng.choice(["put", "put", "delete", "search"]):
                case "put":
                    await remember(index, ANN, name, count=rng.randrange(1, 4))
                case "delete":
                    await index.delete(ANN, MemoryId(name))
                case _:
                    await found(index, ANN)

    async with world.server(forgets_every=0.01) as one, world.server() as two, world.server() as new:
        async with anyio.create_task_group() as tasks:
            for index in (one, two, one):
                tasks.start_soon(change, index)
        expected = set(await new.search(ANN, NORTH, space=SPACE))
        assert expected
        assert set(await one.search(ANN, NORTH, space=SPACE)) == expected
        assert set(await two.search(ANN, NORTH, space=SPACE)) == expected
