"""Answers from what was said."""

from collections.abc import Sequence

import pytest

from adapters.outbound.text_embedder.fake import FakeTextEmbedder
from adapters.outbound.text_index.memory import InMemoryTextIndex
from adapters.outbound.vector_index.memory import InMemoryVectorIndex
from application.questions.answer_question import UNKNOWN, Asked, confidence, standalone
from application.questions.fuse_hits import ScoredMemory, ScoredPassage
from application.questions.gather_passages import MOST_PASSAGES, MOST_TOKENS, gather_passages
from application.questions.recall import Recall
from domain.ids import MemoryId, UserId
from domain.material import Background
from domain.memory import Memory
from ports.errors import TemporarilyUnavailable
from tests.support.chat_world import ANN, DENTIST, ROOF, ChatWorld, ScriptedModel, talk
from tests.support.memories import NOON


def asked(question: str, **more: str) -> Asked:
    return Asked(question=question, background=Background(now=NOON), **more)


async def test_an_answer_cites_the_segments_it_rests_on() -> None:
    world = ChatWorld(ScriptedModel("On Thurs", "day [1]."))
    await world.keep(DENTIST, ROOF)
    answered = await world.answers.answer(ANN, asked("When does the dentist have time?"))
    [citation] = answered.citations
    assert answered.text == "On Thursday [1]."
    assert (citation.number, citation.memory_id) == (1, "dentist")
    assert citation.segment_id in {segment.id for segment in DENTIST.segments}
    assert citation.start == next(s.start for s in DENTIST.segments if s.id == citation.segment_id)
    assert answered.memory_ids == ("dentist",)


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("Yes [1][99].", "Yes [1]."),
        ("Yes [0].", "Yes."),
        ("Yes [1, 99].", "Yes [1]."),
        ("No number [x].", "No number [x]."),
    ],
)
async def test_a_citation_of_what_was_not_given_is_dropped(written: str, left: str) -> None:
    world = ChatWorld(ScriptedModel(written))
    await world.keep(DENTIST)
    answered = await world.answers.answer(ANN, asked("When does the dentist have time?"))
    assert answered.text == left
    assert {citation.number for citation in answered.citations} <= {1}


async def test_pieces_are_said_while_they_come() -> None:
    world = ChatWorld(ScriptedModel("On ", "Thursday ", "[1]."))
    await world.keep(DENTIST)
    pieces: list[str] = []

    async def say(piece: str) -> None:
        pieces.append(piece)

    await world.answers.answer(ANN, asked("When does the dentist have time?"), say=say)
    assert pieces == ["On ", "Thursday ", "[1]."]


async def test_what_is_not_there_is_not_known_and_no_model_is_asked() -> None:
    model = ScriptedModel("nonsense")
    world = ChatWorld(model)
    await world.keep(DENTIST, ROOF)
    answered = await world.answers.answer(ANN, asked("Which violin concerto premiered yesterday?"))
    assert (answered.text, answered.is_known, answered.citations) == (UNKNOWN, False, ())
    assert model.prompts == []


async def test_without_a_model_the_passages_themselves_are_the_answer() -> None:
    world = ChatWorld()
    await world.keep(DENTIST, ROOF)
    answered = await world.answers.answer(ANN, asked("When does the dentist have time?"))
    assert answered.is_quoted
    assert "“The dentist has time on Thursday.”" in answered.text
    assert answered.citations[0].memory_id == "dentist"
    assert all(f"[{citation.number}]" in answered.text for citation in answered.citations)


async def test_a_model_that_does_not_begin_is_replaced_by_the_passages() -> None:
    world = ChatWorld(ScriptedModel(breaks_after=0))
    await world.keep(DENTIST)
    assert (await world.answers.answer(ANN, asked("When does the dentist have time?"))).is_quoted


async def test_a_model_that_breaks_off_is_an_error() -> None:
    world = ChatWorld(ScriptedModel("On ", "Thursday", breaks_after=1))
    await world.keep(DENTIST)
    with pytest.raises(TemporarilyUnavailable):
        await world.answers.answer(ANN, asked("When does the dentist have time?"))


async def test_a_greeting_needs_nothing_that_was_said() -> None:
    model = ScriptedModel("Hello Ann!")
    answered = await ChatWorld(model).answers.answer(ANN, asked("Hi, good morning!"))
    assert (answered.text, answered.is_known) == ("Hello Ann!", True)


