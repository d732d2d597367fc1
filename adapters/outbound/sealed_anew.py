"""Memories of any store that are sealed anew, whatever of them has changed."""

from collections.abc import Callable

from adapters.outbound.memory_repository.change import changed
from adapters.outbound.memory_repository.sealed import SealedMemoryRepository
from adapters.outbound.memory_repository.sealed_memory import opened, sealed
from domain.ids import MemoryId, UserId
from domain.memory import Memory


class MemoriesSealedAnew(SealedMemoryRepository):
    """As the other one, but a change seals all pieces of a memory: those, too, that stay what they are."""

    async def update(self, user: UserId, memory_id: MemoryId, change: Callable[[Memory], Memory]) -> Memory:
        """Changes a memory as it is now. Raises NotFound, Rejected, TemporarilyUnavailable."""
        keys = await self._vault.keys(user)
        outcome: list[Memory] = []

        def change_sealed(stored: Memory) -> Memory:
            outcome[:] = [changed(opened(stored, keys).memory, change)]  # of several attempts, the last one is stored
            return sealed(outcome[0], keys)

        await self._store.update(user, memory_id, change_sealed)
        return outcome[0]
