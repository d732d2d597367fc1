"""The passages of the memories that are kept: for an index that was lost, or has to follow what others changed."""

from collections.abc import AsyncGenerator, Sequence

from application.memories.pages import every_memory
from application.questions.passages import passages_of
from domain.ids import MemoryId, UserId
from ports.errors import NotFound
from ports.memory_repository import MemoryRepository
from ports.text_index import Passage


class PassagesOfMemories:
    """Reads memories, and takes them apart as they are when they are indexed."""

    def __init__(self, memories: MemoryRepository) -> None:
        self._memories = memories

    async def of(self, user: UserId, memory_id: MemoryId) -> Sequence[Passage] | None:
        """The passages of a memory; None where there is none, or a discarded one. Raises TemporarilyUnavailable."""
        try:
            memory = await self._memories.get(user, memory_id)
        except NotFound:
            return None
        return None if memory.discarded else passages_of(memory)

    async def of_several(self, user: UserId, memory_ids: Sequence[MemoryId]) -> dict[MemoryId, Sequence[Passage]]:
        """Those of some memories, without discarded ones. Raises TemporarilyUnavailable: one of them cannot be read."""
        memories = await self._memories.several(user, memory_ids)
        return {memory.id: passages_of(memory) for memory in memories if not memory.discarded}

    async def newest_first(self, user: UserId) -> AsyncGenerator[tuple[MemoryId, Sequence[Passage]], None]:
        """All memories but discarded ones. Raises TemporarilyUnavailable."""
        async for memory in every_memory(self._memories, user):
            if not memory.discarded:
                yield memory.id, passages_of(memory)