async def test_the_prompt_holds_the_turns_around_what_was_found() -> None:
    model = ScriptedModel("x")
    world = ChatWorld(model)
    await world.keep(DENTIST)
    await world.answers.answer(ANN, asked("When does the dentist have time?", history="User: hi", persona="p"))
    [prompt] = model.prompts
    assert "Speaker 0: Call the dentist.\nSpeaker 0: The dentist has time on Thursday." in prompt.passages[0].text
    assert (prompt.passages[0].title, prompt.history, prompt.persona) == ("Dentist", "User: hi", "p")
    assert [passage.text for passage in prompt.passages if "Speaker" not in passage.text] == ["Dentist"]
    assert len(prompt.passages) == 2, "turns next to each other are one passage"


async def test_passages_stay_within_their_limits() -> None:
    world = ChatWorld()
    await world.keep(*(talk(f"m{n}", [f"the budget {n} " + "and more " * 60] * 5) for n in range(30)))
    found = world.recall.ranked(await world.recall.candidates(ANN, "budget"))
    passages = await gather_passages(world.recall, ANN, found, names={})
    assert 1 < len(passages) <= MOST_PASSAGES
    assert sum(len(passage.text) for passage in passages) / 3.6 <= MOST_TOKENS


class CountingRecall(Recall):
    """Keeps which memories were read."""

    read: list[list[MemoryId]]

    async def kept(self, user: UserId, memory_ids: Sequence[MemoryId]) -> dict[MemoryId, Memory]:
        self.read.append(list(memory_ids))
        return await super().kept(user, memory_ids)


def counting(world: ChatWorld) -> CountingRecall:
    recall = CountingRecall(
        memories=world.memories,
        embedder=FakeTextEmbedder(),
        texts=InMemoryTextIndex(),
        vectors=InMemoryVectorIndex(),
    )
    recall.read = []
    return recall


async def test_memories_of_which_nothing_would_be_shown_are_not_read() -> None:
    world = ChatWorld()
    recall = counting(world)
    for number in range(30):
        await world.memories.save(ANN, talk(f"m{number:02}", ["the budget"]))
    gone = MemoryId("m00")
    await world.memories.delete(ANN, gone)
    found = [ScoredMemory(MemoryId(f"m{n:02}"), 1 - n / 100, (ScoredPassage(1, 1 - n / 100),)) for n in range(30)]
    passages = await gather_passages(recall, ANN, found, names={})
    names = [memory.memory_id for memory in found]
    assert recall.read == [names[:MOST_PASSAGES], [names[MOST_PASSAGES]]], "together, and one in place of what is gone"
    assert [passage.memory_id for passage in passages] == names[1 : MOST_PASSAGES + 1]


async def test_memories_with_turns_next_to_each_other_are_read_together_all_the_same() -> None:
    world = ChatWorld()
    recall = counting(world)
    found = []
    for number in range(MOST_PASSAGES + 4):
        one = talk(f"m{number:02}", ["the budget"] * 9)
        await world.memories.save(ANN, one)
        score = 1 - number / 100
        turns = (ScoredPassage(4, score), ScoredPassage(1, score - 0.5), ScoredPassage(8, score - 0.9))
        found.append(ScoredMemory(one.id, score, turns))
    passages = await gather_passages(recall, ANN, found, names={})
    assert recall.read == [[memory.memory_id for memory in found[:MOST_PASSAGES]]]
    assert [passage.memory_id for passage in passages] == recall.read[0]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("And when was that?", "Who called about the roof?\nAnd when was that?"),
        ("What did he say?", "Who called about the roof?\nWhat did he say?"),
        ("When is the concert?", "When is the concert?"),
        ("Did she like the cake?", "Did she like the cake?"),
    ],
)
def test_only_a_question_that_points_back_is_put_behind_the_one_before(question: str, expected: str) -> None:
    assert standalone(question, before="Who called about the roof?") == expected


def test_without_anything_before_a_question_stays_as_it_is() -> None:
    assert standalone("And then?", before="") == "And then?"


def test_nothing_found_is_no_confidence() -> None:
    assert confidence("what", ()) == 0
