"""Search: what is indexed is found, what is forgotten is not."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.memory_repository.memory import InMemoryMemoryRepository
from adapters.outbound.people.memory import InMemoryPeople
from adapters.outbound.text_embedder.fake import FakeTextEmbedder
from adapters.outbound.text_index.memory import InMemoryTextIndex
from adapters.outbound.vector_index.memory import InMemoryVectorIndex
from application.questions.recall import Recall
from domain.embedding import Embedding
from domain.ids import MemoryId, PersonId, SegmentId, UserId
from domain.memory import Memory, Photo, Structure
from domain.person import Person
from domain.transcript import TranscriptSegment
from ports.errors import TemporarilyUnavailable
from ports.text_embedder import TextEmbedder
from ports.text_index import Hit

ANN, BOB = UserId("ann"), UserId("bob")


class BrokenEmbedder(FakeTextEmbedder):
    async def embed(self, texts: Sequence[str]) -> list[Embedding]:  # noqa: ARG002
        raise TemporarilyUnavailable("out of order")


class Search:
    """Recall and what it stands on."""

    def __init__(self, embedder: TextEmbedder | None = None) -> None:
        self.memories = InMemoryMemoryRepository()
        self.texts = InMemoryTextIndex()
        self.vectors = InMemoryVectorIndex()
        self.recall = self.with_embedder(embedder or FakeTextEmbedder())

    def with_embedder(self, embedder: TextEmbedder) -> Recall:
        return Recall(memories=self.memories, embedder=embedder, texts=self.texts, vectors=self.vectors)

    async def keep(self, *memories: Memory, user: UserId = ANN) -> None:
        for memory in memories:
            await self.memories.save(user, memory)
            await self.recall.index(user, memory)

    async def ids(self, query: str, *, user: UserId = ANN, limit: int = 10) -> list[str]:
        return [found.memory.id for found in await self.recall.search(user, query, limit=limit)]


@pytest.fixture
def search() -> Search:
    return Search()


def memory(name: str, *turns: str, title: str = "", overview: str = "") -> Memory:
    segments = tuple(
        TranscriptSegment(id=SegmentId(f"{name}-{n}"), text=text, start=n * 16_000, end=(n + 1) * 16_000)
        for n, text in enumerate(turns)
    )
    return Memory(
        id=MemoryId(name),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        structure=Structure(title=title, overview=overview),
        segments=segments,
    )


TRIP = memory("trip", "The train to Lisbon leaves at noon.", "Take the sardines along.", title="Travel plans")
WORK = memory("work", "The budget is due on Monday.", "Ask the auditor.", title="Quarter end", overview="Numbers")


async def test_a_memory_is_found_by_what_was_said(search: Search) -> None:
    await search.keep(TRIP, WORK)
    [found, *_] = await search.recall.search(ANN, "sardines")
    assert found.memory == TRIP
    assert (found.passages[0].text, found.passages[0].number) == ("Take the sardines along.", 2)
    assert found.passages[0].start == 16_000


async def test_a_memory_is_found_by_its_title(search: Search) -> None:
    await search.keep(TRIP, WORK)
    [found, *_] = await search.recall.search(ANN, "quarter end numbers")
    assert found.memory == WORK
    assert (found.passages[0].number, found.passages[0].text) == (0, "Quarter end\nNumbers")
    assert found.passages[0].start == 0


async def test_scores_fall_and_that_of_a_memory_is_its_best_passage(search: Search) -> None:
    await search.keep(TRIP, WORK)
    found = await search.recall.search(ANN, "When is the budget due?")
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert all(one.score == one.passages[0].score for one in found)


async def test_no_more_memories_than_asked_for(search: Search) -> None:
    await search.keep(*(memory(f"m{n}", "the same words") for n in range(5)))
    assert len(await search.ids("words", limit=3)) == 3
    assert await search.ids("words", limit=0) == []


async def test_a_memory_that_is_missing_is_skipped_and_forgotten(search: Search) -> None:
    await search.keep(TRIP, memory("lost", "sardines sardines sardines"))
    await search.memories.delete(ANN, MemoryId("lost"))
    assert await search.ids("sardines", limit=1) == ["trip"]
    assert [hit.memory_id for hit in await search.texts.search(ANN, "sardines")] == ["trip"]
    [vector] = await FakeTextEmbedder().embed(["sardines"])
    assert {hit.memory_id for hit in await search.vectors.search(ANN, vector, space="fake-64")} == {"trip"}


async def test_a_discarded_memory_is_not_indexed(search: Search) -> None:
    await search.keep(TRIP)
    await search.recall.index(ANN, structs.replace(TRIP, discarded=True))
    assert await search.texts.search(ANN, "sardines") == ()


async def test_a_memory_discarded_since_is_not_found(search: Search) -> None:
    await search.keep(TRIP)
    await search.memories.save(ANN, structs.replace(TRIP, discarded=True))
    assert await search.ids("sardines") == []


async def test_a_forgotten_memory_is_not_found(search: Search) -> None:
    await search.keep(TRIP, WORK)
    await search.recall.forget(ANN, TRIP.id)
    await search.recall.forget(ANN, TRIP.id)
    assert "trip" not in await search.ids("sardines")


async def test_indexing_again_replaces(search: Search) -> None:
    await search.keep(TRIP)
    await search.keep(memory("trip", "We fly instead."))
    assert await search.texts.search(ANN, "sardines") == ()
    [found] = await search.recall.search(ANN, "fly")
    assert [passage.number for passage in found.passages] == [1]


async def test_a_passage_that_the_memory_has_no_more_is_not_shown(search: Search) -> None:
    await search.keep(TRIP)
    await search.memories.save(ANN, structs.replace(TRIP, segments=TRIP.segments[:1]))
    [found] = await search.recall.search(ANN, "sardines")
    assert {passage.number for passage in found.passages} <= {0, 1}


async def test_users_do_not_find_each_other(search: Search) -> None:
    await search.keep(TRIP)
    await search.keep(WORK, user=BOB)
    assert await search.ids("budget sardines") == ["trip"]
    assert await search.ids("budget sardines", user=BOB) == ["work"]


@pytest.mark.parametrize("query", ["", "   ", "\n"])
async def test_a_blank_query_finds_nothing(search: Search, query: str) -> None:
    await search.keep(TRIP)
    assert await search.ids(query) == []


@pytest.mark.parametrize("query", ['"', "AND", "NEAR(", "🦄", "\x00", "\ud83d", "x" * 10_000], ids=ascii)
async def test_any_query_is_answered(search: Search, query: str) -> None:
    await search.keep(TRIP)
    assert set(await search.ids(query)) <= {"trip"}


async def test_a_memory_without_words_can_be_indexed(search: Search) -> None:
    await search.keep(memory("silent"), memory("blank", " ", ""))
    assert await search.ids("anything") == []


async def test_words_find_when_the_embedder_fails(search: Search) -> None:
    await search.keep(TRIP, WORK)
    recall = search.with_embedder(BrokenEmbedder())
    assert [found.memory.id for found in await recall.search(ANN, "sardines")] == ["trip"]


async def test_words_are_findable_when_the_embedder_fails_at_indexing() -> None:
    search = Search(BrokenEmbedder())
    with pytest.raises(TemporarilyUnavailable):
        await search.keep(TRIP)
    assert await search.ids("sardines") == ["trip"]


def said(name: str, text: str, *, day: int = 1, person: str | None = None) -> Memory:
    one = memory(name, text)
    segment = structs.replace(one.segments[0], person_id=person and PersonId(person))
    return structs.replace(one, segments=(segment,), started_at=datetime(2026, 3, day, 9, tzinfo=UTC))


async def test_what_was_said_on_the_day_that_is_named_comes_first(search: Search) -> None:
    await search.keep(said("monday", "the budget and more", day=2), said("friday", "about the budget", day=6))
    await search.keep(TRIP)
    now = datetime(2026, 3, 9, 12, tzinfo=UTC)
    for query, expected in (("the budget last Friday", "friday"), ("the budget last Monday", "monday")):
        [found, *_] = await search.recall.search(ANN, query, now=now)
        assert found.memory.id == expected


async def test_the_clock_says_what_last_week_is() -> None:
    search = Search()
    clock = ManualClock()
    clock_day = clock.now()
    old = structs.replace(said("old", "about the budget"), started_at=clock_day - timedelta(days=300))
    new = structs.replace(said("new", "about the budget and so on"), started_at=clock_day - timedelta(days=1))
    await search.keep(old, new, TRIP)
    recall = Recall(
        memories=search.memories,
        embedder=FakeTextEmbedder(),
        texts=search.texts,
        vectors=search.vectors,
        clock=clock,
    )
    [found, *_] = await recall.search(ANN, "the budget yesterday")
    assert found.memory.id == "new"


async def test_what_a_named_person_said_comes_first() -> None:
    search = Search()
    people = InMemoryPeople()
    born = datetime(2026, 1, 1, tzinfo=UTC)
    for key, name in (("p1", "Tom Miller"), ("p2", "Lea")):
        await people.save(ANN, Person(id=PersonId(key), name=name, created_at=born, updated_at=born))
    await search.keep(
        said("of-lea", "a holiday in Rome", person="p2"), said("of-tom", "a holiday in Rome", person="p1")
    )
    recall = Recall(
        memories=search.memories,
        embedder=FakeTextEmbedder(),
        texts=search.texts,
        vectors=search.vectors,
        people=people,
    )
    for name, expected in (("Tom's", "of-tom"), ("Lea's", "of-lea")):
        [found, *_] = await recall.search(ANN, f"Where is {name} holiday?")
        assert found.memory.id == expected


async def test_a_photo_is_found_by_its_description(search: Search) -> None:
    await search.keep(structs.replace(TRIP, photos=(Photo(base64="", description="A zebra at the fence"),)), WORK)
    [found, *_] = await search.recall.search(ANN, "zebra")
    assert (found.memory.id, found.passages[0].text) == ("trip", "A zebra at the fence")
    assert (found.passages[0].number, found.passages[0].start) == (0, 0)


class OtherEmbedder(FakeTextEmbedder):
    name = "other-64"


async def test_vectors_of_another_embedder_are_not_mixed_in_but_told(search: Search) -> None:
    await search.keep(TRIP, WORK)
    told: list[str] = []

    async def tell(user: UserId) -> None:
        told.append(user)

    changed = Recall(
        memories=search.memories,
        embedder=OtherEmbedder(),
        texts=search.texts,
        vectors=search.vectors,
        on_other_space=tell,
    )
    found = await changed.candidates(ANN, "sardines")
    assert {one.nearness for one in found} == {0.0}
    assert told == [ANN]


async def test_words_without_any_vectors_are_told_too(search: Search) -> None:
    await search.keep(TRIP)
    await search.vectors.delete(ANN, TRIP.id)
    told: list[str] = []

    async def tell(user: UserId) -> None:
        told.append(user)

    recall = Recall(
        memories=search.memories,
        embedder=FakeTextEmbedder(),
        texts=search.texts,
        vectors=search.vectors,
        on_other_space=tell,
    )
    assert await recall.candidates(ANN, "sardines")
    assert told == [ANN]
    assert await recall.candidates(BOB, "sardines") == []
    assert told == [ANN], "who has no memories needs no vectors"


@pytest.mark.parametrize(
    ("age", "lost", "expected"),
    [(timedelta(days=1), [TRIP.id], [ANN]), (timedelta(minutes=5), [TRIP.id], []), (timedelta(days=1), [], [])],
    ids=["lost", "on their way", "complete"],
)
async def test_an_index_of_vectors_that_lost_most_of_what_words_find_is_told(
    search: Search, age: timedelta, lost: Sequence[MemoryId], expected: list[UserId]
) -> None:
    noon = datetime(2026, 1, 5, 12, tzinfo=UTC)
    await search.keep(structs.replace(TRIP, started_at=noon), WORK)
    for gone in lost:
        await search.vectors.delete(ANN, gone)
    told: list[UserId] = []

    async def tell(user: UserId) -> None:
        told.append(user)

    recall = Recall(
        memories=search.memories,
        embedder=FakeTextEmbedder(),
        texts=search.texts,
        vectors=search.vectors,
        clock=ManualClock(noon + age),
        on_other_space=tell,
    )
    assert await recall.candidates(ANN, "sardines")
    assert told == expected


class BrokenTexts(InMemoryTextIndex):
    async def rank_memories(self, user: UserId, query: str, *, limit: int = 50) -> tuple[Hit, ...]:  # noqa: ARG002
        raise TemporarilyUnavailable("out of order")


async def test_a_text_index_that_fails_is_one_error_and_no_group(search: Search) -> None:
    await search.keep(TRIP)
    recall = Recall(memories=search.memories, embedder=FakeTextEmbedder(), texts=BrokenTexts(), vectors=search.vectors)
    with pytest.raises(TemporarilyUnavailable, match="out of order"):
        await recall.search(ANN, "sardines")
