"""Work in a SQLite file: survives a killed process and a power cut, costs nothing to run."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from adapters.outbound.job_queue import job_table
from adapters.outbound.job_queue.group_commit import GroupCommit
from adapters.outbound.job_queue.job_table import SCHEMA, Term, held
from adapters.outbound.job_queue.watch import Watch
from adapters.outbound.storage_diagnosis import diagnosed
from domain.ids import JobId, UserId, new_id
from ports.clock import Clock
from ports.diagnosis import Diagnosis
from ports.errors import TemporarilyUnavailable
from ports.job_queue import ClaimedJob, DeadLetter, Job, Pile

FILE = "jobs.db"


class SqliteJobQueue:
    """Keeps work in `data_dir/jobs.db`. Several processes may share it.

    What becomes of work is on the disk when a method returns. Leases are not: after a power cut, all work is free.
    """

    def __init__(self, *, data_dir: Path, clock: Clock) -> None:
        self._folder = data_dir
        self._clock = clock
        self._database = GroupCommit(data_dir / FILE, SCHEMA)
        self._watch = Watch(clock=clock)
        self._has_leftovers = True
        """The log may hold what finished work was about; an earlier process may have left it."""

    async def __aenter__(self) -> Self:
        await self._database.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._database.__aexit__(kind, error, trace)

    async def enqueue(self, job: Job, *, not_before: datetime | None = None) -> bool:
        """Takes work, durably. False when the same id was taken before, whatever became of it."""
        due = not_before or self._clock.now()
        taken = await self._database.run_durably(lambda tables: job_table.enqueue(tables, job, due=due))
        self._watch.change()
        return taken

    async def claim(self, kinds: Sequence[str], *, lease: timedelta) -> ClaimedJob | None:
        """The oldest work that is due, for a time; None when there is none. Of many callers one gets it."""
        changes, now = self._watch.changes, self._clock.now()
        term = Term(new_id(), now, now + lease)
        claimed = await self._database.run(lambda tables: job_table.claim(tables, kinds, term))
        if claimed is None:
            await self._tidy()
            self._watch.looked_in_vain(changes=changes, at=now)
        return claimed

    async def extend(self, claim: ClaimedJob, *, lease: timedelta) -> None:
        """Keeps the work for longer, counted from now."""
        now = self._clock.now()
        await self._database.run(
            lambda tables: job_table.extend(tables, held(tables, claim, now=now), end=now + lease),
        )

    async def remember(self, claim: ClaimedJob, step: str, result: bytes) -> None:
        """Notes what a step gave, durably."""
        now = self._clock.now()
        await self._database.run_durably(
            lambda tables: job_table.remember(tables, held(tables, claim, now=now), step, result)
        )

    async def recall(self, claim: ClaimedJob) -> dict[str, bytes]:
        """What steps have given so far, in this attempt and earlier ones."""
        now = self._clock.now()
        return await self._database.run(lambda tables: job_table.recall(tables, held(tables, claim, now=now)))

    async def complete(self, claim: ClaimedJob) -> None:
        """The work is done. Only that it was taken once is kept."""
        now = self._clock.now()
        await self._database.run_durably(lambda tables: job_table.complete(tables, held(tables, claim, now=now)))
        self._has_leftovers = True

    async def fail(self, claim: ClaimedJob, *, reason: str, retry_at: datetime | None) -> None:
        """The work failed: again at a time, or never (a dead letter)."""
        now = self._clock.now()
        if retry_at is None:
            await self._database.run_durably(
                lambda tables: job_table.bury(tables, held(tables, claim, now=now), reason, now=now)
            )
            return
        await self._database.run_durably(
            lambda tables: job_table.retry(tables, held(tables, claim, now=now), reason, due=retry_at)
        )
        self._watch.change()

    async def dead_letters(self, user: UserId | None = None) -> tuple[DeadLetter, ...]:
        """Work that was given up, newest first."""
        return await self._database.run(lambda tables: job_table.dead_letters(tables, user))

    async def revive(self, job_id: JobId) -> bool:
        """Takes a dead letter up again, its steps remembered, its attempts counted anew. False when there is none."""
        now = self._clock.now()
        revived = await self._database.run_durably(lambda tables: job_table.revive(tables, job_id, now=now))
        self._watch.change()
        return revived

    async def forget(self, job_id: JobId) -> None:
        """Removes all trace of a job, from the disk too, so that the same id may be taken again."""
        await self._database.erase(lambda tables: job_table.forget(tables, job_id))

    async def ids_of(self, user: UserId) -> tuple[JobId, ...]:
        """Work of a user, and whatever id names the user; sorted."""
        return await self._database.run(lambda tables: job_table.ids_of(tables, user))

    async def pile(self) -> Pile:
        """How much there is to do now."""
        now = self._clock.now()
        return await self._database.run(lambda tables: job_table.pile(tables, now=now))

    async def wait(self, *, at_most: timedelta) -> None:
        """Returns when work may be due, or when the time is over. Work from another process is not noticed earlier."""
        await self._watch.wait(self._next_due, at_most=at_most)

    async def diagnose(self) -> Diagnosis:
        """Whether the file is whole and can be written."""
        return await diagnosed(self._folder, databases=FILE)

    async def _tidy(self) -> None:
        """Now that there is nothing to do: what finished work was about goes from the disk, too."""
        if self._has_leftovers:
            self._has_leftovers = False
            with suppress(TemporarilyUnavailable):  # it is read by another process; the next work brings us here again
                await self._database.empty_log()

    async def _next_due(self, after: datetime) -> datetime | None:
        return await self._database.run(lambda tables: job_table.next_due(tables, after))
