"""What the words say and what the meaning says of a passage, as one score."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from msgspec import Struct

from application.passages import WHOLE
from domain.ids import MemoryId
from domain.words import coverage
from ports.text_index import Hit

Place = tuple[MemoryId, int]
"""A passage: memory and number."""

_NEIGHBORS = 0.7
_MEMORY = 0.7
_MEANING = 1.5
"""Weights beside the passage's own words. Vectors hold a turn together with its neighbors, hence one weight for both.
"""
_TRUSTED = 10
"""Passages that are looked at to see how many words of the query they have."""
_TELLING = 3
"""Passages of a memory whose words count for the memory."""


class ScoredPassage(Struct, frozen=True):
    """A passage and how well it fits."""

    number: int
    score: float


class ScoredMemory(Struct, frozen=True):
    """A memory and its passages, best first."""

    memory_id: MemoryId
    score: float
    """That of the best passage."""
    passages: tuple[ScoredPassage, ...]


def fused(lexical: Sequence[Hit], semantic: Sequence[Hit], *, query: str) -> list[ScoredMemory]:
    """Memories of both answers, best first.

    A convex mix of scores, not of ranks: ranks forget by how much a passage is better. Scores of words are divided by
    the best one, cosines are stretched over what was found, because only their differences mean something.
    Where even the best passage has few of the query's words, words weigh less: one in common is often chance.
    """
    words = _shares(lexical, trust=_trust(lexical, query))
    meanings = _stretched(semantic)
    memories = _memory_shares(words)
    scored: defaultdict[MemoryId, list[ScoredPassage]] = defaultdict(list)
    for memory_id, number in words.keys() | meanings.keys():
        score = (
            words.get((memory_id, number), 0.0)
            + _NEIGHBORS * _around(words, memory_id, number)
            + _MEMORY * memories.get(memory_id, 0.0)
            + _MEANING * meanings.get((memory_id, number), 0.0)
        )
        scored[memory_id].append(ScoredPassage(number, score))
    found = [_memory(memory_id, passages) for memory_id, passages in scored.items()]
    return sorted(found, key=lambda memory: (-memory.score, memory.memory_id))


def _memory(memory_id: MemoryId, passages: list[ScoredPassage]) -> ScoredMemory:
    best_first = tuple(sorted(passages, key=lambda passage: (-passage.score, passage.number)))
    return ScoredMemory(memory_id, best_first[0].score, best_first)


def _around(words: Mapping[Place, float], memory_id: MemoryId, number: int) -> float:
    """What the words of the turns before and behind say; the memory as a whole has no neighbors."""
    turns = [turn for turn in (number - 1, number + 1) if turn != WHOLE] if number != WHOLE else []
    return min(sum(words.get((memory_id, turn), 0.0) for turn in turns), 1.0)


def _shares(hits: Sequence[Hit], *, trust: float) -> dict[Place, float]:
    best = max((hit.score for hit in hits), default=0.0)
    return {(hit.memory_id, hit.number): trust * hit.score / best for hit in hits} if best > 0 else {}


def _trust(hits: Sequence[Hit], query: str) -> float:
    """The largest part of the query's words that one of the best passages has; 1 where the index keeps no text."""
    return max((coverage(hit.text, query=query) if hit.text else 1.0 for hit in hits[:_TRUSTED]), default=0.0)


def _stretched(hits: Sequence[Hit]) -> dict[Place, float]:
    worst = min((hit.score for hit in hits), default=0.0)
    span = max((hit.score for hit in hits), default=0.0) - worst
    return {(hit.memory_id, hit.number): (hit.score - worst) / span if span > 0 else 1.0 for hit in hits}


def _memory_shares(words: Mapping[Place, float]) -> dict[MemoryId, float]:
    """How much the words of a query are in a memory as a whole; the best memory has what its best passage has."""
    by_memory: defaultdict[MemoryId, list[float]] = defaultdict(list)
    for (memory_id, _), share in words.items():
        by_memory[memory_id].append(share)
    sums = {memory_id: sum(sorted(shares)[-_TELLING:]) for memory_id, shares in by_memory.items()}
    scale = max(words.values(), default=0.0) / max(sums.values(), default=1.0)
    return {memory_id: scale * total for memory_id, total in sums.items()}
