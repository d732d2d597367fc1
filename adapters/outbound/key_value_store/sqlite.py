"""Small values in one SQLite file."""

import sqlite3
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from adapters.outbound.keys import checked, key_bytes, key_text
from adapters.outbound.moments import microseconds
from adapters.outbound.sqlite_connection import Schema
from adapters.outbound.sqlite_files import SqliteFiles
from adapters.outbound.storage_diagnosis import diagnosed
from ports.clock import Clock
from ports.diagnosis import Diagnosis

FILE = "key_value.db"
SCHEMA = Schema(
    (
        (
            "CREATE TABLE entries (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL, ends INTEGER) WITHOUT ROWID",
            "CREATE INDEX entries_that_end ON entries (ends) WHERE ends IS NOT NULL",
            "CREATE TABLE members (key BLOB NOT NULL, member BLOB NOT NULL, PRIMARY KEY (key, member)) WITHOUT ROWID",
        ),
    )
)
_GET = "SELECT value FROM entries WHERE key = ? AND (ends IS NULL OR ends > ?)"
_PUT = "INSERT OR REPLACE INTO entries (key, value, ends) VALUES (?, ?, ?)"
_PUT_IF_ABSENT = """
    INSERT INTO entries (key, value, ends) VALUES (?, ?, ?)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, ends = excluded.ends WHERE ends <= ?
"""
_PURGE = "DELETE FROM entries WHERE key IN (SELECT key FROM entries WHERE ends <= ? LIMIT 16)"
"""A few of what is over, with every value that is stored: the file does not grow and nobody waits for a sweep."""
_DELETE = "DELETE FROM entries WHERE key = ?"
_DELETE_SET = "DELETE FROM members WHERE key = ?"
_ADD = "INSERT OR IGNORE INTO members (key, member) VALUES (?, ?)"
_REMOVE = "DELETE FROM members WHERE key = ? AND member = ?"
_MEMBERS = "SELECT member FROM members WHERE key = ?"
_KEYS = """
    SELECT key FROM entries WHERE substr(key, 1, length(?1)) = ?1
    UNION SELECT key FROM members WHERE substr(key, 1, length(?1)) = ?1
"""


class SqliteKeyValueStore:
    """Values that stay: `key_value.db`. Keys of more than 1,000 characters are Rejected."""

    def __init__(self, data_dir: Path, *, clock: Clock) -> None:
        self._data_dir = data_dir
        self._path = data_dir / FILE
        self._clock = clock
        # one thread: its callers wait in line here, which is fairer and faster than in SQLite
        self._files = SqliteFiles(SCHEMA, threads=1, idle=1)

    async def __aenter__(self) -> Self:
        await self._files.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._files.__aexit__(kind, error, trace)

    async def get(self, key: str) -> bytes | None:
        """The value; None when there is none or its time is over."""
        sought = (key_bytes(checked(key)), self._now())
        row = await self._files.read(self._path, lambda connection: connection.execute(_GET, sought).fetchone())
        return None if row is None else bytes(row[0])

    async def put(self, key: str, value: bytes, *, lifetime: timedelta | None = None) -> None:
        """Stores a value, for a time or for good."""
        row, now = (key_bytes(checked(key)), value, self._end(lifetime)), self._now()

        def put(connection: sqlite3.Connection) -> None:
            connection.execute(_PURGE, (now,))
            connection.execute(_PUT, row)

        await self._files.write(self._path, put)

    async def put_if_absent(self, key: str, value: bytes, *, lifetime: timedelta | None = None) -> bool:
        """Stores a value where there is none; says whether it did. Of many callers at once one succeeds."""
        row, now = (key_bytes(checked(key)), value, self._end(lifetime)), self._now()

        def put(connection: sqlite3.Connection) -> bool:
            connection.execute(_PURGE, (now,))
            return connection.execute(_PUT_IF_ABSENT, (*row, now)).rowcount == 1

        return await self._files.write(self._path, put)

    async def delete(self, key: str) -> None:
        """Forgets a value and a set, on the disk too; nothing happens when there is none."""
        sought = (key_bytes(checked(key)),)

        def delete(connection: sqlite3.Connection) -> None:
            connection.execute(_DELETE, sought)
            connection.execute(_DELETE_SET, sought)

        await self._files.erase(self._path, delete)

    async def add_member(self, key: str, member: str) -> None:
        """Adds to a set."""
        row = (key_bytes(checked(key)), key_bytes(member))
        await self._files.write(self._path, lambda connection: connection.execute(_ADD, row))

    async def remove_member(self, key: str, member: str) -> None:
        """Takes out of a set; nothing happens when it is not in."""
        row = (key_bytes(checked(key)), key_bytes(member))
        await self._files.write(self._path, lambda connection: connection.execute(_REMOVE, row))

    async def members(self, key: str) -> frozenset[str]:
        """What a set holds; empty when there is none."""
        sought = (key_bytes(checked(key)),)
        rows = await self._files.read(self._path, lambda connection: connection.execute(_MEMBERS, sought).fetchall())
        return frozenset(key_text(member) for (member,) in rows)

    async def keys(self, prefix: str) -> tuple[str, ...]:
        """Keys of values and sets that start with a prefix, sorted; those that are over as long as they lie here."""
        sought = (key_bytes(prefix),)
        rows = await self._files.read(self._path, lambda connection: connection.execute(_KEYS, sought).fetchall())
        return tuple(sorted(key_text(key) for (key,) in rows))

    async def diagnose(self) -> Diagnosis:
        """Whether more values can be stored, and whether the stored ones are whole."""
        return await diagnosed(self._data_dir, databases=FILE)

    def _now(self) -> int:
        return microseconds(self._clock.now())

    def _end(self, lifetime: timedelta | None) -> int | None:
        return None if lifetime is None else microseconds(self._clock.now()) + lifetime // timedelta(microseconds=1)
