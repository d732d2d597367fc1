"""Memories in Google's Firestore, in the collections that earlier backends used."""

import random
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from enum import StrEnum
from functools import partial
from types import TracebackType
from typing import Self

import anyio

from adapters.outbound.firestore_connection import FirestoreConnection
from adapters.outbound.firestore_names import is_nameable
from adapters.outbound.firestore_settings import FirestoreSettings
from adapters.outbound.memory_repository.change import changed
from adapters.outbound.memory_repository.cursor import Cursor
from adapters.outbound.memory_repository.firestore_eras import status_of
from adapters.outbound.memory_repository.firestore_headers import (
    LARGEST_BLOCK,
    Header,
    is_shown,
    newest,
)
from adapters.outbound.memory_repository.firestore_layout import Whole, laid_out, protection_of, revision_of
from adapters.outbound.memory_repository.firestore_places import FirestoreMemoryPlaces
from adapters.outbound.memory_repository.firestore_reader import FirestoreMemoryReader
from adapters.outbound.memory_repository.firestore_writer import FirestoreMemoryWriter, Prepared
from adapters.outbound.memory_repository.heavy_work import done, size_of
from adapters.outbound.user_encryption import user_cipher
from domain.ids import MemoryId, UserId, new_id
from domain.memory import Memory
from ports.diagnosis import Diagnosis
from ports.errors import Conflict, NotFound, TemporarilyUnavailable
from ports.memory_repository import MemoryPage, MemoryQuery

_FIRST_PAUSE, _LONGEST_PAUSE = 0.005, 0.5
"""Seconds before a change that somebody else came before is tried again."""


class MemoryCollection(StrEnum):
    """Where new memories go. Those that are there are read, changed and removed in either."""

    MEMORIES = "memories"
    CONVERSATIONS = "conversations"


class FirestoreMemoryRepositorySettings(FirestoreSettings, frozen=True, kw_only=True):
    """Where the database is, and how new memories lie in it."""

    collection: MemoryCollection = MemoryCollection.MEMORIES


