"""Databases that are a file each: opened when needed, a bounded number kept open, worked on in threads."""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import anyio
import anyio.to_thread
from msgspec import Struct

from adapters.outbound.sqlite_connection import Schema, blank, empty_log, opened
from adapters.outbound.storage_errors import translated

R = TypeVar("R")
Work = Callable[[sqlite3.Connection], R]
"""Statements on a connection. Runs in a thread; has the connection to itself."""


class SqliteFiles:
    """Runs statements on files of one schema.

    A connection belongs to one thread while it works and waits among the idle ones otherwise; the idle one that was
    not used for longest is closed when there are too many. Files may be worked on by other processes too, and whole
    folders may be removed meanwhile: what is written next goes into a new file.
    """

    def __init__(self, schema: Schema, *, threads: int = 4, idle: int = 32) -> None:
        self._schema = schema
        self._threads = threads
        self._most_idle = idle
        self._idle: list[_Open] = []  # used longest ago first
        self._guard = threading.Lock()  # held for a few list operations, in worker threads alone
        self._is_open = False

    async def __aenter__(self) -> Self:
        self._limiter = anyio.CapacityLimiter(self._threads)
        self._is_open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(self._close, limiter=self._limiter)

    async def read(self, path: Path, work: Work[R]) -> R:
        """Runs statements that change nothing. A file that is not there reads as empty and is not made.

        Raises:
            TemporarilyUnavailable: the file cannot be read.
        """
        return await self._in_thread(self._read, path, work)

    async def write(self, path: Path, work: Work[R]) -> R:
        """Runs statements as one transaction that nobody else's comes between; an error undoes all of them.

        Raises:
            StorageFull: there is no space.
            TemporarilyUnavailable: the file cannot be written.
        """
        return await self._in_thread(self._write, path, work)

    async def erase(self, path: Path, work: Work[R]) -> R:
        """As `write`; then nothing of what was removed is left in the file or in its log.

        Raises:
            StorageFull: there is no space.
            TemporarilyUnavailable: the file cannot be written.
        """
        return await self._in_thread(self._erase, path, work)

    async def _in_thread(self, run: Callable[[Path, Work[R]], R], path: Path, work: Work[R]) -> R:
        return await anyio.to_thread.run_sync(partial(run, path, work), limiter=self._limiter)

    def _read(self, path: Path, work: Work[R]) -> R:
        with translated(path):
            if path.exists():
                with self._borrowed(path) as connection:
                    return work(connection)
            with closing(blank(self._schema)) as connection:
                return work(connection)

    def _write(self, path: Path, work: Work[R]) -> R:
        with translated(path), self._borrowed(path) as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            return work(connection)

    def _erase(self, path: Path, work: Work[R]) -> R:
        if not path.exists():
            return self._read(path, work)
        result = self._write(path, work)
        with translated(path), self._borrowed(path) as connection:
            empty_log(connection)
        return result

    @contextmanager
    def _borrowed(self, path: Path) -> Iterator[sqlite3.Connection]:
        at_work = self._take(path) or _Open(path, opened(path, self._schema), path.stat())
        try:
            yield at_work.connection
        except sqlite3.Error:
            at_work.connection.close()  # it may be in any state; the next one starts afresh
            raise
        except BaseException:
            self._keep(at_work)
            raise
        self._keep(at_work)

    def _take(self, path: Path) -> "_Open | None":
        with self._guard:
            at = next((i for i, one in enumerate(self._idle) if one.path == path), None)
            found = None if at is None else self._idle.pop(at)
        if found is None or found.is_current():
            return found
        found.connection.close()
        return None

    def _keep(self, one: "_Open") -> None:
        with self._guard:
            self._idle.append(one)
            surplus = len(self._idle) - (self._most_idle if self._is_open else 0)
            closing_now, self._idle = self._idle[: max(surplus, 0)], self._idle[max(surplus, 0) :]
        for old in closing_now:
            old.connection.close()

    def _close(self) -> None:
        with self._guard:
            self._is_open = False
            closing_now, self._idle = self._idle, []
        for old in closing_now:
            old.connection.close()


class _Open(Struct, frozen=True):
    """A connection and the file that it is open on."""

    path: Path
    connection: sqlite3.Connection
    file: os.stat_result

    def is_current(self) -> bool:
        """Whether the path still leads to the file: who removed a user took the file away."""
        with suppress(FileNotFoundError):
            return os.path.samestat(self.file, self.path.stat())
        return False
