"""Two servers with disks of their own: what one knows of words, the other one finds."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from adapters.outbound.search_database import search_file
from application.questions.passages import passages_of
from domain.ids import MemoryId, UserId
from tests.support.hostile_pairs import GONE, PAIRS, STAYING
from tests.support.memories import HOSTILE
from tests.support.redis_server import redis_server
from tests.support.text_servers import ANN, BOB, World, found, settled


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with redis_server(tmp_path) as redis:
        yield World(tmp_path, redis)


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
        assert world.memories.calls == 1


async def test_more_changes_than_are_read_together_are_all_found(world: World) -> None:
    names = [f"m{number:02}" for number in range(20)]
    async with world.server("one") as one, world.server("two") as two:
        await world.remember(one, ANN, "m20", "the train")
        assert await found(two, ANN, "train") == {"m20"}
        for name in names:
            await world.remember(one, ANN, name, "the train")
        await world.forget(one, ANN, "m07")
        world.memories.start_over()
        assert await found(two, ANN, "train") == {*names, "m20"} - {"m07"}
        assert world.memories.calls == 2
        assert world.memories.reads == [name for name in reversed(names) if name != "m07"]


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


async def test_searching_for_who_has_nothing_makes_no_files(world: World) -> None:
    async with world.server("one") as one:
        assert await found(one, ANN, "train") == set()
        assert not search_file(world.folder / "one", ANN).exists()
        assert world.memories.pages == 1
        assert await found(one, ANN, "train") == set()
        assert world.memories.pages == 1
