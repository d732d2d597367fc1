"""Usage in Google's Firestore: one collection for the rows of all users, whichever server adds them."""

from collections.abc import Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

from google.cloud.firestore import AsyncCollectionReference, AsyncQuery
from google.cloud.firestore_v1.base_query import FieldFilter

from adapters.outbound.codec import Codec
from adapters.outbound.firestore_connection import Batch, FirestoreConnection, Snapshot
from adapters.outbound.firestore_settings import FirestoreSettings
from adapters.outbound.keys import file_name
from adapters.outbound.moments import microseconds
from domain.ids import UserId, new_id
from domain.usage import Usage
from ports.diagnosis import Diagnosis

COLLECTION = "omi_usage"
MOST_ROWS = 300
"""That are asked for, or written, at once."""


class FirestoreUsageLedger:
    """Rows in `omi_usage`. They are found by time and by user with the indexes that each field has by itself."""

    def __init__(self, settings: FirestoreSettings) -> None:
        self._connection = FirestoreConnection(settings)
        self._codec = Codec(Usage, noun="usage")

    async def __aenter__(self) -> Self:
        await self._connection.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._connection.__aexit__(kind, error, trace)

    async def record(self, usages: Sequence[Usage]) -> None:
        """Adds rows, all or none. Raises TemporarilyUnavailable, Rejected."""
        # names are given before: what is tried again is not there twice
        rows = [(self._rows().document(new_id()), self._fields(usage)) for usage in usages]

        def fill(batch: Batch) -> None:
            for reference, fields in rows:
                batch.set(reference, fields)

        if rows:
            await self._connection.write(fill)

    async def between(self, start: datetime, end: datetime) -> tuple[Usage, ...]:
        """Rows of a time, oldest first. Raises TemporarilyUnavailable."""
        query = (
            self._rows()
            .where(filter=FieldFilter("started", ">=", microseconds(start)))
            .where(filter=FieldFilter("started", "<", microseconds(end)))
            .order_by("started")
            .order_by("__name__")
        )
        return tuple(self._usage(row) for row in await self._all(query))

    async def of(self, user: UserId) -> tuple[Usage, ...]:
        """All rows of a user, oldest first. Raises TemporarilyUnavailable."""
        own = [self._usage(row) for row in await self._all(self._of(user))]
        return tuple(sorted(own, key=lambda usage: usage.started_at))

    async def forget(self, user: UserId) -> None:
        """Removes all rows of a user. Raises TemporarilyUnavailable."""
        await self._connection.delete([row.reference for row in await self._all(self._of(user))])

    async def diagnose(self) -> Diagnosis:
        """Whether the database answers."""
        return await self._connection.diagnose()

    def _rows(self) -> AsyncCollectionReference:
        return self._connection.of_all(COLLECTION)

    def _of(self, user: UserId) -> AsyncQuery:
        return self._rows().where(filter=FieldFilter("user", "==", file_name(user))).order_by("__name__")

    async def _all(self, query: AsyncQuery) -> list[Snapshot]:
        """What a query finds, block by block."""
        found: list[Snapshot] = []
        block = await self._connection.find(query.limit(MOST_ROWS))
        while block:
            found += block
            if len(block) < MOST_ROWS:
                break
            block = await self._connection.find(query.start_after(block[-1]).limit(MOST_ROWS))
        return found

    def _fields(self, usage: Usage) -> dict[str, object]:
        return {
            "user": file_name(usage.user),
            "started": microseconds(usage.started_at),
            "content": self._codec.encode(usage),
        }

    def _usage(self, row: Snapshot) -> Usage:
        return self._codec.decode(row.to_dict()["content"])
