"""Headers of memories in Firestore: those of a user, newest first, from both collections they may lie in."""

from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta
from typing import Any

from google.cloud.firestore import AsyncDocumentReference, AsyncQuery
from msgspec import Struct

from adapters.outbound.firestore_connection import FirestoreConnection
from adapters.outbound.firestore_names import document_name
from adapters.outbound.firestore_together import together
from adapters.outbound.firestore_values import START_OF_TIME, Document, name
from adapters.outbound.memory_repository.cursor import Cursor
from adapters.outbound.memory_repository.firestore_eras import created, is_deleted, is_memory
from adapters.outbound.moments import microseconds
from ports.errors import Rejected

COLLECTIONS = ("memories", "conversations")
"""What memories were called, and what they are called since 2025."""
LARGEST_BLOCK = 100
"""Headers that are asked for at once."""
_DESCENDING = AsyncQuery.DESCENDING


class Header(Struct, frozen=True, kw_only=True):
    """The document of a memory, or the place where it is to be."""

    reference: Any
    """The SDK's reference."""
    fields: Document | None
    """None where there is no document."""
    updated: Any = None
    """Its version, for preconditions."""
    stored_at: Any = None
    """When the document was made."""
    elsewhere: tuple[Any, ...] = ()
    """References where nothing must be when this is written, because nobody looked."""

    @classmethod
    def of(cls, snapshot: Any) -> "Header":  # noqa: ANN401 - the SDK's snapshot
        """The header in a snapshot."""
        content = snapshot.to_dict() if snapshot.exists else None
        return cls(
            reference=snapshot.reference,
            fields=content,
            updated=snapshot.update_time if snapshot.exists else None,
            stored_at=snapshot.create_time if snapshot.exists else None,
        )

    @property
    def identifier(self) -> str:
        """Of the memory. The name of the document is the same, but for names that Firestore does not take."""
        told = name((self.fields or {}).get("id")) or ""
        return told if document_name(told) == self.reference.id else str(self.reference.id)

    @property
    def place(self) -> tuple[int, str]:
        """What memories are ordered by."""
        return microseconds(created(self.fields or {}, stored_at=self.stored_at)), self.identifier


def is_shown(header: Header) -> bool:
    """Whether a header is that of a memory that nobody has put away."""
    return header.fields is not None and is_memory(header.fields) and not is_deleted(header.fields)


async def newest(
    connection: FirestoreConnection, user: AsyncDocumentReference, *, behind: Cursor | None, block: int
) -> AsyncGenerator[Header, None]:
    """Headers of a user, newest first; of one that lies in both collections, only the first is given.

    Args:
        connection: where they are.
        user: the document of the user.
        behind: only those behind this place.
        block: how many are asked for at once.

    Raises:
        Rejected: the place is none.
        TemporarilyUnavailable: they cannot be read.
    """
    feeds = [_Feed(connection, user.collection(collection), behind, block) for collection in COLLECTIONS]
    last = None
    while True:
        if wanting := [feed.fill for feed in feeds if feed.is_wanting]:
            await together(wanting)
        waiting = [feed for feed in feeds if feed.ahead]
        if not waiting:
            return
        header = max(waiting, key=lambda feed: feed.ahead[0].place).ahead.pop(0)
        if header.place != last and is_shown(header):
            last = header.place
            yield header


class _Feed:
    """The headers of one collection, some at a time."""

    def __init__(self, connection: FirestoreConnection, collection: Any, behind: Cursor | None, block: int) -> None:  # noqa: ANN401 - the SDK's collection
        self.ahead: list[Header] = []
        self._connection = connection
        self._collection = collection
        self._query = collection.order_by("created_at", direction=_DESCENDING).order_by(
            "__name__", direction=_DESCENDING
        )
        self._start: Any = None if behind is None else _start(behind, collection)
        self._block = block
        self._ended = False

    @property
    def is_wanting(self) -> bool:
        """Whether nothing is ahead, and something may follow."""
        return not self.ahead and not self._ended

    async def fill(self) -> None:
        """Asks for what follows."""
        query = self._query.limit(self._block)
        found = await self._connection.find(query if self._start is None else query.start_after(self._start))
        self._ended = len(found) < self._block
        self._start = found[-1] if found else None
        self.ahead = [Header.of(snapshot) for snapshot in found]
        self._block = LARGEST_BLOCK


def _start(behind: Cursor, collection: Any) -> dict[str, Any]:  # noqa: ANN401 - the SDK's collection
    try:
        moment = START_OF_TIME + timedelta(microseconds=behind.created)
    except OverflowError as error:
        raise Rejected("the cursor is not one that was given out here") from error
    return {"created_at": moment, "__name__": collection.document(document_name(behind.identifier))}


def chosen(found: Sequence[Header]) -> Header:
    """Where a memory is, of the places where it may be; the first free one where it is in none."""
    there = [header for header in found if header.fields is not None and is_memory(header.fields)]
    shown = [header for header in there if is_shown(header)]
    free = [header for header in found if header.fields is None]
    return (shown or there or free or list(found))[0]
