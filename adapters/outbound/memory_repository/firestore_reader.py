"""Memories of Firestore, put together from their documents."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import anyio.to_thread
from msgspec import structs

from adapters.outbound.firestore_connection import FirestoreConnection
from adapters.outbound.firestore_together import together
from adapters.outbound.memory_repository.firestore_eras import memory_of
from adapters.outbound.memory_repository.firestore_headers import Header
from adapters.outbound.memory_repository.firestore_layout import PHOTOS, is_ours, part_names, put_together
from adapters.outbound.memory_repository.firestore_transcripts import SERVICES, segments
from adapters.outbound.user_encryption import UserCipher
from domain.ids import UserId
from domain.memory import Memory


class FirestoreMemoryReader:
    """Reads the memories that headers stand for."""

    def __init__(self, connection: FirestoreConnection, cipher: UserCipher) -> None:
        self._connection = connection
        self._cipher = cipher

    async def read(self, user: UserId, headers: Sequence[Header]) -> list[Memory | None]:
        """The memories of headers, in their order; None for one of which a part is missing: it was just rewritten.

        Raises:
            TemporarilyUnavailable: one cannot be read.
            Rejected: one is encrypted and there is no secret.
        """
        ours = [header for header in headers if is_ours(header.fields or {})]
        wanted = [reference for header in ours for reference in parts_below(header)]
        stored = {one.reference.path: one for one in await self._connection.read(wanted)}
        read = await anyio.to_thread.run_sync(lambda: [self._together(user, header, stored) for header in ours])
        earlier = [header for header in headers if not is_ours(header.fields or {})]
        found = await together([partial(self._earlier, user, header) for header in earlier])
        memories = {
            header.reference.path: memory for header, memory in zip([*ours, *earlier], [*read, *found], strict=True)
        }
        return [memories[header.reference.path] for header in headers]

    def _together(self, user: UserId, header: Header, stored: dict[str, Any]) -> Memory | None:
        found: dict[tuple[str, str], object] = {}
        for reference in parts_below(header):
            snapshot = stored[reference.path]
            if not snapshot.exists:
                return None
            found[reference.parent.id, reference.id] = snapshot.get("content")
        fields = header.fields or {}
        return put_together(fields, found, identifier=header.identifier, user=user, cipher=self._cipher)

    async def _earlier(self, user: UserId, header: Header) -> Memory:
        """A memory of an earlier layout: what lies below it is not listed in it."""
        below = {collection.id: collection for collection in await self._connection.below(header.reference)}
        photos = await self._connection.find(below[PHOTOS]) if PHOTOS in below else []
        read = partial(
            memory_of,
            header.fields or {},
            identifier=header.identifier,
            user=user,
            cipher=self._cipher,
            photos=[photo.to_dict() or {} for photo in photos],
            stored_at=header.stored_at,
        )
        memory = await anyio.to_thread.run_sync(read)
        for service in SERVICES:
            if not memory.segments and service in below:
                entries = [one.to_dict() or {} for one in await self._connection.find(below[service])]
                memory = structs.replace(memory, segments=segments(entries, memory=memory.id, recognizer=service))
        return memory


def parts_below(header: Header) -> list[Any]:
    """References of the documents that a header of this layout lists."""
    names = part_names(header.fields or {})
    return [header.reference.collection(group).document(name) for group, some in names.items() for name in some]
