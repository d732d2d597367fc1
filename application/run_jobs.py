"""Does the work of the job queue: several pieces at once, each failing for itself."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Never, TypedDict, TypeVar

import anyio
import msgspec

from domain.errors import BusinessError
from domain.ids import JobId, UserId
from ports.clock import Clock
from ports.errors import AdapterError, Conflict, Rejected, TemporarilyUnavailable
from ports.job_queue import ClaimedJob, Job, JobQueue

T = TypeVar("T")

RETRY_AFTER = tuple(map(timedelta, (0,) * 5, (5, 60, 600, 3_600, 21_600)))
"""How long to wait after the first, second, ... failure. After as many failures and one more, work is given up."""
LEASE = timedelta(seconds=60)
LONGEST_RUN = timedelta(minutes=30)
"""An attempt that takes longer is stuck. It is cut off and counts as failed."""
AT_ONCE = 4
LOOK_EVERY = timedelta(seconds=5)
"""Work that another process takes is noticed so late."""
TROUBLE_PAUSE = 1.0
"""Seconds between two tries while the queue itself cannot be reached."""


class Reason(StrEnum):
    """Why an attempt failed. Reasons begin with one of these and a colon."""

    REFUSED = "refused"
    """What was asked for cannot be done: another attempt would change nothing."""
    UNAVAILABLE = "unavailable"
    """Something outside did not answer."""
    TOO_SLOW = "too_slow"
    CRASHED = "crashed"
    """The handler raised what it should not, or took the process with it."""


class JobFailure(TypedDict):
    """An attempt that failed, for the log."""

    job_id: JobId
    job_kind: str
    user: UserId
    attempt: int
    reason: str
    """Holds no content: of an unexpected error only its type."""
    outcome: str
    """`retry`, `dead`, `lease_lost`, `notice_failed` or `queue_unavailable`."""


class JobRun:
    """One attempt at a job, in the hands of its handler."""

    def __init__(self, claim: ClaimedJob, *, queue: JobQueue, steps: dict[str, bytes]) -> None:
        self.job = claim.job
        self.attempt = claim.attempt
        self._claim = claim
        self._queue = queue
        self._steps = steps

    async def step(self, name: str, function: Callable[[], Awaitable[T]], *, returns: type[T]) -> T:
        """What a function gives; once it has given something, this and later attempts get that and do not call it.

        The result is kept as JSON, so what is returned is what can be read back from it. A function whose effect
        reaches the outside must still bear being called twice: a crash may come between its end and the note.
        """
        if name not in self._steps:
            result = msgspec.json.encode(await function())
            try:
                await self._queue.remember(self._claim, name, result)
            except Conflict as error:
                raise LeaseLost(name) from error
            self._steps[name] = result
        return msgspec.json.decode(self._steps[name], type=returns)


class LeaseLost(Exception):
    """Somebody else does this job now. Handlers let it through."""


Handler = Callable[[JobRun], Awaitable[None]]
"""Does a kind of job. TemporarilyUnavailable and unexpected errors are tried again; what is Rejected or a
BusinessError is given up at once."""


async def _no_notice(_job: Job, _reason: str) -> None:
    """For who does not want to know."""


class RunJobs:
    """A worker. A job that fails, hangs or cannot be read takes one of several places and delays nobody else."""

    def __init__(
        self,
        *,
        queue: JobQueue,
        clock: Clock,
        handlers: Mapping[str, Handler],
        report: Callable[[JobFailure], None],
        on_dead: Callable[[Job, str], Awaitable[None]] = _no_notice,
    ) -> None:
        """Keeps what it works with.

        Args:
            queue: where the work comes from.
            clock: leases, pauses and the longest run are counted on it.
            handlers: what does which kind of job. Other kinds are left to other workers.
            report: told of each failed attempt.
            on_dead: called when a job was given up, with the reason. A crash may swallow the call; the dead letter stays.
        """
        self._queue = queue
        self._clock = clock
        self._handlers = dict(handlers)
        self._report = report
        self._on_dead = on_dead

    async def run(self) -> Never:
        """Works until cancelled. What is unfinished then is taken up by the next worker when its lease has run out."""
        places = anyio.Semaphore(AT_ONCE)
        async with anyio.create_task_group() as tasks:
            while True:
                await places.acquire()
                tasks.start_soon(self._work, await self._next(), places)

    async def _next(self) -> ClaimedJob:
        while True:
            try:
                claim = await self._queue.claim(tuple(self._handlers), lease=LEASE)
                if claim is not None:
                    return claim
                await self._queue.wait(at_most=LOOK_EVERY)
            except AdapterError:
                await self._clock.sleep(TROUBLE_PAUSE)

    async def _work(self, claim: ClaimedJob, places: anyio.Semaphore) -> None:
        try:
            await self._attempt(claim)
        except (LeaseLost, Conflict) as error:
            self._tell(claim, str(error), outcome="lease_lost")
        except AdapterError as error:
            self._tell(claim, str(error), outcome="queue_unavailable")
        finally:
            places.release()

    async def _attempt(self, claim: ClaimedJob) -> None:
        if claim.attempt > len(RETRY_AFTER) + 1:
            await self._bury(claim, f"{Reason.CRASHED}: no attempt came to an end")
            return
        run = JobRun(claim, queue=self._queue, steps=await self._queue.recall(claim))
        error = await self._outcome(claim, lambda: self._handlers[claim.job.kind](run))
        if error is None:
            await self._queue.complete(claim)
            return
        reason, is_final = _judged(error)
        if is_final or claim.attempt > len(RETRY_AFTER):
            await self._bury(claim, reason)
        else:
            retry_at = self._clock.now() + RETRY_AFTER[claim.attempt - 1]
            await self._queue.fail(claim, reason=reason, retry_at=retry_at)
            self._tell(claim, reason, outcome="retry")

    async def _outcome(self, claim: ClaimedJob, handle: Callable[[], Awaitable[None]]) -> Exception | None:
        """Runs a handler while keeping its lease. What it raised, or None.

        Raises:
            LeaseLost: somebody else does the job now.
        """
        async with anyio.create_task_group() as tasks:
            keeper = _LeaseKeeper(claim, queue=self._queue, clock=self._clock, scope=tasks.cancel_scope)
            tasks.start_soon(keeper.run)
            error = await _caught(handle)
            keeper.is_over = True
            tasks.cancel_scope.cancel()
        if isinstance(error, LeaseLost):
            raise error
        return keeper.verdict(error)

    async def _bury(self, claim: ClaimedJob, reason: str) -> None:
        await self._queue.fail(claim, reason=reason, retry_at=None)
        self._tell(claim, reason, outcome="dead")
        error = await _caught(lambda: self._on_dead(claim.job, reason))
        if error is not None:
            self._tell(claim, type(error).__name__, outcome="notice_failed")
