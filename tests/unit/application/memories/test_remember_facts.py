"""What is learned of the user, over time."""

from datetime import timedelta

import pytest

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.facts.memory import InMemoryFacts
from adapters.outbound.text_embedder.fake import FakeTextEmbedder
from application.memories.manage_facts import ManageFacts
from application.memories.remember_facts import Remembered, RememberFacts
from domain.fact import Fact
from domain.ids import SegmentId, UserId
from domain.memory import FactDraft, Memory
from ports.errors import NotFound
from tests.support.memories import NOON, a_memory

ANN = UserId("ann")


class Mind:
    def __init__(self) -> None:
        self.store, self.clock = InMemoryFacts(), ManualClock()
        self.facts = RememberFacts(facts=self.store, embedder=FakeTextEmbedder(), clock=self.clock)
        self.manage = ManageFacts(facts=self.store, clock=self.clock)

    async def learn(self, day: int, *sentences: str) -> Remembered:
        drafts = [FactDraft(content=sentence, evidence=(SegmentId("s1"),)) for sentence in sentences]
        return await self.facts.remember(ANN, memory(day), drafts)

    async def shown(self) -> list[str]:
        return sorted(fact.content for fact in await self.manage.list(ANN))

    async def only(self) -> Fact:
        [fact] = await self.facts.all(ANN)
        return fact


def memory(day: int) -> Memory:
    return a_memory(f"day-{day}", started_at=NOON + timedelta(days=day))


@pytest.fixture
def mind() -> Mind:
    return Mind()


async def test_a_fact_says_where_it_was_learned_and_since_when_it_holds(mind: Mind) -> None:
    await mind.learn(3, "User plays the cello")
    fact = await mind.only()
    assert (fact.memory_id, fact.valid_from, fact.evidence) == ("day-3", NOON + timedelta(days=3), ("s1",))


@pytest.mark.parametrize("again", ["User plays the cello", "The user plays the cello.", "User is playing the cello"])
async def test_the_same_fact_is_not_there_twice(mind: Mind, again: str) -> None:
    await mind.learn(1, "User plays the cello")
    remembered = await mind.learn(2, again)
    assert (len(remembered.known), remembered.added) == (1, ())
    assert await mind.shown() == ["User plays the cello"]


async def test_the_same_sentence_in_two_memories_is_one_fact_with_an_id_of_its_own(mind: Mind) -> None:
    await mind.learn(1, "User plays the cello")
    other = Mind()
    await other.learn(1, "User plays the cello")
    assert (await mind.only()).id != (await other.only()).id


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("User lives in Berlin", "User now lives in Lisbon"),
        ("User lives in Berlin", "User moved to Lisbon"),
        ("User works at the bakery", "User works for a bank"),
        ("User's favorite color is blue", "User's favorite color is green"),
        ("The user drives a Saab", "User drives a Volvo"),
    ],
)
async def test_a_newer_value_ends_the_older_one_and_both_are_kept(mind: Mind, older: str, newer: str) -> None:
    await mind.learn(1, older)
    remembered = await mind.learn(5, newer)
    assert await mind.shown() == [newer]
    [ended] = remembered.superseded
    assert (ended.content, ended.valid_to) == (older, NOON + timedelta(days=5))
    assert ended.superseded_by == remembered.added[0].id
    assert len(await mind.facts.all(ANN)) == 2


async def test_what_is_told_late_does_not_end_what_is_newer(mind: Mind) -> None:
    await mind.learn(5, "User lives in Lisbon")
    await mind.learn(1, "User lives in Berlin")
    assert await mind.shown() == ["User lives in Lisbon"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("User is a father", "User is an engineer"),
        ("User is allergic to nuts", "User is allergic to birch"),
        ("User likes tea", "User likes coffee"),
        ("User plays the cello", "User plays chess"),
        ("User's wife is Lea", "User's boss is Tom"),
        ("User lives in Berlin", "User's brother lives in Rome"),
        ("User runs 5 miles a day", "User runs 9 miles a day"),
        ("User eats meat", "User does not eat meat"),
    ],
)
async def test_in_doubt_both_hold(mind: Mind, one: str, other: str) -> None:
    await mind.learn(1, one)
    await mind.learn(2, other)
    assert await mind.shown() == sorted([one, other])


async def test_reprocessing_drops_what_is_not_said_again(mind: Mind) -> None:
    await mind.learn(1, "User plays the cello", "User likes tea")
    await mind.learn(1, "User likes tea")
    assert await mind.shown() == ["User likes tea"]


async def test_reprocessing_keeps_what_the_user_reviewed_or_edited(mind: Mind) -> None:
    await mind.learn(1, "User plays the cello", "User likes tea", "User sings")
    by_word = {fact.content.split()[-1]: fact for fact in await mind.facts.all(ANN)}
    cello, tea, sings = (by_word[word] for word in ("cello", "tea", "sings"))
    await mind.manage.review(ANN, cello.id, is_right=True)
    await mind.manage.edit(ANN, tea.id, "User likes green tea")
    await mind.learn(1)
    assert await mind.shown() == ["User likes green tea", "User plays the cello"]
    assert sings.content not in await mind.shown()


async def test_what_was_rejected_or_deleted_is_not_learned_again(mind: Mind) -> None:
    await mind.learn(1, "User plays the cello", "User likes tea")
    for fact in await mind.facts.all(ANN):
        if "tea" in fact.content:
            await mind.manage.delete(ANN, fact.id)
        else:
            await mind.manage.review(ANN, fact.id, is_right=False)
    await mind.learn(1, "User plays the cello", "User likes tea")
    await mind.learn(2, "User plays the cello", "User likes tea")
    assert await mind.shown() == []


async def test_facts_of_a_deleted_memory_go_with_it_and_what_they_ended_holds_again(mind: Mind) -> None:
    await mind.learn(1, "User lives in Berlin")
    await mind.learn(2, "User lives in Lisbon")
    await mind.manage.add(ANN, "I like tea")
    await mind.facts.forget_memory(ANN, memory(2).id)
    assert await mind.shown() == ["I like tea", "User lives in Berlin"]


async def test_learning_twice_changes_nothing(mind: Mind) -> None:
    await mind.learn(1, "User lives in Berlin", "User likes tea")
    before = await mind.facts.all(ANN)
    await mind.learn(1, "User lives in Berlin", "User likes tea")
    assert await mind.facts.all(ANN) == before


async def test_a_fact_that_is_not_there_is_not_found(mind: Mind) -> None:
    with pytest.raises(NotFound):
        await mind.manage.edit(ANN, "none", "words")
