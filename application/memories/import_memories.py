"""Memories from elsewhere, put where they can be found."""

from msgspec import structs

from application.memories.edit_memories import PUBLIC
from application.questions.recall import Recall
from domain.ids import UserId
from domain.memory import Memory, Visibility
from ports.key_value_store import KeyValueStore
from ports.memory_repository import MemoryRepository

SHOWN = "memories-visibility:"
"""Under this and the id of a memory stands who shows it; the key is the original's."""


class ImportMemories:
    """Puts a memory into the repository, into the indexes, and where shared ones are looked up."""

    def __init__(self, *, memories: MemoryRepository, values: KeyValueStore, recall: Recall) -> None:
        self._memories = memories
        self._values = values
        self._recall = recall

    async def put(self, user: UserId, memory: Memory) -> None:
        """Keeps a memory. After a crash in between it is found as one that is not there yet, and put again.

        Args:
            user: whose it becomes.
            memory: as it is to be.

        Raises:
            TemporarilyUnavailable: a store failed.
        """
        owner = await self._values.get(SHOWN + memory.id)
        if owner not in {None, user.encode()}:  # somebody else shows a memory of this id: others go on to see that one
            memory = structs.replace(memory, visibility=Visibility.PRIVATE)
        await self._recall.index(user, memory)
        if memory.visibility is not Visibility.PRIVATE:
            await self._values.put(SHOWN + memory.id, user.encode())
        change = self._values.add_member if memory.visibility is Visibility.PUBLIC else self._values.remove_member
        if owner in {None, user.encode()}:
            await change(PUBLIC, memory.id)
        await self._memories.save(user, memory)
        if memory.visibility is Visibility.PRIVATE and owner == user.encode():
            await self._values.delete(SHOWN + memory.id)
