"""Memories of any store, sealed but for what lists are filtered by."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial

from msgspec import structs

from adapters.outbound.memory_repository.change import changed
from adapters.outbound.memory_repository.heavy_work import done, size_of
from adapters.outbound.memory_repository.sealed_memory import opened, sealed
from adapters.outbound.sealed_store import SealedStore
from domain.ids import MemoryId, UserId
from domain.memory import Memory
from ports.errors import NotFound
from ports.memory_repository import MemoryPage, MemoryQuery, MemoryRepository
from ports.vault import UserKeys

_COMPRESSED = 3
"""How many times smaller memories are when they are sealed, about."""


class SealedMemoryRepository(SealedStore[MemoryRepository]):
    """Seals what goes into a store and opens what comes out of it. What did not change stays as it is sealed."""

    async def save(self, user: UserId, memory: Memory) -> None:
        """Stores a memory whole; replaces the one with the same id. Raises TemporarilyUnavailable, Rejected."""
        keys = await self._vault.keys(user)
        await self._store.save(user, await done(partial(sealed, memory, keys), size=size_of(memory)))

    async def get(self, user: UserId, memory_id: MemoryId) -> Memory:
        """A memory. Raises NotFound, TemporarilyUnavailable."""
        stored, keys = await self._store.get(user, memory_id), await self._vault.known(user)
        return await done(lambda: opened(stored, keys).memory, size=size_of(stored) * _COMPRESSED)

    async def several(self, user: UserId, memory_ids: Sequence[MemoryId]) -> tuple[Memory, ...]:
        """Those of some memories that are there, as they were asked for, each once. Raises TemporarilyUnavailable."""
        if not memory_ids:
            return ()
        stored, keys = await self._store.several(user, memory_ids), await self._vault.known(user)
        return await done(partial(_opened_each, stored, keys), size=_COMPRESSED * sum(map(size_of, stored)))

    async def update(self, user: UserId, memory_id: MemoryId, change: Callable[[Memory], Memory]) -> Memory:
        """Changes a memory as it is now. Raises NotFound, Rejected, TemporarilyUnavailable."""
        keys = await self._vault.keys(user)
        outcome: list[Memory] = []

        def change_sealed(stored: Memory) -> Memory:
            before = opened(stored, keys)
            outcome[:] = [changed(before.memory, change)]  # of several attempts, the last one is stored
            return sealed(outcome[0], keys, before=before)

        await self._store.update(user, memory_id, change_sealed)
        return outcome[0]

    async def delete(self, user: UserId, memory_id: MemoryId) -> None:
        """Removes a memory for good; nothing happens when there is none. Raises TemporarilyUnavailable."""
        await self._store.delete(user, memory_id)

    async def page(self, user: UserId, query: MemoryQuery) -> MemoryPage:
        """Lists memories, transcripts included. Raises Rejected, TemporarilyUnavailable."""
        found, keys = await self._store.page(user, query), await self._vault.known(user)
        size = _COMPRESSED * sum(map(size_of, found.memories))
        return await done(partial(_opened_page, found, keys), size=size)


def _opened_page(found: MemoryPage, keys: UserKeys) -> MemoryPage:
    return structs.replace(found, memories=tuple(opened(memory, keys).memory for memory in found.memories))


def _opened_each(stored: Iterable[Memory], keys: UserKeys) -> tuple[Memory, ...]:
    found: list[Memory] = []
    for memory in stored:
        with suppress(NotFound):  # its key has been erased
            found.append(opened(memory, keys).memory)
    return tuple(found)
