"""One disk flush for many callers."""

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import anyio
import anyio.to_thread

from adapters.outbound.sqlite_connection import Schema, empty_log, opened
from adapters.outbound.storage_errors import translated
from ports.errors import AdapterError, Conflict, TemporarilyUnavailable

R = TypeVar("R")
Work = Callable[[sqlite3.Connection], R]
"""Statements. They check before they change: a Conflict that they raise undoes nothing."""


class GroupCommit:
    """Runs statements on one database. All that were asked for while the disk was busy share the next transaction.

    A flush takes milliseconds whatever it flushes, so the more callers there are, the less each one pays.
    """

    def __init__(self, path: Path, schema: Schema) -> None:
        self._path = path
        self._schema = schema
        self._pending: list[_Ticket[Any]] = []
        self._at_work = threading.Lock()

    async def __aenter__(self) -> Self:
        self._turn = anyio.Lock()
        self._limiter = anyio.CapacityLimiter(1)
        self._connection = await anyio.to_thread.run_sync(self._open, limiter=self._limiter)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(self._close, limiter=self._limiter)

    async def run(self, work: Work[R]) -> R:
        """Has statements run. Their effect survives the end of this process, but perhaps not a power cut.

        Raises:
            StorageFull: there is no space.
            TemporarilyUnavailable: the database failed; nothing was changed.
        """
        return await self._run(_Ticket(work, synchronous="NORMAL"))

    async def run_durably(self, work: Work[R]) -> R:
        """As `run`; the effect is on the disk when this returns."""
        return await self._run(_Ticket(work, synchronous="FULL"))

    async def erase(self, work: Work[R]) -> R:
        """As `run_durably`; nothing of what was removed is left in the file or its log, now and from earlier."""
        result = await self.run_durably(work)
        await self.empty_log()
        return result

    async def empty_log(self) -> None:
        """Nothing of what was removed or changed is left in the file or its log. Raises TemporarilyUnavailable."""
        async with self._turn:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self._empty_log, limiter=self._limiter)

    async def _run(self, ticket: "_Ticket[R]") -> R:
        self._pending.append(ticket)
        try:
            async with self._turn:
                if ticket in self._pending:
                    await self._run_pending()
        finally:
            if ticket in self._pending:  # cancelled before its turn: nobody wants the result any more
                self._pending.remove(ticket)
        return ticket.result()

    async def _run_pending(self) -> None:
        batch, self._pending = self._pending, []
        with anyio.CancelScope(shield=True):  # others wait for the same transaction
            try:
                await anyio.to_thread.run_sync(self._transact, batch, limiter=self._limiter)
            except AdapterError as error:
                for ticket in batch:
                    ticket.error = error

    def _transact(self, batch: "list[_Ticket[Any]]") -> None:
        durably = any(ticket.synchronous == "FULL" for ticket in batch)
        # a thread outlives a task that asyncio itself cancels: its transaction must not mix with the next one
        with self._at_work, translated(self._path):
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if durably else 'NORMAL'}")
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                for ticket in batch:
                    ticket.run(self._connection)
        for ticket in batch:
            ticket.done = True

    def _empty_log(self) -> None:
        with self._at_work, translated(self._path):
            empty_log(self._connection)

    def _open(self) -> sqlite3.Connection:
        with translated(self._path):
            return opened(self._path, self._schema)

    def _close(self) -> None:
        with self._at_work:
            self._connection.close()


class _Ticket(Generic[R]):
    """Statements of one caller, and what came of them."""

    def __init__(self, work: Work[R], *, synchronous: str) -> None:
        self.synchronous = synchronous
        self.done = False
        self.error: AdapterError | None = None
        self._work = work
        self._results: list[R] = []

    def run(self, connection: sqlite3.Connection) -> None:
        try:
            self._results.append(self._work(connection))
        except Conflict as error:
            self.error = error

    def result(self) -> R:
        if self.error is not None:
            raise type(self.error)(str(self.error)) from self.error  # an exception of its own for each task
        if not self.done:
            raise TemporarilyUnavailable("the transaction broke off")
        return self._results[0]
