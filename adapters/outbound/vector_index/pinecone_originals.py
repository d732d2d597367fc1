"""Vectors as Omi's own backend left them: one for a memory, `{uid}-{memory_id}`, of all users in one namespace."""

from array import array
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from adapters.outbound.vector_index.pinecone_indexes import PineconeIndexes
from domain.embedding import Embedding, normalized
from domain.ids import MemoryId, UserId
from ports.errors import NotFound

_LONGEST = 512
"""Characters of an id. Nothing that Omi's backend wrote is longer."""
_EARLIEST = 100_000_000
"""Seconds since 1970. What is earlier was divided by a thousand once too often."""


class OriginalVector(Struct, frozen=True, kw_only=True):
    """The meaning of a memory: of its title, overview and so on, by OpenAI's large model."""

    memory_id: MemoryId
    embedding: Embedding
    created_at: datetime | None


class PineconeOriginals:
    """Reads and deletes what is there; writes nothing. Without such an index, there is nothing."""

    def __init__(self, indexes: PineconeIndexes, *, namespace: str) -> None:
        self._indexes = indexes
        self._namespace = namespace

    async def vectors(self, user: UserId) -> AsyncIterator[OriginalVector]:
        """All of a user. Raises TemporarilyUnavailable."""
        index = await self._indexes.original()
        if index is None or not user.isascii():
            return
        with self._indexes.asking():
            pages = [page async for page in index.list(prefix=f"{user}-", namespace=self._namespace)]
        for page in pages:
            ids = [item.id for item in page.vectors if item.id]
            if not ids:
                continue
            with self._indexes.asking():
                found = await index.fetch(ids=ids, namespace=self._namespace)
            for vector in found.vectors.values():
                metadata: dict[str, Any] = vector.metadata or {}
                if metadata.get("uid", user) == user:  # and not somebody whose name only begins so
                    yield _read(vector.id.removeprefix(f"{user}-"), list(vector.values), metadata)

    async def delete(self, user: UserId, memory_id: MemoryId) -> None:
        """Removes the vector of a memory; nothing happens when there is none. Raises TemporarilyUnavailable."""
        index = await self._indexes.original()
        name = f"{user}-{memory_id}"
        if index is None or not name.isascii() or len(name) > _LONGEST:
            return
        with suppress(NotFound), self._indexes.asking():
            await index.delete(ids=[name], namespace=self._namespace)


def _read(identifier: str, numbers: list[float], metadata: dict[str, Any]) -> OriginalVector:
    created = metadata.get("created_at")
    moment = None
    if isinstance(created, int | float) and created > 0:
        seconds = created if created > _EARLIEST else created * 1000
        moment = datetime.fromtimestamp(seconds, UTC)
    return OriginalVector(
        memory_id=MemoryId(str(metadata.get("memory_id", identifier))),
        embedding=normalized(array("f", numbers)),
        created_at=moment,
    )
