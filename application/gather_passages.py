"""From single turns that were found to stretches of talk that can be read, and no more of them than a model takes."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from application.fuse_hits import ScoredMemory
from application.passages import WHOLE, overview_of, said_at, text_of
from application.recall import Recall
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


class _Run(Struct, frozen=True):
    """Numbers of passages in a row, and the best one of those that were found."""

    first: int
    last: int
    best: int
    score: float
    nearness: float


async def gather_passages(
    recall: Recall, user: UserId, found: Sequence[ScoredMemory], *, names: dict[PersonId, str]
) -> tuple[GatheredPassage, ...]:
    """Passages for the best turns of what was found, best first, within the limits.

    Raises:
        TemporarilyUnavailable: the repository failed.
    """
    wanted = _best_turns(found)
    passages: list[GatheredPassage] = []
    for one in found:
        numbers = wanted.get(one.memory_id)
        memory = await recall.kept(user, one.memory_id) if numbers else None
        if memory is None:
            continue
        scores = {passage.number: (passage.score, passage.nearness) for passage in one.passages}
        runs = _runs({number: scores[number] for number in numbers or ()}, memory)
        passages += [_passage(memory, run, names) for run in runs]
    passages.sort(key=lambda passage: -passage.score)
    return tuple(_affordable(passages[:MOST_PASSAGES]))


def _best_turns(found: Sequence[ScoredMemory]) -> dict[MemoryId, list[int]]:
    turns = [
        (passage.score, memory.memory_id, passage.number)
        for memory in found
        for passage in memory.passages[:_PER_MEMORY]
    ]
    best: dict[MemoryId, list[int]] = {}
    for _, memory_id, number in sorted(turns, key=lambda turn: -turn[0])[:_TURNS]:
        best.setdefault(memory_id, []).append(number)
    return best


def _runs(scores: dict[int, tuple[float, float]], memory: Memory) -> list[_Run]:
    """Joins turns whose surroundings touch. Overviews and photos stay alone."""
    turns = len(memory.segments)
    runs: list[_Run] = []
    for number in sorted(scores):
        score, nearness = scores[number]
        if text_of(memory, number) is None:
            continue
        if number == WHOLE or number > turns:
            runs.append(_Run(number, number, number, score, nearness))
            continue
        first, last = max(number - 1, 1), min(number + 1, turns)
        before = runs[-1] if runs and WHOLE < runs[-1].last <= turns else None
        if before is None or first > before.last + 1:
            runs.append(_Run(first, last, number, score, nearness))
        elif score > before.score:
            runs[-1] = _Run(before.first, last, number, score, max(nearness, before.nearness))
        else:
            runs[-1] = _Run(before.first, last, before.best, before.score, max(nearness, before.nearness))
    return runs


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
