"""What every vector index does."""

import math
import random
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from adapters.inbound.simulators.pinecone import serve_pinecone
from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.vector_index.memory import InMemoryVectorIndex
from adapters.outbound.vector_index.pinecone import PineconeVectorIndex, PineconeVectorIndexSettings
from adapters.outbound.vector_index.redis import RedisVectorIndex, RedisVectorIndexSettings
from adapters.outbound.vector_index.sqlite import SqliteVectorIndex, SqliteVectorIndexSettings
from domain.embedding import Embedding, cosine, normalized
from domain.ids import MemoryId, UserId
from ports.errors import Rejected
from ports.vector_index import Near, VectorEntry, VectorIndex
from tests.contract.awkward_names import NAMES
from tests.contract.harness import over
from tests.support.hostile_pairs import GONE, PAIRS, STAYING
from tests.support.memories import HOSTILE
from tests.support.redis_server import shared_redis
from tests.support.vaults import a_vault

ANN, BOB = UserId("ann"), UserId("bob")
TRIP, WORK = MemoryId("trip"), MemoryId("work")
SPACE, OTHER = "first-3", "second-4"


@asynccontextmanager
async def sqlite(folder: Path) -> AsyncIterator[VectorIndex]:
    async with SqliteVectorIndex(folder, settings=SqliteVectorIndexSettings()) as index:
        yield index


@asynccontextmanager
async def sqlite_without_memory(folder: Path) -> AsyncIterator[VectorIndex]:
    async with SqliteVectorIndex(folder, settings=SqliteVectorIndexSettings(cache_bytes=0)) as index:
        yield index


@asynccontextmanager
async def memory(_folder: Path) -> AsyncIterator[VectorIndex]:
    yield InMemoryVectorIndex()


@asynccontextmanager
async def redis(folder: Path) -> AsyncIterator[VectorIndex]:
    async with shared_redis(folder) as server, a_vault(folder / "keys") as vault:
        settings = RedisVectorIndexSettings(url=server.url)
        async with RedisVectorIndex(settings=settings, vault=vault) as index:
            yield index


@asynccontextmanager
async def pinecone(_folder: Path) -> AsyncIterator[VectorIndex]:
    async with serve_pinecone(key="key") as simulation:
        settings = PineconeVectorIndexSettings(api_key="key", url=simulation.url)
        async with PineconeVectorIndex(settings=settings, clock=ManualClock()) as index:
            yield index


HARNESSES = {
    "sqlite": sqlite,
    "sqlite without cache": sqlite_without_memory,
    "redis": redis,
    "pinecone": pinecone,
    "memory": memory,
}


