"""From single turns that were found to stretches of talk that can be read, and no more of them than a model takes."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from heapq import nlargest
from operator import itemgetter

from msgspec import Struct, structs

from application.questions.fuse_hits import ScoredMemory, ScoredPassage
from application.questions.passages import WHOLE, overview_of, said_at, text_of
from application.questions.recall import Recall
from domain.ids import MemoryId, PersonId, SegmentId, UserId
from domain.memory import Memory
from domain.transcript import TranscriptSegment

MOST_PASSAGES = 12
MOST_TOKENS = 2_500
"""Of all passages together."""
_LETTERS_PER_TOKEN = 3.6
_TURNS = 40
"""Best turns that are looked at."""
_PER_MEMORY = 8
"""Turns of one memory at most: a long talk about the matter leaves room for others."""
_TOUCHING = 3
"""From the number of a turn to that of another, at most, where the turns around them are one stretch."""
_LONGEST = 1_600
"""Letters of one passage: a monologue is cut, not left out."""


class GatheredPassage(Struct, frozen=True, kw_only=True):
    """A stretch of a memory: turns that were found, with the turn before and behind."""

    memory_id: MemoryId
    title: str
    text: str
    """A line a turn, each with who said it."""
    best: str
    """The turn that fits best, alone."""
    segment_id: SegmentId | None
    """Of that turn; None for an overview or a photo."""
    start: int
    """Of that turn, in samples on the clock of the memory."""
    said_at: datetime
    score: float
    nearness: float
    """Cosine of the question and what was said; compares between questions."""
    is_dated: bool = False
    """It was said when the question says."""


class _Run(Struct, frozen=True):
    """Numbers of passages in a row, and the best one of those that were found."""

    first: int
    last: int
    best: int
    score: float
    nearness: float
    is_dated: bool


async def gather_passages(
    recall: Recall, user: UserId, found: Sequence[ScoredMemory], *, names: dict[PersonId, str]
) -> tuple[GatheredPassage, ...]:
    """Passages for the best turns of what was found, best first, within the limits.

    Raises:
        TemporarilyUnavailable: the repository failed.
    """
    waiting = _best_turns(found)
    passages: list[GatheredPassage] = []
    while needed := _needed(waiting, passages):
        kept = await recall.kept(user, [one.memory_id for one in needed])
        for one in needed:
            if memory := kept.get(one.memory_id):
                passages += [_passage(memory, run, names) for run in _runs(one.passages, memory)]
        waiting = waiting[len(needed) :]
    passages.sort(key=lambda passage: -passage.score)
    return tuple(_affordable(passages[:MOST_PASSAGES]))


def _needed(waiting: Sequence[ScoredMemory], passages: Sequence[GatheredPassage]) -> Sequence[ScoredMemory]:
    """The next memories to be read, all of them at once; none where none of the rest would be shown.

    A memory need not be read where enough passages are better than its best. Where one that is read is gone, another
    is needed the next time.
    """
    scores = [passage.score for passage in passages]
    for number, memory in enumerate(waiting):
        if sum(score >= memory.score for score in scores) >= MOST_PASSAGES:
            return waiting[:number]
        scores += _likely_scores(memory)
    return waiting


def _likely_scores(memory: ScoredMemory) -> list[float]:
    """Scores of the passages that a memory will have, told by the numbers of its turns before it is read."""
    scores: list[float] = []
    before = WHOLE
    for one in sorted(memory.passages, key=lambda passage: passage.number):
        if before != WHOLE and one.number - before <= _TOUCHING:
            scores[-1] = max(scores[-1], one.score)
        else:
            scores.append(one.score)
        before = one.number
    return scores


def _best_turns(found: Sequence[ScoredMemory]) -> Sequence[ScoredMemory]:
    """What was found, with the turns alone that are looked at."""
    turns = [
        (passage.score, memory.memory_id, passage.number)
        for memory in found
        for passage in memory.passages[:_PER_MEMORY]
    ]
    best: dict[MemoryId, list[int]] = {}
    for _, memory_id, number in nlargest(_TURNS, turns, key=itemgetter(0)):
        best.setdefault(memory_id, []).append(number)
    return [
        structs.replace(one, passages=tuple(turn for turn in one.passages if turn.number in best[one.memory_id]))
        for one in found
        if one.memory_id in best
    ]


def _runs(found: Sequence[ScoredPassage], memory: Memory) -> list[_Run]:
    """Joins turns whose surroundings touch. Overviews and photos stay alone."""
    turns = len(memory.segments)
    runs: list[_Run] = []
    for one in sorted(found, key=lambda passage: passage.number):
        if text_of(memory, one.number) is None:
            continue
        is_turn = WHOLE < one.number <= turns
        first = max(one.number - 1, 1) if is_turn else one.number
        last = min(one.number + 1, turns) if is_turn else one.number
        run = _Run(first, last, one.number, one.score, one.nearness, one.is_dated)
        before = runs[-1] if runs else None
        if before and is_turn and before.best != WHOLE and first <= before.last + 1:
            runs[-1] = _both(before, run)
        else:
            runs.append(run)
    return runs


def _both(one: _Run, other: _Run) -> _Run:
    better = max(one, other, key=lambda run: run.score)
    return _Run(
        one.first,
        other.last,
        better.best,
        better.score,
        max(one.nearness, other.nearness),
        one.is_dated or other.is_dated,
    )


def _passage(memory: Memory, run: _Run, names: dict[PersonId, str]) -> GatheredPassage:
    best = text_of(memory, run.best) or ""
    segments = memory.segments[run.first - 1 : run.last] if WHOLE < run.best <= len(memory.segments) else ()
    at = memory.segments[run.best - 1] if segments else None
    text = "\n".join(f"{_voice(segment, names)}: {segment.text}" for segment in segments) if segments else best
    return GatheredPassage(
        memory_id=memory.id,
        title=memory.structure.title or overview_of(memory)[:80],
        text=text[:_LONGEST],
        best=best,
        segment_id=at.id if at else None,
        start=at.start if at else 0,
        said_at=said_at(memory, at.start if at else 0),
        score=run.score,
        nearness=run.nearness,
        is_dated=run.is_dated,
    )


def _voice(segment: TranscriptSegment, names: dict[PersonId, str]) -> str:
    if segment.is_user:
        return "User"
    return (names.get(segment.person_id) if segment.person_id else None) or f"Speaker {segment.speaker}"


def _affordable(passages: Iterable[GatheredPassage]) -> Iterable[GatheredPassage]:
    left = MOST_TOKENS * _LETTERS_PER_TOKEN
    for passage in passages:
        left -= len(passage.text)
        if left < 0:
            return
        yield passage
