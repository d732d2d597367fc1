"""Keeping a job while it is being done."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import anyio

from application.jobs.job_failure import LeaseLost, TookTooLong, single
from ports.clock import Clock
from ports.errors import AdapterError, Conflict
from ports.job_queue import ClaimedJob, JobQueue

LEASE = timedelta(seconds=60)
"""So long after a crash a job is free again."""
EXTEND_EVERY = LEASE / 3
"""Two extensions may fail before the lease is lost."""
LONGEST_RUN = timedelta(minutes=30)
"""An attempt that takes longer is stuck: it is cut off, so that its place is free."""


class JobLease:
    """The lease of one job, kept up for as long as the work on it takes."""

    def __init__(self, claim: ClaimedJob, *, queue: JobQueue, clock: Clock) -> None:
        self._claim = claim
        self._queue = queue
        self._clock = clock

    async def during(self, work: Callable[[], Awaitable[None]]) -> Exception | None:
        """Does work. What it raised, LeaseLost or TookTooLong when it was cut off, or None."""
        outcome: list[Exception | None] = []
        async with anyio.create_task_group() as tasks:

            async def keep() -> None:
                end = await self._keep()
                outcome.append(end)
                tasks.cancel_scope.cancel()

            tasks.start_soon(keep)
            error = await caught(work)
            outcome.append(error)
            tasks.cancel_scope.cancel()
        return outcome[0]

    async def _keep(self) -> Exception:
        """Extends the lease until that is no use any more, and tells why."""
        start = self._clock.monotonic()
        while self._clock.monotonic() - start < LONGEST_RUN.total_seconds():
            await self._clock.sleep(EXTEND_EVERY.total_seconds())
            try:
                await self._queue.extend(self._claim, lease=LEASE)
            except Conflict:
                return LeaseLost("somebody else does this job now")
            except AdapterError:
                continue
        return TookTooLong(f"after {LONGEST_RUN}")


async def caught(work: Callable[[], Awaitable[None]]) -> Exception | None:
    """Does work. What it raised, or None."""
    try:
        await work()
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one job must not end the worker of all others
        return single(error)
    return None