@pytest.fixture(params=over("vector_index", HARNESSES))
async def index(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[VectorIndex]:
    async with request.param(tmp_path) as adapter:
        yield adapter


def at(degrees: float) -> Embedding:
    """A direction in a plane of three dimensions."""
    return normalized(array("f", [math.cos(math.radians(degrees)), math.sin(math.radians(degrees)), 0.0]))


def entries(*angles: float) -> list[VectorEntry]:
    return [VectorEntry(number, at(angle)) for number, angle in enumerate(angles)]


def somewhere(rng: random.Random, *, dimension: int = 384) -> Embedding:
    return normalized(array("f", (rng.gauss(0, 1) for _ in range(dimension))))


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def put(index: VectorIndex, user: UserId, memory_id: MemoryId, kept: list[VectorEntry]) -> None:
    await index.put(user, memory_id, kept, space=SPACE)


async def search(index: VectorIndex, user: UserId, query: Embedding, *, limit: int = 50) -> tuple[Near, ...]:
    return await index.search(user, query, space=SPACE, limit=limit)


async def found(index: VectorIndex, user: UserId, angle: float, *, limit: int = 50) -> list[tuple[str, int]]:
    return [(hit.memory_id, hit.number) for hit in await search(index, user, at(angle), limit=limit)]


async def test_the_nearest_come_first_and_the_score_is_the_cosine(index: VectorIndex) -> None:
    await put(index, ANN, TRIP, entries(90, 10, 180))
    await put(index, ANN, WORK, entries(40))
    hits = await search(index, ANN, at(0))
    assert [(hit.memory_id, hit.number) for hit in hits] == [(TRIP, 1), (WORK, 0), (TRIP, 0), (TRIP, 2)]
    for hit, angle in zip(hits, (10, 40, 90, 180), strict=True):
        assert hit.score == pytest.approx(math.cos(math.radians(angle)), abs=2e-3)


async def test_numbers_need_not_follow_each_other(index: VectorIndex) -> None:
    await put(index, ANN, TRIP, [VectorEntry(7, at(0)), VectorEntry(2, at(50))])
    assert await found(index, ANN, 0) == [(TRIP, 7), (TRIP, 2)]


async def test_no_more_hits_than_asked_for(index: VectorIndex) -> None:
    await put(index, ANN, TRIP, entries(*range(0, 90, 10)))
    assert len(await search(index, ANN, at(0), limit=4)) == 4
    assert await search(index, ANN, at(0), limit=0) == ()


async def test_who_has_nothing_finds_nothing(index: VectorIndex) -> None:
    assert await search(index, ANN, at(0)) == ()


async def test_putting_again_replaces(index: VectorIndex) -> None:
    await put(index, ANN, TRIP, entries(0, 10, 20))
    assert len(await found(index, ANN, 0)) == 3
    await put(index, ANN, TRIP, entries(70))
    assert await found(index, ANN, 0) == [(TRIP, 0)]
    [hit] = await search(index, ANN, at(70))
    assert hit.score == pytest.approx(1, abs=2e-3)


async def test_putting_nothing_leaves_nothing(index: VectorIndex) -> None:
    await put(index, ANN, TRIP, entries(0))
    await put(index, ANN, TRIP, [])
    assert await found(index, ANN, 0) == []


async def test_a_deleted_memory_is_gone_and_others_stay(index: VectorIndex) -> None:
    await put(index, ANN, TRIP, entries(0, 10))
    await put(index, ANN, WORK, entries(20))
    assert len(await found(index, ANN, 0)) == 3
    await index.delete(ANN, TRIP)
    assert await found(index, ANN, 0) == [(WORK, 0)]


async def test_deleting_twice_or_what_never_was_does_nothing(index: VectorIndex) -> None:
    await index.delete(ANN, TRIP)
    await put(index, ANN, TRIP, entries(0))
    await index.delete(ANN, TRIP)
    await index.delete(ANN, TRIP)
    assert await found(index, ANN, 0) == []


async def test_users_do_not_see_each_other(index: VectorIndex) -> None:
    await put(index, ANN, TRIP, entries(0))
    await put(index, BOB, TRIP, entries(10, 20))
    assert await found(index, ANN, 0) == [(TRIP, 0)]
    await index.delete(BOB, TRIP)
    assert await found(index, ANN, 0) == [(TRIP, 0)]
    assert await found(index, BOB, 0) == []


async def test_vectors_of_another_dimension_are_refused_and_nothing_changes(index: VectorIndex) -> None:
    await put(index, ANN, TRIP, entries(0))
    other = [VectorEntry(0, normalized(array("f", [1.0, 0.0, 0.0, 0.0])))]
    with pytest.raises(Rejected):
        await put(index, ANN, WORK, other)
    with pytest.raises(Rejected):
        await put(index, ANN, WORK, entries(0) + other)
    with pytest.raises(Rejected):
        await search(index, ANN, other[0].embedding)
    assert await found(index, ANN, 0) == [(TRIP, 0)]


async def test_the_only_memory_may_change_its_dimension(index: VectorIndex) -> None:
    await put(index, ANN, TRIP, entries(0))
    other = normalized(array("f", [1.0, 0.0, 0.0, 0.0]))
    await put(index, ANN, TRIP, [VectorEntry(0, other)])
    [hit] = await search(index, ANN, other)
    assert hit.score == pytest.approx(1, abs=2e-3)


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name[:12]))
async def test_any_identifier_is_its_own(index: VectorIndex, name: str) -> None:
    user, memory_id = UserId(name), MemoryId(name)
    await put(index, user, memory_id, entries(0))
    await put(index, ANN, TRIP, entries(0))
    assert await found(index, user, 0) == [(memory_id, 0)]
    await index.delete(user, memory_id)
    assert await found(index, user, 0) == []
    assert await found(index, ANN, 0) == [(TRIP, 0)]


async def test_users_with_hostile_names_find_their_own_in_every_space(index: VectorIndex) -> None:
    for number, name in enumerate(HOSTILE):
        await put(index, UserId(name), MemoryId(name), entries(number))
        await index.put(UserId(name), TRIP, entries(number), space=f"other {number % 3}")
    for number, name in enumerate(HOSTILE):
        assert await found(index, UserId(name), 0) == [(name, 0)]
        assert await index.spaces(UserId(name)) == (SPACE, f"other {number % 3}")
    await index.delete(UserId("user"), MemoryId("user"))
    await index.delete_space(UserId("%"), SPACE)
    for name in HOSTILE:
        assert await found(index, UserId(name), 0) == ([] if name in {"user", "%"} else [(name, 0)])


async def test_users_and_identifiers_that_read_alike_are_not_taken_for_each_other(index: VectorIndex) -> None:
    for user, name in PAIRS:
        await put(index, user, MemoryId(name), entries(0))
    for user, name in GONE:
        await index.delete(user, MemoryId(name))
    for user in dict(PAIRS):
        left = {name for other, name in STAYING if other == user}
        assert {name for name, _ in await found(index, user, 0)} == left


async def test_writers_at_the_same_time_all_get_through(index: VectorIndex) -> None:
    with anyio.fail_after(20):
        async with anyio.create_task_group() as tasks:
            for number in range(12):
                tasks.start_soon(put, index, ANN, MemoryId(str(number)), entries(number, number + 1))
    assert len(await found(index, ANN, 0)) == 24


