"""A text index in a dictionary: for tests, and for who keeps nothing."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import anyio.lowlevel
from msgspec import Struct

from domain.ids import MemoryId, UserId
from domain.words import stem, words_of
from ports.text_index import Hit, Passage

_SATURATION = 1.2
"""BM25's k1: how soon more of the same word says no more."""
_LENGTH = 0.75
"""BM25's b: how much a long passage is held against it."""


class _Entry(Struct, frozen=True):
    passage: Passage
    words: Counter[str]


class InMemoryTextIndex:
    """Scores every passage of the user by BM25."""

    def __init__(self) -> None:
        self._users: defaultdict[UserId, dict[MemoryId, list[_Entry]]] = defaultdict(dict)

    async def put(self, user: UserId, memory_id: MemoryId, passages: Sequence[Passage]) -> None:
        """Replaces all passages of a memory."""
        await anyio.lowlevel.checkpoint()
        self._users[user][memory_id] = [_Entry(passage, Counter(_stems(passage.text))) for passage in passages]

    async def delete(self, user: UserId, memory_id: MemoryId) -> None:
        """Forgets a memory."""
        await anyio.lowlevel.checkpoint()
        self._users[user].pop(memory_id, None)

    async def search(self, user: UserId, query: str, *, limit: int = 50) -> tuple[Hit, ...]:
        """Best passages first."""
        await anyio.lowlevel.checkpoint()
        entries = [entry for kept in self._users[user].values() for entry in kept]
        weights = _weights(set(_stems(query)), entries)
        usual = sum(entry.words.total() for entry in entries) / max(len(entries), 1) or 1
        scored = ((_score(entry.words, weights, usual), entry.passage) for entry in entries)
        best = sorted((pair for pair in scored if pair[0] > 0), key=lambda pair: -pair[0])
        return tuple(Hit(found.memory_id, found.number, score, found.text) for score, found in best[: max(limit, 0)])


def _weights(words: Iterable[str], entries: Sequence[_Entry]) -> dict[str, float]:
    """Rare words weigh more."""
    counts = {word: sum(word in entry.words for entry in entries) for word in words}
    return {word: math.log(1 + (len(entries) - n + 0.5) / (n + 0.5)) for word, n in counts.items() if n}


def _score(words: Counter[str], weights: dict[str, float], usual: float) -> float:
    damping = _SATURATION * (1 - _LENGTH + _LENGTH * words.total() / usual)
    return sum(
        weight * words[word] * (_SATURATION + 1) / (words[word] + damping)
        for word, weight in weights.items()
        if words[word]
    )


def _stems(text: str) -> list[str]:
    return [stem(word) for word in words_of(text)]
