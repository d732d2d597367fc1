"""Which memories were deleted, for what turns up of their conversations later: on the disk of another server."""

import hashlib
from datetime import timedelta

from domain.ids import MemoryId, UserId
from ports.key_value_store import KeyValueStore

KEPT = timedelta(days=30)


class DeletedMemories:
    """Notes them for a while. A note says neither whose memory it was nor which."""

    def __init__(self, values: KeyValueStore) -> None:
        self._values = values

    async def note(self, user: UserId, memory: MemoryId) -> None:
        """A memory is deleted now. Raises TemporarilyUnavailable."""
        await self._values.put(_key(user, memory), b"1", lifetime=KEPT)

    async def has(self, user: UserId, memory: MemoryId) -> bool:
        """Whether a memory was deleted lately. Raises TemporarilyUnavailable."""
        return await self._values.get(_key(user, memory)) is not None


def _key(user: UserId, memory: MemoryId) -> str:
    names = (hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest() for name in (user, memory))
    return f"deleted:{hashlib.sha256(b''.join(names)).hexdigest()}"
