"""Two servers with disks of their own: what one knows of words, the other one finds."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from redis.asyncio import Redis

from adapters.outbound.memory_repository.memory import InMemoryMemoryRepository
from adapters.outbound.search_database import search_file
from adapters.outbound.text_index.redis import RedisTextIndex, RedisTextIndexSettings
from adapters.outbound.text_index.redis_changes import KEPT
from adapters.outbound.text_index.sqlite import SqliteTextIndex
from application.questions.kept_passages import PassagesOfMemories
from application.questions.passages import passages_of
from domain.ids import MemoryId, UserId
from domain.memory import Memory
from ports.errors import Rejected, TemporarilyUnavailable
from ports.memory_repository import MemoryPage, MemoryQuery
from tests.support.hostile_pairs import GONE, PAIRS, STAYING
from tests.support.memories import HOSTILE, a_memory, a_segment
from tests.support.redis_server import RedisServer, redis_server
from tests.support.vaults import a_vault

ANN, BOB = UserId("ann"), UserId("bob")
SOON = 0.05


class Memories(InMemoryMemoryRepository):
    """Memories that all servers see, or none does."""

    def __init__(self) -> None:
        super().__init__()
        self.pages = 0
        self.reads: list[MemoryId] = []
        self.is_away = False
        self.broken: set[MemoryId] = set()
        self.may_go_on = anyio.Event()
        """Behind the first page."""
        self.may_go_on.set()

    def start_over(self) -> None:
        """Counts from here on."""
        self.pages = 0
        self.reads = []

    async def get(self, user: UserId, memory_id: MemoryId) -> Memory:
        self.reads.append(memory_id)
        if self.is_away:
            raise TemporarilyUnavailable("away")
        if memory_id in self.broken:
            raise Rejected("encrypted, and there is no secret")
        return await super().get(user, memory_id)

    async def page(self, user: UserId, query: MemoryQuery) -> MemoryPage:
        self.pages += 1
        if query.cursor is not None:
            await self.may_go_on.wait()
        if self.is_away:
            raise TemporarilyUnavailable("away")
        return await super().page(user, query)


class World:
    """Servers around one Redis and the same memories."""

    def __init__(self, folder: Path, redis: RedisServer) -> None:
        self.folder = folder
        self.redis = redis
        self.memories = Memories()

    @asynccontextmanager
    async def server(self, name: str, *, patience: float = 1.0) -> AsyncIterator[RedisTextIndex]:
        folder = self.folder / name
        settings = RedisTextIndexSettings(
            url=self.redis.url, timeout=0.5, retries=0, patience=patience, forgets_every=SOON
        )
        async with a_vault(self.folder / "keys") as vault:
            local = SqliteTextIndex(folder, vault=vault)
            kept = PassagesOfMemories(self.memories)
            async with RedisTextIndex(settings=settings, data_dir=folder, local=local, kept=kept) as index:
                yield index

    async def remember(self, index: RedisTextIndex, user: UserId, name: str, text: str, *, minute: int = 0) -> None:
        """As the application does: a memory is saved, then indexed."""
        memory = a_memory(name, minute=minute, segments=(a_segment(text),))
        await self.memories.save(user, memory)
        await index.put(user, memory.id, passages_of(memory))

    async def forget(self, index: RedisTextIndex, user: UserId, name: str) -> None:
        await index.delete(user, MemoryId(name))
        await self.memories.delete(user, MemoryId(name))

    def left(self, name: str) -> bytes:
        return b"".join(path.read_bytes() for path in (self.folder / name).rglob("*") if path.is_file())


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with redis_server(tmp_path) as redis:
        yield World(tmp_path, redis)


async def found(index: RedisTextIndex, user: UserId, query: str) -> set[str]:
    return {hit.memory_id for hit in await index.search(user, query)}


async def settled(index: RedisTextIndex, user: UserId, *names: str) -> None:
    """Waits until nothing but some memories is on the disk of a server."""
    with anyio.fail_after(5):
        while await index._local.memories(user) != tuple(sorted(names)):
            await anyio.sleep(0.01)


async def test_what_one_server_heard_both_find(world: World) -> None:
    async with world.server("one") as one, world.server("two") as two:
        await world.remember(one, ANN, "trip", "the train to Lisbon")
        await world.remember(two, ANN, "work", "the train is late")
        for index in (one, two):
            assert await found(index, ANN, "train") == {"trip", "work"}
            assert {hit.memory_id for hit in await index.rank_memories(ANN, "train")} == {"trip", "work"}
            assert await index.memories(ANN) == ("trip", "work")
            assert await found(index, BOB, "train") == set()


async def test_a_change_is_found_on_the_other_server_and_what_it_replaced_is_not(world: World) -> None:
    async with world.server("one") as one, world.server("two") as two:
        await world.remember(one, ANN, "trip", "the train to Lisbon")
        assert await found(two, ANN, "train") == {"trip"}
        await world.remember(one, ANN, "trip", "the ferry to Lisbon")
        assert await found(two, ANN, "train") == set()
        assert await found(two, ANN, "ferry") == {"trip"}


async def test_only_what_changed_is_read(world: World) -> None:
    async with world.server("one") as one, world.server("two") as two:
        for name in ("trip", "work", "rest"):
            await world.remember(one, ANN, name, "the train")
        assert len(await found(two, ANN, "train")) == 3
        world.memories.start_over()
        await world.remember(one, ANN, "more", "the train")
        assert len(await found(two, ANN, "train")) == 4
        assert len(await found(two, ANN, "train")) == 4
        assert (world.memories.pages, world.memories.reads) == (0, ["more"])


async def test_what_changed_last_is_read_first(world: World) -> None:
    async with world.server("one") as one, world.server("two") as two:
        await world.remember(one, ANN, "trip", "the train")
        assert await found(two, ANN, "train") == {"trip"}
        world.memories.start_over()
        for name in ("work", "trip", "rest"):
            await world.remember(one, ANN, name, "the train")
        assert len(await found(two, ANN, "train")) == 3
        assert world.memories.reads == ["rest", "trip", "work"]


async def test_what_is_deleted_is_not_found_though_the_memory_is_still_kept(world: World) -> None:
    async with world.server("one") as one, world.server("two") as two:
        for name in ("trip", "work"):
            await world.remember(one, ANN, name, "the train")
        assert await found(two, ANN, "train") == {"trip", "work"}
        await one.delete(ANN, MemoryId("trip"))
        assert await found(one, ANN, "train") == await found(two, ANN, "train") == {"work"}


async def test_what_another_server_deletes_before_anybody_searched_is_not_found(world: World) -> None:
    async with world.server("one") as one, world.server("two") as two:
        await world.remember(two, ANN, "trip", "the train")
        await one.delete(ANN, MemoryId("trip"))
        assert await found(two, ANN, "train") == set()
        await settled(two, ANN)


async def test_who_makes_the_first_memory_of_a_user_does_not_read_it_again(world: World) -> None:
    async with world.server("one") as one:
        assert await found(one, ANN, "train") == set()
        world.memories.start_over()
        await world.remember(one, ANN, "trip", "the train")
        await world.remember(one, ANN, "work", "the train")
        assert await found(one, ANN, "train") == {"trip", "work"}
        assert (world.memories.pages, world.memories.reads) == (0, [])


async def test_what_was_known_before_somebody_elses_change_does_not_stay(world: World) -> None:
    async with world.server("one") as one, world.server("two") as two:
        await world.remember(one, ANN, "trip", "the train")
        assert await found(two, ANN, "train") == {"trip"}
        older = passages_of(await world.memories.get(ANN, MemoryId("trip")))
        await world.remember(one, ANN, "trip", "the ferry")
        assert await found(two, ANN, "ferry") == {"trip"}
        await two.put(ANN, MemoryId("trip"), older)
        assert await found(two, ANN, "ferry") == {"trip"}
        assert await found(two, ANN, "train") == set()


async def test_of_what_one_server_deletes_no_byte_is_left_on_either_disk(world: World) -> None:
    async with world.server("one") as one, world.server("two") as two:
        for index, name in ((one, "zanzibar"), (two, "work")):
            await world.remember(index, ANN, name, "the train")
        assert await found(one, ANN, "train") == await found(two, ANN, "train") == {"zanzibar", "work"}
        assert b"zanzibar" in world.left("two")
        await world.forget(one, ANN, "zanzibar")
        await settled(two, ANN, "work")  # nobody asked
        assert await found(one, ANN, "train") == await found(two, ANN, "train") == {"work"}
    assert b"zanzibar" not in world.left("one") + world.left("two")
    assert b"work" in world.left("two")


async def test_what_is_deleted_while_a_server_is_down_goes_when_it_is_back(world: World) -> None:
    async with world.server("one") as one:
        async with world.server("two") as two:
            await world.remember(two, ANN, "zanzibar", "the train")
        await world.forget(one, ANN, "zanzibar")
        async with world.server("two") as two:
            await settled(two, ANN)
    assert b"zanzibar" not in world.left("two")


async def test_a_user_who_is_erased_is_gone_from_both_disks_though_the_memories_go_last(world: World) -> None:
    async with world.server("one") as one, world.server("two") as two:
        await world.remember(one, UserId("zanzibar"), "trip", "the train")
        assert await found(two, UserId("zanzibar"), "train") == {"trip"}
        await one.clear(UserId("zanzibar"))
        await settled(two, UserId("zanzibar"))
        assert await found(two, UserId("zanzibar"), "train") == set()
        await world.memories.delete(UserId("zanzibar"), MemoryId("trip"))
        assert await found(two, UserId("zanzibar"), "train") == await found(one, UserId("zanzibar"), "train") == set()
        assert b"zanzibar" not in world.left("one") + world.left("two")
        async with Redis.from_url(world.redis.url) as client:
            for key in await client.keys("*"):
                assert b"zanzibar" not in key
                assert await client.type(key) != b"hash" or await client.pttl(key) > 0
        await world.remember(two, UserId("zanzibar"), "new", "the train")
        assert await found(one, UserId("zanzibar"), "train") == {"new"}


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


async def test_users_and_memories_of_any_name_are_their_own_on_both_servers(world: World) -> None:
    async with world.server("one") as one, world.server("two") as two:
        for user, name in PAIRS:
            await world.remember(one, user, name, "the train")
        for user, name in GONE:
            await world.forget(two, user, name)
        for user in dict(PAIRS):
            left = {name for other, name in STAYING if other == user}
            assert await found(two, user, "train") == left
            assert await found(one, user, "train") == left
        for name in HOSTILE:
            await world.remember(one, ANN, name, "the train")
        assert await found(two, ANN, "train") == set(HOSTILE)


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


async def test_searching_for_who_has_nothing_makes_no_files(world: World) -> None:
    async with world.server("one") as one:
        assert await found(one, ANN, "train") == set()
        assert not search_file(world.folder / "one", ANN).exists()
        assert world.memories.pages == 1
        assert await found(one, ANN, "train") == set()
        assert world.memories.pages == 1
