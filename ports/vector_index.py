"""Meanings to the passages that have them."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from domain.embedding import Embedding
from domain.ids import MemoryId, UserId
from ports.text_index import Hit


class VectorEntry(Struct, frozen=True):
    """The meaning of a passage."""

    number: int
    """As `Passage.number`."""
    embedding: Embedding


class VectorIndex(Protocol):
    """Nearest-neighbor search over a user's passages, by cosine. Raises TemporarilyUnavailable throughout."""

    async def put(self, user: UserId, memory_id: MemoryId, entries: Sequence[VectorEntry]) -> None:
        """Replaces all entries of a memory. All entries of an index have one dimension; else Rejected."""
        ...

    async def delete(self, user: UserId, memory_id: MemoryId) -> None:
        """Forgets a memory; nothing happens when it is not known."""
        ...

    async def search(self, user: UserId, query: Embedding, *, limit: int = 50) -> tuple[Hit, ...]:
        """Nearest entries first; the score is the cosine."""
        ...
