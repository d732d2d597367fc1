"""A text index in a dictionary: for tests, and for who keeps nothing."""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

import anyio.lowlevel
from msgspec import Struct

from domain.ids import MemoryId, UserId
from domain.words import stem, words_of
from ports.text_index import TEXTS, Hit, Passage, Place

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

    async def clear(self, user: UserId) -> None:
        """Forgets all memories of a user."""
        await anyio.lowlevel.checkpoint()
        self._users.pop(user, None)

    async def memories(self, user: UserId) -> tuple[MemoryId, ...]:
        """Which memories have passages, sorted."""
        await anyio.lowlevel.checkpoint()
        return tuple(sorted(memory_id for memory_id, kept in self._users[user].items() if kept))

    async def search(self, user: UserId, query: str, *, limit: int = 50) -> tuple[Hit, ...]:
        """Best passages first."""
        await anyio.lowlevel.checkpoint()
        entries = {_place(entry): entry.words for kept in self._users[user].values() for entry in kept}
        passages = {_place(entry): entry.passage for kept in self._users[user].values() for entry in kept}
        ranked = enumerate(_ranked(query, entries, limit))
        return tuple(_hit(passages[place], score, is_told=rank < TEXTS) for rank, (place, score) in ranked)

    async def rank_memories(self, user: UserId, query: str, *, limit: int = 50) -> tuple[Hit, ...]:
        """Best memories first."""
        await anyio.lowlevel.checkpoint()
        wholes = {
            (memory_id, 0): sum((entry.words for entry in kept), Counter())
            for memory_id, kept in self._users[user].items()
        }
        return tuple(Hit(memory_id, 0, score) for (memory_id, _), score in _ranked(query, wholes, limit))

    async def between(self, user: UserId, start: datetime, end: datetime, *, limit: int = 50) -> tuple[Hit, ...]:
        """Passages of a time, newest first."""
        await anyio.lowlevel.checkpoint()
        passages = [entry.passage for kept in self._users[user].values() for entry in kept]
        dated = [(passage.at, passage) for passage in passages if passage.at and start <= passage.at < end]
        dated.sort(key=lambda pair: pair[0], reverse=True)
        return tuple(_hit(passage, 0.0) for _, passage in dated[: max(limit, 0)])

    async def read(self, user: UserId, places: Sequence[Place]) -> tuple[Hit, ...]:
        """Some passages."""
        await anyio.lowlevel.checkpoint()
        wanted = set(places)
        entries = (entry for kept in self._users[user].values() for entry in kept)
        return tuple(_hit(entry.passage, 0.0) for entry in entries if _place(entry) in wanted)


def _place(entry: _Entry) -> Place:
    return entry.passage.memory_id, entry.passage.number


def _hit(passage: Passage, score: float, *, is_told: bool = False) -> Hit:
    text = passage.text if is_told else ""
    return Hit(passage.memory_id, passage.number, score, text, passage.at, passage.speaker)


def _ranked(query: str, entries: Mapping[Place, Counter[str]], limit: int) -> list[tuple[Place, float]]:
    weights = _weights(set(_stems(query)), entries.values())
    usual = sum(words.total() for words in entries.values()) / max(len(entries), 1) or 1
    scored = ((place, _score(words, weights, usual)) for place, words in entries.items())
    best = sorted((pair for pair in scored if pair[1] > 0), key=lambda pair: -pair[1])
    return best[: max(limit, 0)]


def _weights(words: Iterable[str], entries: Collection[Counter[str]]) -> dict[str, float]:
    """Rare words weigh more."""
    counts = {word: sum(word in entry for entry in entries) for word in words}
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
