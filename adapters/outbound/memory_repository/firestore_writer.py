"""Writes and removes the documents of a memory in Firestore."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from google.cloud.firestore import AsyncClient
from msgspec import Struct

from adapters.outbound.firestore_connection import MOST_WRITTEN, Batch, FirestoreConnection
from adapters.outbound.memory_repository.firestore_eras import is_memory
from adapters.outbound.memory_repository.firestore_headers import Header
from adapters.outbound.memory_repository.firestore_layout import Layout
from adapters.outbound.memory_repository.firestore_pieces import closed
from adapters.outbound.memory_repository.firestore_reader import parts_below
from adapters.outbound.user_encryption import Protection, UserCipher
from domain.ids import UserId

MOST_BYTES = 6 * 1024 * 1024
"""Of the parts in one call; Firestore takes 10 MiB."""
Write = tuple[Any, bytes]
"""A reference, and what goes there."""


class FirestoreMemoryWriter:
    """Writes memories so that whoever reads meanwhile finds the old one or the new one."""

    def __init__(self, connection: FirestoreConnection, cipher: UserCipher) -> None:
        self._connection = connection
        self._cipher = cipher

    def prepared(self, user: UserId, header: Header, layout: Layout, *, protection: Protection) -> "Prepared":
        """A memory, ready to be sent.

        Args:
            user: whose memory.
            header: what is there.
            layout: what is to be there.
            protection: of the documents.

        Raises:
            Rejected: it is to be encrypted and there is no secret.
        """
        there = {reference.path: reference for reference in parts_below(header)}
        parts = {
            reference.path: (reference, part.content)
            for group, some in layout.parts.items()
            for part in some
            for reference in (header.reference.collection(group).document(part.name),)
        }
        close = partial(closed, user=user, cipher=self._cipher, protection=protection)
        return Prepared(
            header=header,
            layout=layout,
            writes=[(reference, close(content)) for path, (reference, content) in parts.items() if path not in there],
            stale=[reference for path, reference in there.items() if path not in parts],
        )

    async def write(self, ready: "Prepared") -> None:
        """Writes the parts that are not there yet and the header, and removes the parts that it lists no more.

        Raises:
            Conflict: the header is not what it was any more.
            TemporarilyUnavailable: nothing changed for readers.
        """
        *ahead, last = batches(ready.writes)
        for some in ahead:  # nobody looks for them before the header names them
            await self._connection.write(partial(_fill, some))
        await self._connection.write(partial(_fill_all, last, ready))
        await self._connection.delete(ready.stale[MOST_WRITTEN:])

    async def delete(self, header: Header) -> None:
        """Removes a header, then all that lies below it, listed or not; again after a failure, as often as it takes."""
        if header.fields is not None:
            if not is_memory(header.fields):
                return
            await self._connection.delete([header.reference])
        for collection in await self._connection.below(header.reference):
            await self._connection.delete(await self._connection.names(collection))


class Prepared(Struct, frozen=True, kw_only=True):
    """A memory, ready to be sent."""

    header: Header
    """What is there."""
    layout: Layout
    writes: list[Write]
    """Parts that are not there yet."""
    stale: list[Any]
    """References of parts that are listed no more."""


def batches(writes: Sequence[Write]) -> Iterator[list[Write]]:
    """The writes in calls that Firestore takes; at least one, which may be empty."""
    batch: list[Write] = []
    size = 0
    for write in writes:
        if batch and (size + len(write[1]) > MOST_BYTES or len(batch) == MOST_WRITTEN):
            yield batch
            batch, size = [], 0
        batch.append(write)
        size += len(write[1])
    yield batch


def _fill(writes: Sequence[Write], batch: Batch) -> None:
    for reference, content in writes:
        batch.set(reference, {"content": content})


def _fill_all(writes: Sequence[Write], ready: Prepared, batch: Batch) -> None:
    _fill(writes, batch)
    header, fields = ready.header, ready.layout.header
    if header.fields is None:
        batch.create(header.reference, fields)
        for reference in header.elsewhere:
            batch.delete(reference, option=AsyncClient.write_option(exists=False))
    else:
        # fields of other programs, which are not known here, stay as they are
        batch.update(header.reference, fields, option=AsyncClient.write_option(last_update_time=header.updated))
    for reference in ready.stale[:MOST_WRITTEN]:
        batch.delete(reference)
