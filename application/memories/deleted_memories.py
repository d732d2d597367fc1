"""Which memories are not wanted: they were deleted, or their conversations thrown away before they were made.

Work that makes a memory, and audio that turns up late on the disk of another server, look here.
"""

import hashlib
from datetime import timedelta

from domain.ids import MemoryId, UserId
from ports.key_value_store import KeyValueStore

KEPT = timedelta(days=62)
"""Longer than the work that makes a memory is tried."""


class DeletedMemories:
    """Notes them for a while. A note says neither whose it was nor which. All methods raise TemporarilyUnavailable."""

    def __init__(self, values: KeyValueStore) -> None:
        self._values = values

    async def note(self, user: UserId, memory: MemoryId) -> None:
        """A memory is deleted now, or is not to be made."""
        await self._values.put(_key(user, memory), b"1", lifetime=KEPT)

    async def spare(self, user: UserId, memory: MemoryId) -> None:
        """It is wanted after all."""
        await self._values.delete(_key(user, memory))

    async def has(self, user: UserId, memory: MemoryId) -> bool:
        """Whether a memory was deleted lately, or is not to be made."""
        return await self._values.get(_key(user, memory)) is not None


def _key(user: UserId, memory: MemoryId) -> str:
    names = (hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest() for name in (user, memory))
    return f"deleted:{hashlib.sha256(b''.join(names)).hexdigest()}"