async def test_of_many_vectors_the_nearest_are_found(index: VectorIndex) -> None:
    rng = random.Random(5)
    kept = {number: somewhere(rng) for number in range(1_500)}
    for memory in range(3):
        part = [VectorEntry(number, kept[number]) for number in range(memory * 500, (memory + 1) * 500)]
        await put(index, ANN, MemoryId(str(memory)), part)
    pairs = zip(array("f", kept[700]), array("f", somewhere(rng)), strict=True)
    query = normalized(array("f", (near + far / 4 for near, far in pairs)))
    hits = await search(index, ANN, query, limit=10)
    best = sorted(kept, key=lambda number: -cosine(query, kept[number]))[:10]
    assert hits[0].number == best[0] == 700
    assert len({hit.number for hit in hits} & set(best)) >= 9


async def test_a_passage_is_near_by_itself_or_by_its_context(index: VectorIndex) -> None:
    await put(index, ANN, TRIP, [VectorEntry(1, at(0), at(90)), VectorEntry(2, at(40), at(20)), VectorEntry(3, at(80))])
    hits = await search(index, ANN, at(0))
    assert [hit.number for hit in hits] == [2, 1, 3]
    assert (hits[1].score, hits[1].context) == (pytest.approx(1, abs=2e-3), pytest.approx(0, abs=2e-3))
    assert hits[2].score == hits[2].context


async def test_cosines_of_passages_that_are_not_near_can_be_asked_for(index: VectorIndex) -> None:
    await put(index, ANN, TRIP, entries(0, 10, 120, 170))
    also = [(TRIP, 3), (TRIP, 0), (TRIP, 99), (WORK, 0)]
    hits = await index.search(ANN, at(0), space=SPACE, limit=2, also=also)
    assert [hit.number for hit in hits] == [0, 1, 3]
    assert hits[2].score == pytest.approx(math.cos(math.radians(170)), abs=2e-3)
    alone = await index.search(ANN, at(0), space=SPACE, limit=0, also=also)
    assert [hit.number for hit in alone] == [0, 3]


async def test_spaces_do_not_meet(index: VectorIndex) -> None:
    other = normalized(array("f", [1.0, 0.0, 0.0, 0.0]))
    await put(index, ANN, TRIP, entries(0))
    await index.put(ANN, TRIP, [VectorEntry(7, other)], space=OTHER)
    assert await found(index, ANN, 0) == [(TRIP, 0)]
    assert [hit.number for hit in await index.search(ANN, other, space=OTHER)] == [7]
    assert await index.search(ANN, other, space="third") == ()
    assert await index.spaces(ANN) == (SPACE, OTHER)
    assert await index.spaces(BOB) == ()


async def test_a_deleted_memory_is_gone_from_all_spaces(index: VectorIndex) -> None:
    await put(index, ANN, TRIP, entries(0))
    await index.put(ANN, TRIP, entries(0), space=OTHER)
    await index.delete(ANN, TRIP)
    assert await index.spaces(ANN) == ()
    assert await index.search(ANN, at(0), space=OTHER) == ()


async def test_a_deleted_space_is_gone_and_others_stay(index: VectorIndex) -> None:
    await put(index, ANN, TRIP, entries(0))
    await index.put(ANN, TRIP, entries(0), space=OTHER)
    await index.delete_space(ANN, OTHER)
    await index.delete_space(ANN, OTHER)
    await index.delete_space(ANN, "never was")
    assert await index.spaces(ANN) == (SPACE,)
    assert await index.search(ANN, at(0), space=OTHER) == ()
    assert await found(index, ANN, 0) == [(TRIP, 0)]


async def test_vectors_survive_reopening(tmp_path: Path) -> None:
    async with sqlite(tmp_path) as first:
        await put(first, ANN, TRIP, entries(0, 10))
    async with sqlite(tmp_path) as second:
        assert await found(second, ANN, 0) == [(TRIP, 0), (TRIP, 1)]


async def test_what_another_process_wrote_is_seen(tmp_path: Path) -> None:
    async with sqlite(tmp_path) as one, sqlite(tmp_path) as other:
        await put(one, ANN, TRIP, entries(0))
        assert await found(other, ANN, 0) == [(TRIP, 0)]
        await put(one, ANN, WORK, entries(10))
        assert await found(other, ANN, 0) == [(TRIP, 0), (WORK, 0)]
        await one.delete(ANN, TRIP)
        assert await found(other, ANN, 0) == [(WORK, 0)]


async def test_searching_makes_no_files(tmp_path: Path) -> None:
    async with sqlite(tmp_path) as index:
        await search(index, ANN, at(0))
        await index.delete(ANN, TRIP)
    assert files(tmp_path) == []


async def test_a_removed_user_folder_is_an_empty_index(tmp_path: Path) -> None:
    async with sqlite(tmp_path) as index:
        await put(index, ANN, TRIP, entries(0))
        assert await found(index, ANN, 0) == [(TRIP, 0)]
        for file in files(tmp_path):
            file.unlink()
        assert await found(index, ANN, 0) == []
        await put(index, ANN, WORK, entries(30))
        assert await found(index, ANN, 0) == [(WORK, 0)]
