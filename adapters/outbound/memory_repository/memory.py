"""Memories in memory."""

from collections.abc import Callable, Sequence
from contextlib import suppress

from adapters.outbound.in_memory_documents import InMemoryDocuments
from adapters.outbound.memory_repository.change import changed
from adapters.outbound.memory_repository.cursor import Cursor
from adapters.outbound.moments import microseconds
from domain.ids import MemoryId, UserId
from domain.memory import Memory
from ports.errors import NotFound
from ports.memory_repository import MemoryPage, MemoryQuery


class InMemoryMemoryRepository:
    """Memories that go with the process. For tests and for trying things out."""

    def __init__(self) -> None:
        self._documents = InMemoryDocuments(Memory, noun="memory")

    async def save(self, user: UserId, memory: Memory) -> None:
        """Stores a memory whole; replaces the one with the same id."""
        self._documents.save(user, memory.id, memory)

    async def get(self, user: UserId, memory_id: MemoryId) -> Memory:
        """A memory. Raises NotFound."""
        return self._documents.get(user, memory_id)

    async def several(self, user: UserId, memory_ids: Sequence[MemoryId]) -> tuple[Memory, ...]:
        """Those of some memories that are there, as they were asked for, each once."""
        found: list[Memory] = []
        for memory_id in dict.fromkeys(memory_ids):
            with suppress(NotFound):
                found.append(self._documents.get(user, memory_id))
        return tuple(found)

    async def update(self, user: UserId, memory_id: MemoryId, change: Callable[[Memory], Memory]) -> Memory:
        """Changes a memory as it is now. Raises NotFound; Rejected when the change gives it another id."""
        after = changed(self._documents.get(user, memory_id), change)
        self._documents.save(user, memory_id, after)
        return self._documents.get(user, memory_id)

    async def delete(self, user: UserId, memory_id: MemoryId) -> None:
        """Removes a memory; nothing happens when there is none."""
        self._documents.delete(user, memory_id)

    async def page(self, user: UserId, query: MemoryQuery) -> MemoryPage:
        """Lists memories. Raises Rejected for a cursor that was not given out."""
        behind = None if query.cursor is None else Cursor.parse(query.cursor)
        found = [m for m in self._documents.values(user, by=_place)[::-1] if _matches(m, query)]
        if behind is not None:
            rest = [m for m in found if _place(m) < (behind.created, behind.identifier)]
        else:
            rest = found[max(query.offset, 0) :]
        page = rest[: max(query.limit, 0)]
        return MemoryPage(tuple(page), Cursor.behind(page[-1]).token if 0 < len(page) < len(rest) else None)


def _place(memory: Memory) -> tuple[int, str]:
    return microseconds(memory.created_at), memory.id


def _matches(memory: Memory, query: MemoryQuery) -> bool:
    if memory.discarded and not query.include_discarded:
        return False
    return not query.statuses or memory.status in query.statuses
