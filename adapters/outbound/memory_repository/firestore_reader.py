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
from adapters.outbound.memory_repository.firestore_layout import PHOTOS, Whole, is_ours, part_names, put_together
from adapters.outbound.memory_repository.firestore_transcripts import SERVICES, segments
from adapters.outbound.memory_repository.heavy_work import done
from adapters.outbound.user_encryption import UserCipher
from domain.ids import UserId
from domain.memory import Memory

_COMPRESSED = 3
"""How many times smaller parts are than what is in them, about."""


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
        return [None if whole is None else whole.memory for whole in await self.wholes(user, headers)]

    async def wholes(self, user: UserId, headers: Sequence[Header]) -> list[Whole | None]:
        """As `read`, with what is known of where they lie."""
        ours = [number for number, header in enumerate(headers) if is_ours(header.fields or {})]
        earlier = [number for number in range(len(headers)) if number not in ours]
        wholes = dict(zip(ours, await self._ours(user, [headers[number] for number in ours]), strict=True))
        found = await together([partial(self._earlier, user, headers[number]) for number in earlier])
        wholes |= {number: Whole(memory=memory) for number, memory in zip(earlier, found, strict=True)}
        return [wholes[number] for number in range(len(headers))]

    async def _ours(self, user: UserId, headers: Sequence[Header]) -> list[Whole | None]:
        wanted = [parts_below(header) for header in headers]
        stored = await self._connection.read([reference for some in wanted for reference in some])
        contents = [one.get("content") if one.exists else None for one in stored]
        rest = iter(contents)
        found = [
            (header, {_place(one): next(rest) for one in some}) for header, some in zip(headers, wanted, strict=True)
        ]
        size = _COMPRESSED * sum(len(content) for content in contents if isinstance(content, bytes))
        return await done(lambda: [self._together(user, header, parts) for header, parts in found], size=size)

    def _together(self, user: UserId, header: Header, stored: dict[tuple[str, str], Any]) -> Whole | None:
        if any(content is None for content in stored.values()):
            return None
        return put_together(header.fields or {}, stored, identifier=header.identifier, user=user, cipher=self._cipher)

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


def _place(reference: Any) -> tuple[str, str]:  # noqa: ANN401 - the SDK's reference
    return reference.parent.id, reference.id


def parts_below(header: Header) -> list[Any]:
    """References of the documents that a header of this layout lists."""
    names = part_names(header.fields or {})
    return [header.reference.collection(group).document(name) for group, some in names.items() for name in some]
