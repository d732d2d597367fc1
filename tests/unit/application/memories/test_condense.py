"""A talk of any length becomes one draft."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any, cast

import anyio
import pytest

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.language_model.extractive import ExtractiveLanguageModel
from adapters.outbound.language_model.fake import FakeLanguageModel
from adapters.outbound.language_model.ladder import LadderLanguageModel
from application.memories.condense import AT_ONCE, condensed
from application.memories.talk_chunks import CHUNK_TOKENS, SILENCE, chunks_of, tokens_of
from application.tasks.transcript_chunk import ChunkNotes
from domain.fact import FactCategory
from domain.ids import SegmentId
from domain.memory import ActionItem, Category, FactDraft, MemoryDraft, Structure
from domain.transcript import TranscriptSegment
from ports.errors import TemporarilyUnavailable
from ports.language_model import Answer, Capabilities, Task, Tokens

TURN = "and then we talked about the garden and the fence and who would paint it before the summer comes "
"""26 tokens, as they are estimated, and 12 around them."""


def turns(count: int, *, pause_after: int | None = None) -> tuple[TranscriptSegment, ...]:
    segments = []
    at = 0
    for n in range(count):
        segments.append(TranscriptSegment(id=SegmentId(f"s{n}"), text=TURN * 4, start=at, end=at + 100, speaker=n % 2))
        at += 100 + (SILENCE if n == pause_after else 0)
    return tuple(segments)


class Noting(FakeLanguageModel):
    """Notes an action item for each part, and one that all parts have in common."""

    capabilities = Capabilities(context_tokens=10_000)

    def __init__(self) -> None:
        super().__init__()
        self.at_once = 0
        self.most_at_once = 0

    async def generate(self, task: Task[Any]) -> Answer[Any]:
        self.tasks.append(task)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await anyio.lowlevel.checkpoint()
        self.at_once -= 1
        return Answer(value=self._made(task), model=self.name, tokens=Tokens(read=10, written=1))

    def _made(self, task: Task[Any]) -> object:
        if task.output is not ChunkNotes:
            return Structure(title="A long day", overview=str(task.materials), category=Category.PERSONAL)
        first = task.segments[0].id
        return ChunkNotes(
            bullets=(f"Point of {first}",),
            action_items=(
                ActionItem(description=f"Do the task of {first}", evidence=(first,)),
                ActionItem(description="Paint the fence before summer", evidence=(first,)),
            ),
            facts=(FactDraft(content=f"Fact {first}", category=FactCategory.HOBBIES, evidence=(first,)),),
            people=("Anna", "Ben"),
        )


class FailingAt(Noting):
    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    async def generate(self, task: Task[Any]) -> Answer[Any]:
        if task.name == self._name:
            raise TemporarilyUnavailable("busy")
        return await super().generate(task)


@asynccontextmanager
async def ladder(model: FakeLanguageModel) -> AsyncIterator[LadderLanguageModel]:
    async with LadderLanguageModel([model, ExtractiveLanguageModel()], clock=ManualClock()) as made:
        yield made


async def test_a_talk_that_fits_is_understood_in_one_call() -> None:
    model = Noting()
    await condensed(model, turns(40))
    assert [task.name for task in model.tasks] == ["structure_memory"]


async def test_a_long_talk_is_noted_down_in_parts_and_put_together() -> None:
    model = Noting()
    answer = await condensed(model, turns(400))
    names = [task.name for task in model.tasks]
    parts = len(chunks_of(turns(400)))
    assert names == ["note_chunk"] * parts + ["join_chunks"]
    assert answer.value.structure.title == "A long day"
    assert answer.value.structure.category is Category.PERSONAL
    assert "Point of s0" in answer.value.structure.overview
    assert answer.tokens == Tokens(read=10 * (parts + 1), written=parts + 1)
    assert answer.degraded == ()


async def test_what_was_noted_down_twice_is_kept_once_with_all_its_evidence() -> None:
    model = Noting()
    draft = (await condensed(model, turns(400))).value
    described = [item.description for item in draft.structure.action_items]
    fence = draft.structure.action_items[described.index("Paint the fence before summer")]
    assert described.count("Paint the fence before summer") == 1
    assert len(fence.evidence) == len(chunks_of(turns(400)))
    assert len(draft.facts) == 3
    assert draft.people == ("Anna", "Ben")


async def test_no_more_than_four_parts_are_noted_down_at_once() -> None:
    model = Noting()
    await condensed(model, turns(1_000))
    assert model.most_at_once == AT_ONCE


@pytest.mark.parametrize("failing", ["note_chunk", "join_chunks"])
async def test_if_parts_fail_the_whole_talk_is_quoted_from(failing: str) -> None:
    model = FailingAt(failing)
    async with ladder(model) as chain:
        answer = await condensed(chain, turns(400))
    assert isinstance(answer.value, MemoryDraft)
    assert answer.value.structure.title
    assert answer.model == "extractive"
    assert failing in answer.degraded


async def test_a_single_model_that_fails_says_so_once() -> None:
    with pytest.raises(TemporarilyUnavailable, match="busy"):
        await condensed(FailingAt("note_chunk"), turns(400))


def test_a_part_is_never_too_long() -> None:
    chunks = chunks_of(turns(400))
    assert len(chunks) > 1
    assert all(tokens_of(chunk) <= CHUNK_TOKENS for chunk in chunks)


def test_a_cut_in_the_middle_repeats_the_last_turn_and_loses_none() -> None:
    chunks = chunks_of(turns(400))
    for one, other in pairwise(chunks):
        assert one[-1] == other[0]
    assert tuple(dict.fromkeys(s.id for chunk in chunks for s in chunk)) == tuple(s.id for s in turns(400))


def test_a_long_silence_is_where_to_cut() -> None:
    [first, *_] = chunks_of(turns(400, pause_after=30))
    assert len(first) == 31
    [first, second, *_] = chunks_of(turns(400, pause_after=30))
    assert second[0].id == "s31"


def test_a_silence_soon_after_the_beginning_is_no_reason_to_cut() -> None:
    [first, *_] = chunks_of(turns(400, pause_after=2))
    assert len(first) > 3


def test_a_turn_that_is_too_long_is_a_part_of_its_own() -> None:
    long = TranscriptSegment(id=SegmentId("long"), text="word " * 10_000, start=0, end=1)
    short = cast("tuple[TranscriptSegment, ...]", turns(2))
    assert chunks_of((short[0], long, short[1])) == [short[:1], (long,), short[1:]]


def test_nothing_has_no_parts() -> None:
    assert chunks_of(()) == []
