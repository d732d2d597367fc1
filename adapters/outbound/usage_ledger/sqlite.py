"""Usage in one SQLite file."""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from adapters.outbound.codec import Codec
from adapters.outbound.moments import microseconds
from adapters.outbound.sqlite_connection import Schema
from adapters.outbound.sqlite_files import SqliteFiles
from adapters.outbound.storage_diagnosis import diagnosed
from domain.ids import UserId
from domain.usage import Usage
from ports.diagnosis import Diagnosis

FILE = "usage.db"
SCHEMA = Schema(
    (
        (
            "CREATE TABLE usages (started INTEGER NOT NULL, content BLOB NOT NULL)",
            "CREATE INDEX usages_in_order ON usages (started)",
        ),
    )
)
_ADD = "INSERT INTO usages (started, content) VALUES (?, ?)"
_ALL = "SELECT rowid, content FROM usages ORDER BY started, rowid"
_FORGET = "DELETE FROM usages WHERE rowid = ?"
_BETWEEN = "SELECT content FROM usages WHERE started >= ? AND started < ? ORDER BY started, rowid"


class SqliteUsageLedger:
    """Rows that stay: `usage.db`."""

    def __init__(self, *, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._codec = Codec(Usage, noun="usage")
        self._files = SqliteFiles(SCHEMA, threads=1, idle=1)

    async def __aenter__(self) -> Self:
        await self._files.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._files.__aexit__(kind, error, trace)

    async def record(self, usages: Sequence[Usage]) -> None:
        """Adds rows, all or none. Raises TemporarilyUnavailable."""
        rows = [(microseconds(usage.started_at), self._codec.encode(usage)) for usage in usages]
        await self._files.write(self._data_dir / FILE, lambda connection: connection.executemany(_ADD, rows))

    async def between(self, start: datetime, end: datetime) -> tuple[Usage, ...]:
        """Rows of a time, oldest first. Raises TemporarilyUnavailable."""
        window = (microseconds(start), microseconds(end))

        def read(connection: sqlite3.Connection) -> tuple[Usage, ...]:
            return tuple(self._codec.decode(content) for (content,) in connection.execute(_BETWEEN, window))

        return await self._files.read(self._data_dir / FILE, read)

    async def of(self, user: UserId) -> tuple[Usage, ...]:
        """All rows of a user, oldest first. Raises TemporarilyUnavailable."""

        def read(connection: sqlite3.Connection) -> tuple[Usage, ...]:
            return tuple(usage for _, usage in self._own(connection, user))

        return await self._files.read(self._data_dir / FILE, read)

    async def forget(self, user: UserId) -> None:
        """Removes all rows of a user, from the disk too. Raises TemporarilyUnavailable."""

        def forget(connection: sqlite3.Connection) -> None:
            rows = [(row,) for row, _ in self._own(connection, user)]
            connection.executemany(_FORGET, rows)

        await self._files.erase(self._data_dir / FILE, forget)

    def _own(self, connection: sqlite3.Connection, user: UserId) -> Iterator[tuple[int, Usage]]:
        for row, content in connection.execute(_ALL):
            usage = self._codec.decode(content)
            if usage.user == user:
                yield row, usage

    async def diagnose(self) -> Diagnosis:
        """Whether more can be written, and whether what was written is whole."""
        return await diagnosed(self._data_dir, databases=FILE)
