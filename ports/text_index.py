"""Words to the passages that hold them."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from domain.ids import MemoryId, UserId


class Passage(Struct, frozen=True):
    """A piece of a memory that can be found."""

    memory_id: MemoryId
    number: int
    """Place within the memory. 0 is the memory as a whole (title and overview); turns count from 1."""
    text: str


class Hit(Struct, frozen=True):
    """A passage that was found."""

    memory_id: MemoryId
    number: int
    score: float
    """Higher is better. Compares within one answer only."""
    text: str = ""
    """The passage, where the index keeps it."""


class TextIndex(Protocol):
    """Full-text search over a user's passages. Raises TemporarilyUnavailable throughout."""

    async def put(self, user: UserId, memory_id: MemoryId, passages: Sequence[Passage]) -> None:
        """Replaces all passages of a memory."""
        ...

    async def delete(self, user: UserId, memory_id: MemoryId) -> None:
        """Forgets a memory; nothing happens when it is not known."""
        ...

    async def search(self, user: UserId, query: str, *, limit: int = 50) -> tuple[Hit, ...]:
        """Best passages first. Any text is a query: it is words to look for, never syntax."""
        ...
