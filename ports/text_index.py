"""Words to the passages that hold them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from domain.ids import MemoryId, UserId

TEXTS = 10
"""Hits of a search that come with their text: the others are counted, not read."""

Place = tuple[MemoryId, int]
"""Which passage: memory and number."""


class Passage(Struct, frozen=True):
    """A piece of a memory that can be found."""

    memory_id: MemoryId
    number: int
    """Place within the memory. 0 is the memory as a whole (title and overview); turns count from 1."""
    text: str
    at: datetime | None = None
    """When it was said. Aware."""
    speaker: str = ""
    """Who said it: a person's id, or a word that the application chose; empty where nobody knows."""


class Hit(Struct, frozen=True, gc=False):
    """A passage that was found."""

    memory_id: MemoryId
    number: int
    score: float
    """Higher is better. Compares within one answer only."""
    text: str = ""
    """The passage, of the best `TEXTS` of a search; empty elsewhere, and where the index does not keep it."""
    at: datetime | None = None
    speaker: str = ""


class TextIndex(Protocol):
    """Full-text search over a user's passages. Raises TemporarilyUnavailable throughout."""

    async def put(self, user: UserId, memory_id: MemoryId, passages: Sequence[Passage]) -> None:
        """Replaces all passages of a memory."""
        ...

    async def delete(self, user: UserId, memory_id: MemoryId) -> None:
        """Forgets a memory; nothing happens when it is not known."""
        ...

    async def clear(self, user: UserId) -> None:
        """Forgets all memories of a user for good; nothing happens when there are none."""
        ...

    async def memories(self, user: UserId) -> tuple[MemoryId, ...]:
        """Which memories of a user have passages, sorted."""
        ...

    async def search(self, user: UserId, query: str, *, limit: int = 50) -> tuple[Hit, ...]:
        """Best passages first. Any text is a query: it is words to look for, never syntax."""
        ...

    async def rank_memories(self, user: UserId, query: str, *, limit: int = 50) -> tuple[Hit, ...]:
        """Best memories first, each judged by all its passages together; `number` is 0, there is no text."""
        ...

    async def between(self, user: UserId, start: datetime, end: datetime, *, limit: int = 50) -> tuple[Hit, ...]:
        """Passages of [start, end), newest first; all scores are 0."""
        ...

    async def read(self, user: UserId, places: Sequence[Place]) -> tuple[Hit, ...]:
        """Those of some passages that there are, in no order; all scores are 0."""
        ...
