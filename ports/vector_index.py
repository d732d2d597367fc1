"""Meanings to the passages that have them."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from domain.embedding import Embedding
from domain.ids import MemoryId, UserId
from ports.text_index import Place


class VectorEntry(Struct, frozen=True):
    """The meaning of a passage."""

    number: int
    """As `Passage.number`."""
    embedding: Embedding
    context: Embedding | None = None
    """The meaning of the passage together with what was said around it; None: the same."""


class Near(Struct, frozen=True, gc=False):
    """A passage and how near it is."""

    memory_id: MemoryId
    number: int
    score: float
    """Cosine of the query and the passage."""
    context: float
    """Cosine of the query and the passage with what was said around it."""


class VectorIndex(Protocol):
    """Nearest-neighbor search over a user's passages, by cosine. Raises TemporarilyUnavailable throughout.

    Vectors lie in spaces (`TextEmbedder.name`), and those of two spaces never meet: what was put into one is not found
    in another, and does not hinder it.
    """

    async def put(self, user: UserId, memory_id: MemoryId, entries: Sequence[VectorEntry], *, space: str) -> None:
        """Replaces all entries of a memory in a space. All entries of a space have one dimension; else Rejected."""
        ...

    async def delete(self, user: UserId, memory_id: MemoryId) -> None:
        """Forgets a memory in all spaces; nothing happens when it is not known."""
        ...

    async def search(
        self, user: UserId, query: Embedding, *, space: str, limit: int = 50, also: Sequence[Place] = ()
    ) -> tuple[Near, ...]:
        """Nearest entries first, by the mean of both cosines.

        Args:
            user: whose.
            query: what to be near to; Rejected when its dimension is not that of the space.
            space: where to look.
            limit: how many of the nearest.
            also: further passages whose cosines are wanted, near or not; those that there are come with the others.
        """
        ...

    async def spaces(self, user: UserId) -> tuple[str, ...]:
        """The spaces in which a user has entries, by name."""
        ...

    async def delete_space(self, user: UserId, space: str) -> None:
        """Forgets all entries of a space; nothing happens when there are none."""
        ...
