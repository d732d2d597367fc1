"""What every text index does."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest

from adapters.outbound.text_index.memory import InMemoryTextIndex
from adapters.outbound.text_index.redis import RedisTextIndex, RedisTextIndexSettings
from adapters.outbound.text_index.sqlite import SqliteTextIndex
from domain.ids import MemoryId, UserId
from ports.text_index import TEXTS, Passage, TextIndex
from ports.vault import Vault
from tests.contract.awkward_names import NAMES
from tests.contract.harness import over
from tests.support.hostile_pairs import GONE, PAIRS, STAYING
from tests.support.redis_server import shared_redis
from tests.support.vaults import a_vault

ANN, BOB = UserId("ann"), UserId("bob")
TRIP, WORK = MemoryId("trip"), MemoryId("work")
QUERIES = [
    "",
    " ",
    '"',
    '""',
    "'",
    "AND",
    "NOT",
    "train AND",
    "NEAR(",
    "NEAR(train, 2)",
    "text:train",
    "passages MATCH",
    "train*",
    "^train",
    "-train",
    "(train",
    "🦄",
    "\x00",
    "train\x00",
    "\ud83d",
    "%_\\",
    "' OR 1=1 --",
    "a" * 10_000,
    "train " * 2_000,
    " ".join(f"word{n}" for n in range(1_500)),
]


@asynccontextmanager
async def sqlite(folder: Path) -> AsyncIterator[TextIndex]:
    async with a_vault(folder) as vault, SqliteTextIndex(folder, vault=vault) as index:
        yield index


@asynccontextmanager
async def clear(folder: Path) -> AsyncIterator[TextIndex]:
    async with SqliteTextIndex(folder) as index:
        yield index


@asynccontextmanager
async def memory(_folder: Path) -> AsyncIterator[TextIndex]:
    yield InMemoryTextIndex()


class SavedFirst:
    """Memories are saved, then indexed: what a server reads of them that follows the others."""

    def __init__(self) -> None:
        self._saved: dict[tuple[UserId, MemoryId], Sequence[Passage]] = {}

    async def of(self, user: UserId, memory_id: MemoryId) -> Sequence[Passage] | None:
        return self._saved.get((user, memory_id))

    async def newest_first(self, user: UserId) -> AsyncGenerator[tuple[MemoryId, Sequence[Passage]], None]:
        for (owner, memory_id), passages in list(self._saved.items())[::-1]:
            if owner == user:
                yield memory_id, passages


class Server(RedisTextIndex):
    """One whose memories are saved before they are indexed."""

    def __init__(self, folder: Path, vault: Vault, url: str, saved: SavedFirst) -> None:
        local = SqliteTextIndex(folder, vault=vault)
        super().__init__(settings=RedisTextIndexSettings(url=url), data_dir=folder, local=local, kept=saved)
        self._saved = saved._saved

    async def put(self, user: UserId, memory_id: MemoryId, passages: Sequence[Passage]) -> None:
        self._saved[user, memory_id] = passages
        await super().put(user, memory_id, passages)

    async def delete(self, user: UserId, memory_id: MemoryId) -> None:
        self._saved.pop((user, memory_id), None)
        await super().delete(user, memory_id)


@asynccontextmanager
async def redis(folder: Path) -> AsyncIterator[TextIndex]:
    async with (
        shared_redis(folder) as server,
        a_vault(folder) as vault,
        Server(folder, vault, server.url, SavedFirst()) as index,
    ):
        yield index


@pytest.fixture(params=over("text_index", {"sqlite": sqlite, "clear": clear, "memory": memory, "redis": redis}))
async def index(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[TextIndex]:
    async with request.param(tmp_path) as adapter:
        yield adapter


def passages(memory_id: MemoryId, *texts: str) -> list[Passage]:
    return [Passage(memory_id, number, text) for number, text in enumerate(texts)]


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def found(index: TextIndex, user: UserId, query: str, *, limit: int = 50) -> list[tuple[str, int]]:
    return [(hit.memory_id, hit.number) for hit in await index.search(user, query, limit=limit)]


async def test_a_passage_is_found_by_a_word_of_it(index: TextIndex) -> None:
    await index.put(ANN, TRIP, passages(TRIP, "The train to Lisbon", "We ate sardines"))
    [hit] = await index.search(ANN, "sardines")
    assert (hit.memory_id, hit.number) == (TRIP, 1)
    assert hit.text in {"", "We ate sardines"}
    assert hit.score > 0


async def test_case_and_endings_do_not_matter(index: TextIndex) -> None:
    await index.put(ANN, WORK, passages(WORK, "Two MEETINGS were moved"))
    assert await found(index, ANN, "meeting") == [(WORK, 0)]


async def test_any_word_is_enough(index: TextIndex) -> None:
    await index.put(ANN, TRIP, passages(TRIP, "The train to Lisbon"))
    assert await found(index, ANN, "Which train goes to Vienna?") == [(TRIP, 0)]


async def test_more_and_rarer_words_come_first(index: TextIndex) -> None:
    texts = ["the train was late", "the train was full", "the train to Lisbon was late", "the bus was empty"]
    await index.put(ANN, TRIP, passages(TRIP, *texts))
    hits = await index.search(ANN, "late train Lisbon")
    assert [hit.number for hit in hits] == [2, 0, 1]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


async def test_a_word_that_is_everywhere_is_found_too(index: TextIndex) -> None:
    await index.put(ANN, TRIP, passages(TRIP, "what a day", "that is what I said"))
    assert set(await found(index, ANN, "what")) == {(TRIP, 0), (TRIP, 1)}


async def test_the_best_come_with_what_was_said(index: TextIndex) -> None:
    await index.put(ANN, TRIP, passages(TRIP, *["train " * (n + 1) + "bus " * (20 - n) for n in range(TEXTS + 2)]))
    hits = await index.search(ANN, "train")
    assert [hit.text.count("train") for hit in hits] == [*range(TEXTS + 2, 2, -1), 0, 0]


async def test_no_more_hits_than_asked_for(index: TextIndex) -> None:
    await index.put(ANN, TRIP, passages(TRIP, *["train"] * 9))
    assert len(await index.search(ANN, "train", limit=4)) == 4
    assert await index.search(ANN, "train", limit=0) == ()


async def test_who_has_nothing_finds_nothing(index: TextIndex) -> None:
    assert await index.search(ANN, "train") == ()


async def test_putting_again_replaces(index: TextIndex) -> None:
    await index.put(ANN, TRIP, passages(TRIP, "train", "ferry", "plane"))
    await index.put(ANN, TRIP, passages(TRIP, "bicycle"))
    assert await found(index, ANN, "train ferry plane") == []
    assert await found(index, ANN, "bicycle") == [(TRIP, 0)]


async def test_putting_nothing_leaves_nothing(index: TextIndex) -> None:
    await index.put(ANN, TRIP, passages(TRIP, "train"))
    await index.put(ANN, TRIP, [])
    assert await found(index, ANN, "train") == []


async def test_a_deleted_memory_is_gone_and_others_stay(index: TextIndex) -> None:
    await index.put(ANN, TRIP, passages(TRIP, "train"))
    await index.put(ANN, WORK, passages(WORK, "train"))
    await index.delete(ANN, TRIP)
    assert await found(index, ANN, "train") == [(WORK, 0)]


async def test_deleting_twice_or_what_never_was_does_nothing(index: TextIndex) -> None:
    await index.delete(ANN, TRIP)
    await index.put(ANN, TRIP, passages(TRIP, "train"))
    await index.delete(ANN, TRIP)
    await index.delete(ANN, TRIP)
    assert await found(index, ANN, "train") == []


async def test_users_do_not_see_each_other(index: TextIndex) -> None:
    await index.put(ANN, TRIP, passages(TRIP, "the train of Ann"))
    await index.put(BOB, TRIP, passages(TRIP, "the train of Bob", "a second train"))
    assert await found(index, ANN, "train") == [(TRIP, 0)]
    await index.delete(BOB, TRIP)
    assert await found(index, ANN, "train") == [(TRIP, 0)]
    assert await found(index, BOB, "train") == []


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: ascii(query[:12]))
async def test_any_text_is_a_query_and_no_syntax(index: TextIndex, query: str) -> None:
    await index.put(ANN, TRIP, passages(TRIP, "The train to Lisbon", "We ate sardines"))
    assert set(await found(index, ANN, query)) == ({(TRIP, 0)} if "train" in query else set())


@pytest.mark.parametrize("text", QUERIES, ids=lambda text: ascii(text[:12]))
async def test_any_text_is_a_passage(index: TextIndex, text: str) -> None:
    await index.put(ANN, TRIP, passages(TRIP, text, "sardines"))
    assert await found(index, ANN, "sardines") == [(TRIP, 1)]
    await index.delete(ANN, TRIP)
    assert await found(index, ANN, "sardines train") == []


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name[:12]))
async def test_any_identifier_is_its_own(index: TextIndex, name: str) -> None:
    user, memory_id = UserId(name), MemoryId(name)
    await index.put(user, memory_id, passages(memory_id, "train"))
    await index.put(ANN, TRIP, passages(TRIP, "train"))
    assert await found(index, user, "train") == [(memory_id, 0)]
    await index.delete(user, memory_id)
    assert await found(index, user, "train") == []
    assert await found(index, ANN, "train") == [(TRIP, 0)]


async def test_users_and_identifiers_that_read_alike_are_not_taken_for_each_other(index: TextIndex) -> None:
    for user, name in PAIRS:
        await index.put(user, MemoryId(name), passages(MemoryId(name), "train"))
    for user, name in GONE:
        await index.delete(user, MemoryId(name))
    for user in dict(PAIRS):
        left = {name for other, name in STAYING if other == user}
        assert {name for name, _ in await found(index, user, "train")} == left


async def test_writers_at_the_same_time_all_get_through(index: TextIndex) -> None:
    with anyio.fail_after(20):
        async with anyio.create_task_group() as tasks:
            for number in range(12):
                memory_id = MemoryId(str(number))
                tasks.start_soon(index.put, ANN, memory_id, passages(memory_id, "train"))
    assert len(await found(index, ANN, "train")) == 12


SAID = datetime(2026, 3, 1, 9, tzinfo=UTC)


def at_minutes(memory_id: MemoryId, *minutes: int) -> list[Passage]:
    return [Passage(memory_id, n, "train", SAID + timedelta(minutes=m), "ann") for n, m in enumerate(minutes)]


async def test_a_hit_tells_what_was_said_when_and_by_whom(index: TextIndex) -> None:
    said = Passage(TRIP, 3, "The train leaves", SAID, "person \ud83d")
    await index.put(ANN, TRIP, [said, Passage(TRIP, 4, "ferry")])
    [hit] = await index.search(ANN, "train")
    assert (hit.text, hit.at, hit.speaker) == (said.text, said.at, said.speaker)
    [unknown] = await index.search(ANN, "ferry")
    assert (unknown.at, unknown.speaker) == (None, "")


async def test_memories_are_ranked_by_all_that_was_said(index: TextIndex) -> None:
    await index.put(ANN, TRIP, passages(TRIP, "the train is late", "Lisbon is sunny", "we ate"))
    await index.put(ANN, WORK, passages(WORK, "the train, the train", "the budget", "the audit"))
    await index.put(ANN, MemoryId("rest"), passages(MemoryId("rest"), "nothing"))
    ranked = await index.rank_memories(ANN, "train Lisbon")
    assert [(hit.memory_id, hit.number) for hit in ranked] == [(TRIP, 0), (WORK, 0)]
    assert ranked[0].score > ranked[1].score > 0
    assert len(await index.rank_memories(ANN, "train", limit=1)) == 1
    assert await index.rank_memories(ANN, "train", limit=0) == ()


async def test_a_deleted_memory_has_no_rank(index: TextIndex) -> None:
    await index.put(ANN, TRIP, passages(TRIP, "train", "ferry"))
    await index.put(ANN, TRIP, passages(TRIP, "bicycle"))
    assert await index.rank_memories(ANN, "ferry") == ()
    await index.delete(ANN, TRIP)
    assert await index.rank_memories(ANN, "bicycle") == ()


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: ascii(query[:12]))
async def test_any_text_ranks_memories(index: TextIndex, query: str) -> None:
    await index.put(ANN, TRIP, passages(TRIP, "The train to Lisbon"))
    assert {hit.memory_id for hit in await index.rank_memories(ANN, query)} == ({TRIP} if "train" in query else set())


async def test_passages_of_a_time_are_found_newest_first(index: TextIndex) -> None:
    await index.put(ANN, TRIP, at_minutes(TRIP, 0, 10, 20))
    await index.put(ANN, WORK, [*at_minutes(WORK, 15), Passage(WORK, 7, "whenever")])
    await index.put(BOB, TRIP, at_minutes(TRIP, 10))
    hits = await index.between(ANN, SAID, SAID + timedelta(minutes=20))
    assert [(hit.memory_id, hit.number) for hit in hits] == [(WORK, 0), (TRIP, 1), (TRIP, 0)]
    assert {hit.score for hit in hits} == {0}
    assert len(await index.between(ANN, SAID, SAID + timedelta(days=1), limit=2)) == 2


async def test_passages_can_be_read_by_their_place(index: TextIndex) -> None:
    await index.put(ANN, TRIP, [Passage(TRIP, number, "train", SAID, who) for number, who in enumerate("abc")])
    await index.put(BOB, WORK, passages(WORK, "other"))
    hits = await index.read(ANN, [(TRIP, 2), (TRIP, 0), (TRIP, 9), (WORK, 0)])
    assert sorted((hit.number, hit.speaker) for hit in hits) == [(0, "a"), (2, "c")]
    assert await index.read(ANN, []) == ()


DURABLE: list[Callable[[Path], AbstractAsyncContextManager[TextIndex]]] = [sqlite]


@pytest.mark.parametrize("durable", DURABLE)
async def test_passages_survive_reopening(
    durable: Callable[[Path], AbstractAsyncContextManager[TextIndex]], tmp_path: Path
) -> None:
    async with durable(tmp_path) as first:
        await first.put(ANN, TRIP, passages(TRIP, "train"))
    async with durable(tmp_path) as second:
        assert await found(second, ANN, "train") == [(TRIP, 0)]


async def test_searching_makes_no_files(tmp_path: Path) -> None:
    async with sqlite(tmp_path) as index:
        await index.search(ANN, "train")
        await index.delete(ANN, TRIP)
    assert files(tmp_path) == []


async def test_nothing_of_a_deleted_memory_is_left_on_the_disk(tmp_path: Path) -> None:
    async with clear(tmp_path) as index:
        await index.put(ANN, WORK, passages(WORK, "the budget of spring"))
        await index.put(ANN, TRIP, passages(TRIP, "sardines", "zanzibar"))
        await index.delete(ANN, TRIP)
        left = b"".join(path.read_bytes() for path in files(tmp_path))
    assert b"budget" in left
    assert not [word for word in (b"sardin", b"zanzibar", b"ardin", b"anzibar", TRIP.encode()) if word in left]


async def test_which_memories_have_passages_is_known(index: TextIndex) -> None:
    await index.put(ANN, WORK, passages(WORK, "Two meetings", "were moved"))
    await index.put(ANN, TRIP, passages(TRIP, "The train to Lisbon"))
    await index.put(BOB, MemoryId("other"), passages(MemoryId("other"), "Something else"))
    assert await index.memories(ANN) == (TRIP, WORK)
    await index.delete(ANN, TRIP)
    assert await index.memories(ANN) == (WORK,)


async def test_a_cleared_index_holds_nothing_and_can_be_used_again(index: TextIndex) -> None:
    await index.put(ANN, TRIP, passages(TRIP, "The train to Lisbon"))
    await index.put(BOB, TRIP, passages(TRIP, "The train to Lisbon"))
    await index.clear(ANN)
    await index.clear(ANN)
    assert await index.memories(ANN) == ()
    assert await found(index, ANN, "train") == []
    assert await index.rank_memories(ANN, "train") == ()
    assert await found(index, BOB, "train") == [(TRIP, 0)]
    await index.put(ANN, TRIP, passages(TRIP, "Another train"))
    assert await found(index, ANN, "train") == [(TRIP, 0)]


async def test_nothing_of_a_cleared_index_is_on_the_disk(tmp_path: Path) -> None:
    async with clear(tmp_path) as index:
        await index.put(ANN, TRIP, passages(TRIP, "The Zanzibarquux to Lisbon"))
        await index.clear(ANN)
        assert all(b"zanziba" not in path.read_bytes().lower() for path in files(tmp_path))
