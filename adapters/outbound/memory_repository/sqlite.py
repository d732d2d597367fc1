"""Memories in a SQLite file for each user."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from adapters.outbound.keys import key_bytes
from adapters.outbound.memory_repository.change import changed
from adapters.outbound.memory_repository.cursor import Cursor
from adapters.outbound.memory_repository.stored_memory import StoredMemory
from adapters.outbound.moments import microseconds
from adapters.outbound.sqlite_connection import Schema
from adapters.outbound.sqlite_documents import NO_LIMIT, within
from adapters.outbound.sqlite_files import SqliteFiles
from adapters.outbound.storage_diagnosis import diagnosed
from adapters.outbound.user_folder import user_folder
from adapters.outbound.vault.none import ClearVault
from domain.ids import MemoryId, UserId
from domain.memory import Memory
from ports.diagnosis import Diagnosis
from ports.errors import NotFound
from ports.memory_repository import MemoryPage, MemoryQuery
from ports.vault import UserKeys, Vault

FILE = "memories.db"
SCHEMA = Schema(
    (
        (
            """CREATE TABLE memories (
                id BLOB PRIMARY KEY NOT NULL, created INTEGER NOT NULL, status TEXT NOT NULL,
                discarded INTEGER NOT NULL, content BLOB NOT NULL, segments BLOB NOT NULL)""",
            # holds all that a list is filtered by: what is left out or skipped is never read
            "CREATE INDEX memories_in_order ON memories (created, id, status, discarded)",
        ),
    )
)
_SAVE = "INSERT OR REPLACE INTO memories (id, created, status, discarded, content, segments) VALUES (?, ?, ?, ?, ?, ?)"
_CHANGE = "UPDATE memories SET created = ?, status = ?, discarded = ?, content = ? WHERE id = ?"
_CHANGE_SEGMENTS = "UPDATE memories SET segments = ? WHERE id = ?"
_GET = "SELECT id, content, segments FROM memories WHERE id = ?"
_DELETE = "DELETE FROM memories WHERE id = ?"
_PAGE = """
    SELECT id, content, segments FROM memories
    WHERE (created, id) < (?, ?) AND (? OR NOT discarded)
        AND (? = '[]' OR status IN (SELECT value FROM json_each(?)))
    ORDER BY created DESC, id DESC LIMIT ? OFFSET ?
"""
_NEWEST = Cursor(NO_LIMIT, "")
"""Behind nothing: no memory is that young."""


class SqliteMemoryRepository:
    """Memories that stay: `memories.db` in the folder of each user, sealed but for what lists are filtered by."""

    def __init__(self, data_dir: Path, *, vault: Vault | None = None) -> None:
        self._data_dir = data_dir
        self._vault = vault or ClearVault()
        self._stored = StoredMemory()
        self._files = SqliteFiles(SCHEMA)

    async def __aenter__(self) -> Self:
        await self._files.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._files.__aexit__(kind, error, trace)

    async def save(self, user: UserId, memory: Memory) -> None:
        """Stores a memory whole; replaces the one with the same id. Raises TemporarilyUnavailable, Rejected."""
        keys = await self._vault.keys(user)

        def save(connection: sqlite3.Connection) -> None:
            columns = (memory.status, memory.discarded, *self._stored.pieces(memory, keys))
            connection.execute(_SAVE, (key_bytes(memory.id), microseconds(memory.created_at), *columns))

        await self._files.write(self._file(user), save)

    async def get(self, user: UserId, memory_id: MemoryId) -> Memory:
        """A memory. Raises NotFound, TemporarilyUnavailable."""
        keys = await self._vault.known(user)
        return await self._files.read(self._file(user), lambda connection: self._find(connection, memory_id, keys))

    async def several(self, user: UserId, memory_ids: Sequence[MemoryId]) -> tuple[Memory, ...]:
        """Those of some memories that are there, as they were asked for, each once. Raises TemporarilyUnavailable."""
        if not memory_ids:
            return ()
        keys = await self._vault.known(user)

        def read(connection: sqlite3.Connection) -> tuple[Memory, ...]:
            found: list[Memory] = []
            for memory_id in dict.fromkeys(memory_ids):  # by primary key: no slower than one statement for all
                with suppress(NotFound):
                    found.append(self._find(connection, memory_id, keys))
            return tuple(found)

        return await self._files.read(self._file(user), read)

    async def update(self, user: UserId, memory_id: MemoryId, change: Callable[[Memory], Memory]) -> Memory:
        """Changes a memory as it is now, in one transaction. `change` runs in a thread.

        Raises:
            NotFound: the user has none with this id.
            Rejected: the change gave it another id.
            TemporarilyUnavailable: not changed.
        """
        keys = await self._vault.keys(user)

        def update(connection: sqlite3.Connection) -> Memory:
            before = self._find(connection, memory_id, keys)
            after = changed(before, change)
            place = (microseconds(after.created_at), after.status, after.discarded)
            connection.execute(_CHANGE, (*place, self._stored.content(after, keys), key_bytes(memory_id)))
            if after.segments is not before.segments:
                connection.execute(_CHANGE_SEGMENTS, (self._stored.segments(after, keys), key_bytes(memory_id)))
            return after

        return await self._files.write(self._file(user), update)

    async def delete(self, user: UserId, memory_id: MemoryId) -> None:
        """Removes a memory for good; nothing happens when there is none. Raises TemporarilyUnavailable."""
        sought = (key_bytes(memory_id),)
        await self._files.erase(self._file(user), lambda connection: connection.execute(_DELETE, sought))

    async def page(self, user: UserId, query: MemoryQuery) -> MemoryPage:
        """Lists memories, transcripts included. Raises Rejected, TemporarilyUnavailable."""
        behind = _NEWEST if query.cursor is None else Cursor.parse(query.cursor)
        offset = within(query.offset) if query.cursor is None else 0
        limit = min(within(query.limit), NO_LIMIT - 1)
        statuses = msgspec.json.encode(query.statuses).decode()
        filters = (query.include_discarded, statuses, statuses)
        keys = await self._vault.known(user)
        values = (behind.created, key_bytes(behind.identifier), *filters, limit + 1, offset)

        def read(connection: sqlite3.Connection) -> MemoryPage:
            rows = connection.execute(_PAGE, values).fetchall()
            memories = tuple(self._stored.memory(*row, keys=keys) for row in rows[:limit])
            return MemoryPage(memories, Cursor.behind(memories[-1]).token if 0 < limit < len(rows) else None)

        return await self._files.read(self._file(user), read)

    async def diagnose(self) -> Diagnosis:
        """Whether more memories can be stored, and whether the stored ones are whole."""
        return await diagnosed(self._data_dir, databases=f"users/*/{FILE}")

    def _find(self, connection: sqlite3.Connection, memory_id: MemoryId, keys: UserKeys) -> Memory:
        row = connection.execute(_GET, (key_bytes(memory_id),)).fetchone()
        if row is None:
            raise NotFound("the user has no such memory")
        return self._stored.memory(*row, keys=keys)

    def _file(self, user: UserId) -> Path:
        return user_folder(self._data_dir, user) / FILE
