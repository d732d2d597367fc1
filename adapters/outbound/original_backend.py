"""A backend of the original to move users from: Firestore, and as far as there are, Redis, buckets, Pinecone."""

from collections.abc import AsyncIterator
from functools import partial

from msgspec import structs

from adapters.outbound.original_documents import OriginalDocuments
from adapters.outbound.original_values import OriginalValues
from adapters.outbound.vault.sealed_value import is_sealed
from adapters.outbound.vector_index.pinecone import PineconeVectorIndex
from application.users.migrate_records import (
    FILES,
    MEMORIES,
    OriginalFile,
    OriginalWebhook,
    Record,
    SealedValue,
    Value,
)
from domain.chat import Message
from domain.fact import Fact
from domain.ids import UserId
from domain.memory import Memory
from domain.person import Person
from ports.errors import NotFound, Rejected
from ports.object_store import ObjectStore

_LENT = "lent/"
"""Files of our own that are there for a day."""
_PROFILE = "speech_profile.wav"
_ENDING = ".wav"
_SEALED = "omi-sealed"
"""What sealed texts begin with, and where a sealed memory lies."""


class OriginalBackend:
    """Reads from adapters that somebody else opened. Files come first: what is made of voices is computed of them."""

    def __init__(
        self,
        documents: OriginalDocuments,
        *,
        values: OriginalValues | None = None,
        files: ObjectStore | None = None,
        vectors: PineconeVectorIndex | None = None,
    ) -> None:
        self._documents = documents
        self._values = values
        self._files = files
        self._vectors = vectors

    async def users(self) -> tuple[UserId, ...]:
        """Everybody who has documents. Raises TemporarilyUnavailable, Rejected."""
        return await self._documents.users()

    async def records(self, user: UserId) -> AsyncIterator[Record]:
        """All of a user's. Raises TemporarilyUnavailable, Rejected."""
        async for record in self._records(user):
            yield structs.replace(record, load=partial(_loaded, record))

    async def _records(self, user: UserId) -> AsyncIterator[Record]:
        keys = await self._files.list(user) if self._files is not None else ()
        for key in keys:
            if not key.startswith(_LENT):
                yield Record(table=FILES, path=f"{user}/{key}", version="", load=partial(self._file, user, key))
        if self._values is not None:
            if _PROFILE not in keys:
                yield self._profile(user, self._values)
            async for record in self._values.records(user):
                yield record
        recorded = {key.removesuffix(_ENDING) for key in keys if key.endswith(_ENDING)}
        async for record in self._documents.records(user):
            if record.table == MEMORIES and record.path.rpartition("/")[2] in recorded:
                yield structs.replace(record, load=partial(_with_recording, record))
            else:
                yield record

    async def forget_vectors(self, user: UserId) -> int:
        """Removes vectors in the index that the original filled. Raises TemporarilyUnavailable."""
        if self._vectors is None:
            return 0
        found = [vector.memory_id async for vector in self._vectors.originals.vectors(user)]
        for memory in found:
            await self._vectors.originals.delete(user, memory)
        return len(found)

    async def _file(self, user: UserId, key: str) -> OriginalFile | None:
        assert self._files is not None  # noqa: S101 - whoever listed it
        try:
            return OriginalFile(key=key, content=await self._files.get(user, key))
        except NotFound:  # removed meanwhile
            return None

    def _profile(self, user: UserId, values: OriginalValues) -> Record:
        async def load() -> None:
            if await values.has_unfiled_profile(user):
                raise Rejected(
                    "an enrollment of which there is no recording cannot be moved: the user has to enroll anew"
                )

        return Record(table=FILES, path=f"users:{user}:speech_profile", version="", load=load)


async def _loaded(record: Record) -> Value | SealedValue | None:
    value = await record.load()
    return (
        SealedValue(value) if value is not None and not isinstance(value, SealedValue) and _is_sealed(value) else value
    )


def _is_sealed(value: Value) -> bool:
    """Whether a server of ours sealed something, which is then no content to be moved."""
    match value:
        case Memory(external=external):
            return isinstance((external or {}).get(_SEALED), str)
        case Person(name=text) | Fact(content=text) | Message(text=text):
            return text.startswith(_SEALED)
        case OriginalFile(content=content) | OriginalWebhook(value=content):
            return is_sealed(content)
        case _:
            return False


async def _with_recording(record: Record) -> Value | SealedValue | None:
    value = await record.load()
    return structs.replace(value, has_recording=True) if isinstance(value, Memory) else value
