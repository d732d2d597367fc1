"""What an Omi backend of any year keeps of a user in Firestore, document by document, as far as each can be read."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

from msgspec import structs

from adapters.outbound.chat_history.firestore import message_of
from adapters.outbound.facts.firestore_fields import fact_of
from adapters.outbound.firestore_connection import FirestoreConnection, Snapshot
from adapters.outbound.firestore_documents import identifier
from adapters.outbound.firestore_settings import FirestoreSettings
from adapters.outbound.firestore_values import START_OF_TIME, Document, moment, name, truth
from adapters.outbound.memory_repository.firestore_eras import is_memory, unfinished_memory
from adapters.outbound.memory_repository.firestore_headers import Header, is_shown
from adapters.outbound.memory_repository.firestore_layout import OURS, revision_of
from adapters.outbound.memory_repository.firestore_reader import FirestoreMemoryReader
from adapters.outbound.moments import microseconds
from adapters.outbound.people.firestore import person_of
from adapters.outbound.user_encryption import user_cipher
from application.users.archive_format import ArchivedAccount, ArchivedSettings
from application.users.migrate_records import CHAT, FACTS, MEMORIES, PEOPLE, SETTINGS, OriginalSettings, Record, Value
from domain.errors import InvalidRequest
from domain.ids import UserId
from domain.memory import Memory, MemoryStatus
from domain.user import checked_zone
from ports.errors import Rejected, TemporarilyUnavailable

V = TypeVar("V", bound=Value | None)
CONVERSATIONS, MEMORIES_OR_FACTS, UNFINISHED = "conversations", "memories", "processing_memories"
_BLOCK = 25
"""Documents that are asked for at once: those of earlier layouts hold whole transcripts, and may have 1 MiB."""


class OriginalDocuments:
    """Reads; writes nothing."""

    def __init__(self, settings: FirestoreSettings) -> None:
        self._connection = FirestoreConnection(settings)
        self._cipher = user_cipher(settings.encryption_secret)
        self._memories = FirestoreMemoryReader(self._connection, self._cipher)

    async def __aenter__(self) -> Self:
        await self._connection.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._connection.__aexit__(kind, error, trace)

    async def users(self) -> tuple[UserId, ...]:
        """Everybody below whom something lies, by name. Raises TemporarilyUnavailable, Rejected."""
        everybody = self._connection.user(UserId("anybody")).parent
        return tuple(sorted(UserId(user.id) for user in await self._connection.names(everybody)))

    async def records(self, user: UserId) -> AsyncIterator[Record]:
        """All of a user's documents that mean something. Raises TemporarilyUnavailable, Rejected."""
        [account] = await self._connection.read([self._connection.user(user)])
        if account.exists:
            yield self._record(SETTINGS, account, _settings)
        async for record in self._simple(user):
            yield record
        async for record in self._conversations(user):
            yield record

    async def _simple(self, user: UserId) -> AsyncIterator[Record]:
        """People, facts and messages. Of several documents of one, the first counts; of messages, the newest."""
        async for one in self._documents(user, "people", mark="name"):
            yield self._record(PEOPLE, one, partial(person_of, identifier=identifier(one), _user=user))
        known: set[str] = set()
        for place in ("facts", MEMORIES_OR_FACTS):
            async for one in self._documents(user, place, mark="content"):
                if identifier(one) not in known and not is_memory(one.to_dict()):
                    known.add(identifier(one))
                    read = partial(fact_of, identifier=identifier(one), user=user, cipher=self._cipher)
                    yield self._record(FACTS, one, read)
        messages = [one async for one in self._documents(user, "messages", mark="text")]
        for one in _newest_of_each(messages):
            read_message = partial(message_of, identifier=identifier(one), user=user, cipher=self._cipher)
            yield self._record(CHAT, one, read_message)

    async def _conversations(self, user: UserId) -> AsyncIterator[Record]:
        """Memories, by whatever name; of one that was copied when they were renamed, the copy."""
        known: set[str] = set()
        for place in (CONVERSATIONS, MEMORIES_OR_FACTS):
            async for one in self._documents(user, place):
                header = Header.of(one)
                if is_shown(header) and header.identifier not in known:
                    known.add(header.identifier)
                    yield self._memory(user, header, one)
        async for one in self._documents(user, UNFINISHED):
            if identifier(one) not in known:
                read = partial(unfinished_memory, identifier=identifier(one), user=user, cipher=self._cipher)
                yield self._record(MEMORIES, one, partial(_ended, read))

    def _memory(self, user: UserId, header: Header, snapshot: Snapshot) -> Record:
        async def read() -> Memory:
            [memory] = await self._memories.read(user, [header])
            if memory is None:
                raise TemporarilyUnavailable("a part of a stored memory is missing")
            return memory

        fields = header.fields or {}
        return Record(
            table=MEMORIES,
            path=str(snapshot.reference.path),
            version=revision_of(fields) or _version(snapshot),
            is_current=OURS in fields,
            load=partial(self._judged, snapshot, read),
        )

    def _record(self, table: str, snapshot: Snapshot, read: Callable[[Document], V]) -> Record:
        async def load() -> V:
            return read(snapshot.to_dict() or {})

        return Record(
            table=table,
            path=str(snapshot.reference.path),
            version=_version(snapshot),
            load=partial(self._judged, snapshot, load),
        )

    async def _judged(self, snapshot: Snapshot, read: Callable[[], Awaitable[V]]) -> V:
        """What is read; when that fails, it is found out whether the document is to blame or the service."""
        try:
            return await read()
        except TemporarilyUnavailable as error:
            await self._connection.read([snapshot.reference])
            raise Rejected(str(error)) from error

    async def _documents(self, user: UserId, collection: str, *, mark: str = "") -> AsyncIterator[Snapshot]:
        """The documents of a collection that have a field of that name and were not put away."""
        query = self._connection.user(user).collection(collection).order_by("__name__").limit(_BLOCK)
        more = True
        while more:
            found = await self._connection.find(query)
            for one in found:
                fields = one.to_dict() or {}
                if not truth(fields.get("deleted")) and (not mark or mark in fields):
                    yield one
            more = len(found) == _BLOCK
            if more:
                query = query.start_after(found[-1])


def _settings(fields: Document) -> OriginalSettings:
    zone = "UTC"
    with suppress(InvalidRequest):
        zone = checked_zone(name(fields.get("time_zone")) or zone)
    allowed = ("store_recording_permission",) if truth(fields.get("store_recording_permission")) else ()
    return OriginalSettings(
        chosen=ArchivedSettings(account=ArchivedAccount(time_zone=zone), flags=allowed),
        push_token=name(fields.get("fcm_token")) or "",
    )


def _ended(read: Callable[[Document], Memory | None], fields: Document) -> Memory | None:
    """Nobody goes on with what a backend of 2024 did not finish: its words are kept as they are."""
    memory = read(fields)
    if memory is None or not memory.segments:
        return None
    return structs.replace(memory, status=MemoryStatus.COMPLETED)


def _newest_of_each(snapshots: list[Snapshot]) -> Iterator[Snapshot]:
    """Documents of messages have other names than they, so there may be several of one."""
    newest: dict[str, Any] = {}
    for one in sorted(snapshots, key=_told_at, reverse=True):
        newest.setdefault(identifier(one), one)
    yield from newest.values()


def _told_at(snapshot: Snapshot) -> datetime:
    return moment((snapshot.to_dict() or {}).get("created_at")) or START_OF_TIME


def _version(snapshot: Snapshot) -> str:
    return str(microseconds(snapshot.update_time))
