"""Memories of any store, sealed whole but for what lists are filtered by."""

import zlib
from collections.abc import Callable
from typing import Any

from msgspec import structs

from adapters.outbound.codec import Codec
from adapters.outbound.sealed_store import SealedStore
from adapters.outbound.vault.sealed_text import opened_bytes, sealed_bytes
from adapters.outbound.vault.sealed_value import purpose_of
from domain.ids import MemoryId, UserId
from domain.memory import Memory, Structure
from ports.errors import TemporarilyUnavailable
from ports.memory_repository import MemoryPage, MemoryQuery, MemoryRepository
from ports.vault import UserKeys

_CONTENT = "omi-sealed"
"""Where the sealed memory lies in what the store takes for something that an integration sent along."""
_CODEC = Codec(Memory, noun="memory")
_BLANK: dict[str, Any] = {
    "structure": Structure(),
    "segments": (),
    "geolocation": None,
    "photos": (),
    "plugin_results": (),
    "coverage": None,
    "people": (),
    "topics": (),
    "postprocessing": None,
    "degraded": (),
}


class SealedMemoryRepository(SealedStore[MemoryRepository]):
    """Seals what goes into a store and opens what comes out of it. A change writes a memory whole."""

    async def save(self, user: UserId, memory: Memory) -> None:
        """Stores a memory whole; replaces the one with the same id. Raises TemporarilyUnavailable, Rejected."""
        await self._store.save(user, _sealed(memory, await self._vault.keys(user)))

    async def get(self, user: UserId, memory_id: MemoryId) -> Memory:
        """A memory. Raises NotFound, TemporarilyUnavailable."""
        return _opened(await self._store.get(user, memory_id), await self._vault.known(user))

    async def update(self, user: UserId, memory_id: MemoryId, change: Callable[[Memory], Memory]) -> Memory:
        """Changes a memory as it is now. Raises NotFound, Rejected, TemporarilyUnavailable."""
        keys = await self._vault.keys(user)
        changed = await self._store.update(user, memory_id, lambda stored: _sealed(change(_opened(stored, keys)), keys))
        return _opened(changed, keys)

    async def delete(self, user: UserId, memory_id: MemoryId) -> None:
        """Removes a memory for good; nothing happens when there is none. Raises TemporarilyUnavailable."""
        await self._store.delete(user, memory_id)

    async def page(self, user: UserId, query: MemoryQuery) -> MemoryPage:
        """Lists memories, transcripts included. Raises Rejected, TemporarilyUnavailable."""
        found, keys = await self._store.page(user, query), await self._vault.known(user)
        return structs.replace(found, memories=tuple(_opened(memory, keys) for memory in found.memories))


def _sealed(memory: Memory, keys: UserKeys) -> Memory:
    content = sealed_bytes(zlib.compress(_CODEC.encode(memory), 1), keys, purpose=purpose_of("memory", memory.id))
    return structs.replace(memory, **_BLANK, external={_CONTENT: content})


def _opened(stored: Memory, keys: UserKeys) -> Memory:
    content = (stored.external or {}).get(_CONTENT)
    if not isinstance(content, str):
        return stored
    compressed = opened_bytes(content, keys, purpose=purpose_of("memory", stored.id))
    try:
        return _CODEC.decode(zlib.decompress(compressed))
    except zlib.error as error:
        raise TemporarilyUnavailable("a stored memory cannot be read: it is damaged") from error
