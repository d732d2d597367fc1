"""A vector index in a dictionary: for tests, and for who keeps nothing."""

from collections import defaultdict
from collections.abc import Sequence

import anyio.lowlevel

from domain.embedding import Embedding, cosine
from domain.ids import MemoryId, UserId
from ports.errors import Rejected
from ports.text_index import Place
from ports.vector_index import Near, VectorEntry

Kept = dict[MemoryId, tuple[VectorEntry, ...]]


class InMemoryVectorIndex:
    """Compares the query with every entry of the user."""

    def __init__(self) -> None:
        self._spaces: defaultdict[tuple[UserId, str], Kept] = defaultdict(dict)

    async def put(self, user: UserId, memory_id: MemoryId, entries: Sequence[VectorEntry], *, space: str) -> None:
        """Replaces all entries of a memory in a space."""
        await anyio.lowlevel.checkpoint()
        kept = self._spaces[user, space]
        others = [one for known, one in kept.items() if known != memory_id]
        sizes = {len(vector) for one in (*others, entries) for entry in one for vector in _vectors(entry)}
        if len(sizes) > 1:
            raise Rejected(f"vectors of {' and '.join(str(size // 4) for size in sorted(sizes))} dimensions do not mix")
        kept[memory_id] = tuple(entries)

    async def delete(self, user: UserId, memory_id: MemoryId) -> None:
        """Forgets a memory in all spaces."""
        await anyio.lowlevel.checkpoint()
        for (owner, _), kept in self._spaces.items():
            if owner == user:
                kept.pop(memory_id, None)

    async def search(
        self, user: UserId, query: Embedding, *, space: str, limit: int = 50, also: Sequence[Place] = ()
    ) -> tuple[Near, ...]:
        """Nearest entries first."""
        await anyio.lowlevel.checkpoint()
        wanted = set(also)
        try:
            found = [
                Near(memory_id, entry.number, *(cosine(query, vector) for vector in _vectors(entry)))
                for memory_id, kept in self._spaces[user, space].items()
                for entry in kept
            ]
        except ValueError as error:
            raise Rejected(f"the query does not fit the index: {error}") from error
        found.sort(key=lambda near: -(near.score + near.context))
        limit = max(limit, 0)
        return (*found[:limit], *(near for near in found[limit:] if (near.memory_id, near.number) in wanted))

    async def spaces(self, user: UserId) -> tuple[str, ...]:
        """The spaces in which a user has entries."""
        await anyio.lowlevel.checkpoint()
        return tuple(sorted(s for (owner, s), kept in self._spaces.items() if owner == user and any(kept.values())))

    async def delete_space(self, user: UserId, space: str) -> None:
        """Forgets all entries of a space."""
        await anyio.lowlevel.checkpoint()
        self._spaces.pop((user, space), None)


def _vectors(entry: VectorEntry) -> tuple[Embedding, Embedding]:
    return entry.embedding, entry.context or entry.embedding
