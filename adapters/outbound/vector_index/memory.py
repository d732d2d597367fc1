"""A vector index in a dictionary: for tests, and for who keeps nothing."""

from collections import defaultdict
from collections.abc import Sequence

import anyio.lowlevel

from domain.embedding import Embedding, cosine
from domain.ids import MemoryId, UserId
from ports.errors import Rejected
from ports.text_index import Hit
from ports.vector_index import VectorEntry


class InMemoryVectorIndex:
    """Compares the query with every entry of the user."""

    def __init__(self) -> None:
        self._users: defaultdict[UserId, dict[MemoryId, tuple[VectorEntry, ...]]] = defaultdict(dict)

    async def put(self, user: UserId, memory_id: MemoryId, entries: Sequence[VectorEntry]) -> None:
        """Replaces all entries of a memory."""
        await anyio.lowlevel.checkpoint()
        others = [kept for known, kept in self._users[user].items() if known != memory_id]
        sizes = {len(entry.embedding) for kept in (*others, entries) for entry in kept}
        if len(sizes) > 1:
            raise Rejected(f"vectors of {' and '.join(str(size // 4) for size in sorted(sizes))} dimensions do not mix")
        self._users[user][memory_id] = tuple(entries)

    async def delete(self, user: UserId, memory_id: MemoryId) -> None:
        """Forgets a memory."""
        await anyio.lowlevel.checkpoint()
        self._users[user].pop(memory_id, None)

    async def search(self, user: UserId, query: Embedding, *, limit: int = 50) -> tuple[Hit, ...]:
        """Nearest entries first."""
        await anyio.lowlevel.checkpoint()
        try:
            hits = [
                Hit(memory_id, entry.number, cosine(query, entry.embedding))
                for memory_id, kept in self._users[user].items()
                for entry in kept
            ]
        except ValueError as error:
            raise Rejected(f"the query does not fit the index: {error}") from error
        return tuple(sorted(hits, key=lambda hit: -hit.score)[: max(limit, 0)])
