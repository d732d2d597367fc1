"""Values by user and identifier in Firestore: what the simple stores are made of."""

from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from typing import Any, Generic, TypeVar

import msgspec
from google.cloud.firestore import AsyncCollectionReference, AsyncQuery
from google.cloud.firestore_v1.base_query import FieldFilter
from msgspec import Struct

from adapters.outbound.firestore_connection import FirestoreConnection, Snapshot
from adapters.outbound.firestore_names import document_name
from adapters.outbound.firestore_values import Document, truth
from domain.ids import UserId
from ports.errors import NotFound, Rejected

T = TypeVar("T")
LARGEST_BLOCK = 200
"""Documents that are asked for at once."""
_DESCENDING = AsyncQuery.DESCENDING


class Collection(Struct, Generic[T], frozen=True, kw_only=True):
    """Values of one kind, and how they lie in Firestore."""

    noun: str
    name: str
    """Of the collection below a user."""
    identifier: Callable[[T], str]
    fields: Callable[[T, UserId], dict[str, Any]]
    """The fields of a document for a value of a user."""
    value: Callable[[Document, str, UserId], T]
    """The value of a document with this identifier, of this user; whatever program wrote it."""
    mark: str = "id"
    """A field that tells these from whatever else lies in the collection."""


class FirestoreDocuments(Generic[T]):
    """The values of a collection."""

    def __init__(self, collection: Collection[T], *, connection: FirestoreConnection) -> None:
        self._collection = collection
        self._connection = connection

    async def save(self, user: UserId, value: T) -> None:
        """Stores a value; replaces the one with the same identifier. Raises TemporarilyUnavailable, Rejected."""
        try:
            fields = self._collection.fields(value, user)
            msgspec.json.encode(fields)
        except UnicodeEncodeError:
            # from None: the cause carries the text
            raise Rejected(f"a {self._collection.noun} holds text that is not valid Unicode") from None
        reference = self._in(user).document(document_name(self._collection.identifier(value)))
        await self._connection.write(lambda batch: batch.set(reference, fields))

    async def has(self, user: UserId, identifier: str) -> bool:
        """Whether there is one. Raises TemporarilyUnavailable."""
        return self._is_one(await self._read(user, identifier))

    async def get(self, user: UserId, identifier: str) -> T:
        """A value. Raises NotFound, TemporarilyUnavailable."""
        snapshot = await self._read(user, identifier)
        if not self._is_one(snapshot):
            raise NotFound(f"the user has no such {self._collection.noun}")
        return self._collection.value(snapshot.to_dict(), identifier, user)

    async def newest(self, user: UserId, *, limit: int) -> tuple[T, ...]:
        """Values by `created_at`, newest first; `id` descending among equals. Raises TemporarilyUnavailable."""
        values: dict[str, T] = {}
        async with aclosing(self._newest(user, block=min(limit, LARGEST_BLOCK))) as found:
            async for value in found:
                # the names of earlier documents are not their identifiers: there may be two of one
                values.setdefault(self._collection.identifier(value), value)
                if len(values) == limit:
                    break
        return tuple(values.values())

    async def all(self, user: UserId) -> list[T]:
        """All values of a user, in no order. Raises TemporarilyUnavailable."""
        return self._values(user, await self._connection.find(self._in(user)))

    async def marked(self, user: UserId) -> list[T]:
        """The values of a collection that holds other things, too: those that say whose they are, in no order."""
        query = self._in(user).where(filter=FieldFilter("uid", "==", user))
        return self._values(user, await self._connection.find(query))

    async def delete(self, user: UserId, identifier: str) -> None:
        """Removes a value for good; nothing happens when there is none. Raises TemporarilyUnavailable."""
        await self._connection.delete([self._in(user).document(document_name(identifier))])

    async def clear(self, user: UserId) -> None:
        """Removes all values of a user for good. Raises TemporarilyUnavailable."""
        await self._connection.delete(await self._connection.names(self._in(user)))

    async def _newest(self, user: UserId, *, block: int) -> AsyncGenerator[T, None]:
        query = self._in(user).order_by("created_at", direction=_DESCENDING).order_by("__name__", direction=_DESCENDING)
        while block > 0:
            found = await self._connection.find(query.limit(block))
            for value in self._values(user, found):
                yield value
            if len(found) < block:
                return
            query = query.start_after(found[-1])

    def _values(self, user: UserId, snapshots: Iterable[Snapshot]) -> list[T]:
        return [self._collection.value(one.to_dict(), identifier(one), user) for one in snapshots if self._is_one(one)]

    def _is_one(self, snapshot: Snapshot) -> bool:
        """Whether a document is there and one of these. Those that were put away are still there, and marked so."""
        document = snapshot.to_dict() or {}
        return self._collection.mark in document and not truth(document.get("deleted"))

    async def _read(self, user: UserId, identifier: str) -> Snapshot:
        [snapshot] = await self._connection.read([self._in(user).document(document_name(identifier))])
        return snapshot

    def _in(self, user: UserId) -> AsyncCollectionReference:
        collection: AsyncCollectionReference = self._connection.user(user).collection(self._collection.name)
        return collection


def identifier(snapshot: Snapshot) -> str:
    """The identifier of a value: the one it tells, or else the name of its document."""
    told = (snapshot.to_dict() or {}).get("id")
    return told if isinstance(told, str) and (told or snapshot.id == document_name("")) else str(snapshot.id)