class FirestoreMemoryRepository:
    """Memories below `users/{user}`: a header that lists can use, and parts of at most 256 KiB.

    A memory changes in one atomic write with the header's version as its condition; who comes second reads again. That
    is what a transaction does, without a call to begin it and with a deadline for each call that is made. A change
    whose answer got lost is recognized by its revision, and is not made twice. A new memory takes one call: that it is
    nowhere yet is a condition of its writing.
    """

    def __init__(self, settings: FirestoreMemoryRepositorySettings) -> None:
        self._settings = settings
        self._connection = FirestoreConnection(settings)
        self._cipher = user_cipher(settings.encryption_secret)
        self._places = FirestoreMemoryPlaces(self._connection, first=settings.collection)
        self._reader = FirestoreMemoryReader(self._connection, self._cipher)
        self._writer = FirestoreMemoryWriter(self._connection, self._cipher)

    async def __aenter__(self) -> Self:
        await self._connection.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._connection.__aexit__(kind, error, trace)

    async def save(self, user: UserId, memory: Memory) -> None:
        """Stores a memory whole; replaces the one with the same id. Raises TemporarilyUnavailable, Rejected."""

        async def given(_: Header) -> Whole:
            return Whole(memory=memory)

        await self._settle(user, memory.id, given, lambda same: same, expected=self._places.nowhere(user, memory.id))

    async def get(self, user: UserId, memory_id: MemoryId) -> Memory:
        """A memory. Raises NotFound, TemporarilyUnavailable, Rejected."""
        version = None
        while True:
            [header] = await self._places.of(user, [memory_id])
            whole = await self._read(user, header)
            if whole is not None:
                return whole.memory
            if header.updated == version:
                raise TemporarilyUnavailable("a part of a stored memory is missing")
            version = header.updated  # it was rewritten between reading the header and the parts

    async def several(self, user: UserId, memory_ids: Sequence[MemoryId]) -> tuple[Memory, ...]:
        """Those of some memories that are there, as they were asked for, each once.

        Takes two calls where all are where new ones go, and one more for each hundred of headers or of parts.

        Raises:
            TemporarilyUnavailable: one of them cannot be read.
            Rejected: one is encrypted and there is no secret.
        """
        asked = [memory_id for memory_id in dict.fromkeys(memory_ids) if is_nameable(memory_id)]
        headers = zip(asked, await self._places.of(user, asked), strict=True)
        there = {memory_id: header for memory_id, header in headers if is_shown(header)}
        found: list[Memory] = []
        for memory_id, memory in zip(there, await self._reader.read(user, list(there.values())), strict=True):
            with suppress(NotFound):  # deleted between its header and its parts
                found.append(memory or await self.get(user, memory_id))
        return tuple(found)

    async def update(self, user: UserId, memory_id: MemoryId, change: Callable[[Memory], Memory]) -> Memory:
        """Changes a memory as it is now; what did not change of its transcript is not written again.

        `change` runs in a thread where the memory is large.

        Raises:
            NotFound: the user has none with this id.
            Rejected: the change gave it another id.
            TemporarilyUnavailable: not changed.
        """

        async def read(header: Header) -> Whole:
            before = await self._read(user, header)
            if before is None:
                raise Conflict("the memory was rewritten while it was read")
            return before

        return await self._settle(user, memory_id, read, partial(changed, change=change))

    async def delete(self, user: UserId, memory_id: MemoryId) -> None:
        """Removes a memory and all below it; nothing happens when there is none. Raises TemporarilyUnavailable."""
        for header in await self._places.everywhere(user, memory_id):
            await self._writer.delete(header)

    async def page(self, user: UserId, query: MemoryQuery) -> MemoryPage:
        """Lists memories, transcripts included. Raises Rejected, TemporarilyUnavailable."""
        behind = None if query.cursor is None else Cursor.parse(query.cursor)
        if query.limit <= 0:
            return MemoryPage((), None)
        found = await self._window(user, query, behind)
        kept = found[: query.limit]
        memories = []
        for header, memory in zip(kept, await self._reader.read(user, kept), strict=True):
            with suppress(NotFound):  # deleted between its header and its parts
                memories.append(memory or await self.get(user, MemoryId(header.identifier)))
        more = len(found) > len(kept)
        return MemoryPage(tuple(memories), Cursor(*kept[-1].place).token if more else None)

    async def diagnose(self) -> Diagnosis:
        """Whether the database answers."""
        return await self._connection.diagnose()

    async def _window(self, user: UserId, query: MemoryQuery, behind: Cursor | None) -> list[Header]:
        """The headers of a page, and one more where there is one."""
        skipped = max(query.offset, 0) if behind is None else 0
        block = min(query.limit + skipped + 1, LARGEST_BLOCK)
        found: list[Header] = []
        async with aclosing(
            newest(self._connection, self._connection.user(user), behind=behind, block=block)
        ) as headers:
            async for header in headers:
                if not _matches(header, query):
                    continue
                if skipped:
                    skipped -= 1
                    continue
                found.append(header)
                if len(found) > query.limit:
                    break
        return found

    async def _settle(
        self,
        user: UserId,
        memory_id: MemoryId,
        read: Callable[[Header], Awaitable[Whole]],
        change: Callable[[Memory], Memory],
        *,
        expected: Header | None = None,
    ) -> Memory:
        """Writes what is made of a memory as it is, again and again until nobody else was faster.

        Args:
            user: whose.
            memory_id: which.
            read: gives what the change is made to, of the header that is there.
            change: makes of it what is to be there.
            expected: what is probably there; it is not looked at before the first attempt.
        """
        revision, deadline, pause = new_id(), time.monotonic() + self._settings.patience, _FIRST_PAUSE
        after: Memory | None = None
        while True:
            [header] = [expected] if expected else await self._places.of(user, [memory_id])
            if after is not None and header.fields is not None and revision_of(header.fields) == revision:
                return after
            try:
                before = await read(header)
                prepare = partial(self._prepared, user, header, before, change, revision)
                ready = await done(prepare, size=size_of(before.memory))
                after = ready.layout.memory
                await self._writer.write(ready)
            except Conflict as error:
                if time.monotonic() > deadline:
                    raise TemporarilyUnavailable("others keep changing this memory") from error
                if expected is None:  # somebody was faster; else it is merely there already
                    await anyio.sleep(pause * random.random())  # noqa: S311 - spreads attempts, guards nothing
                    pause = min(pause * 2, _LONGEST_PAUSE)
                expected = None
            else:
                return ready.layout.memory

    def _prepared(
        self, user: UserId, header: Header, before: Whole, change: Callable[[Memory], Memory], revision: str
    ) -> Prepared:
        protection = self._settings.protection if header.fields is None else protection_of(header.fields)
        after = change(before.memory)
        layout = laid_out(
            after, user=user, cipher=self._cipher, protection=protection, revision=revision, before=before
        )
        return self._writer.prepared(user, header, layout, protection=protection)

    async def _read(self, user: UserId, header: Header) -> Whole | None:
        if not is_shown(header):
            raise NotFound("the user has no such memory")
        [whole] = await self._reader.wholes(user, [header])
        return whole


def _matches(header: Header, query: MemoryQuery) -> bool:
    document = header.fields or {}
    if document.get("discarded") is True and not query.include_discarded:
        return False
    return not query.statuses or status_of(document) in query.statuses
