"""Does the work of the job queue: several pieces at once, each failing for itself."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import timedelta
from typing import TypeVar

import anyio
import msgspec

from application.jobs.job_failure import JobFailure, LeaseLost, Outcome, Reason, is_final, reason_of
from application.jobs.job_lease import LEASE, JobLease, caught
from domain.ids import JobId, UserId
from ports.clock import Clock
from ports.errors import AdapterError, Conflict
from ports.job_queue import ClaimedJob, Job, JobQueue

T = TypeVar("T")

RETRY_AFTER = tuple(timedelta(seconds=seconds) for seconds in (5, 60, 600, 3_600, 21_600))
"""Pauses after the first, second, ... failure. Work that fails once more is given up."""
MOST_ATTEMPTS = len(RETRY_AFTER) + 1
MOST_PATIENT_ATTEMPTS = MOST_ATTEMPTS + 120
"""Of work that must not be given up while something outside is out of order: with the longest pause, a month."""
HANDING_BACK = 2.0
"""Seconds that a worker which is stopped takes to give its work back."""
STOPPED = "stopped: the worker was"
AT_ONCE = 4
LOOK_EVERY = timedelta(seconds=5)
"""So late at most is work noticed that another process took."""
TROUBLE_PAUSE = 1.0
"""Seconds between two looks while the queue itself is out of reach."""


class JobRun:
    """One attempt at a job, in the hands of its handler."""

    def __init__(self, claim: ClaimedJob, *, queue: JobQueue, steps: dict[str, bytes]) -> None:
        self.job = claim.job
        self.attempt = claim.attempt
        """Counts from 1."""
        self.watch: Callable[[str], AbstractContextManager[object]] = nullcontext
        """Put around each step, by its name."""
        self._claim = claim
        self._queue = queue
        self._steps = steps

    async def step(self, name: str, function: Callable[[], Awaitable[T]], *, returns: type[T]) -> T:
        """What a function gives. Once it gave something, this attempt and later ones get that and call it no more.

        The result is kept as JSON; what is returned is what that says. A function with effects outside must bear
        being called twice all the same: a crash may come between its end and the note.

        Raises:
            TemporarilyUnavailable: the result could not be kept.
            LeaseLost: somebody else does this job now.
        """
        if name in self._steps:
            return msgspec.json.decode(self._steps[name], type=returns)
        with self.watch(name):
            result = msgspec.json.encode(await function())
        value = msgspec.json.decode(result, type=returns)  # before it is kept: what cannot be read must not stay
        try:
            await self._queue.remember(self._claim, name, result)
        except Conflict as error:
            raise LeaseLost(str(error)) from error
        self._steps[name] = result
        return value


Handler = Callable[[JobRun], Awaitable[None]]
"""Does jobs of a kind. It may be called again for one that it did already: a crash may come before the note of it.

What is Rejected and any BusinessError is given up at once, every other error tried again.
"""


async def _tell_nobody(_job: Job, _reason: str) -> None:
    return


class RunJobs:
    """A worker. A job that fails, hangs or crashes takes one of its places and delays nobody else."""

    def __init__(
        self,
        *,
        queue: JobQueue,
        clock: Clock,
        handlers: Mapping[str, Handler],
        report: Callable[[JobFailure], None],
        on_dead: Callable[[Job, str], Awaitable[None]] = _tell_nobody,
        patient: Collection[str] = (),
    ) -> None:
        """Keeps what it works with.

        Args:
            queue: where work comes from.
            clock: leases and pauses go by it.
            handlers: what does which kind of job. Other kinds are left to other workers.
            report: told of each attempt that failed.
            on_dead: told of each job that is given up, and why. A crash may swallow the call; the dead letter stays.
            patient: kinds of work that outlast whatever is out of order outside, for a month.
        """
        self._queue = queue
        self._clock = clock
        self._handlers = dict(handlers)
        self._report = report
        self._on_dead = on_dead
        self._patient = frozenset(patient)

    async def run(self) -> None:
        """Works until cancelled. What is unfinished then is given back; after a crash, its lease has to run out."""
        places = anyio.Semaphore(AT_ONCE)
        async with anyio.create_task_group() as tasks:
            while True:
                await places.acquire()
                tasks.start_soon(self._work, await self._next(), places)

    async def _next(self) -> ClaimedJob:
        kinds, trouble = tuple(self._handlers), ""
        while True:
            try:
                claim = await self._queue.claim(kinds, lease=LEASE)
                if claim is not None:
                    return claim
                await self._queue.wait(at_most=LOOK_EVERY)
                trouble = ""
            except AdapterError as error:
                if str(error) != trouble:  # once, not every second
                    trouble = str(error)
                    self._report(_queue_failure(trouble))
                await self._clock.sleep(TROUBLE_PAUSE)

    async def _work(self, claim: ClaimedJob, places: anyio.Semaphore) -> None:
        try:
            await self._attempt(claim)
        except (LeaseLost, Conflict) as error:
            self._tell(claim, str(error), outcome=Outcome.LEASE_LOST)
        except AdapterError as error:
            self._tell(claim, str(error), outcome=Outcome.QUEUE_UNAVAILABLE)
        except anyio.get_cancelled_exc_class():
            await self._hand_back(claim)
            raise
        finally:
            places.release()

    async def _hand_back(self, claim: ClaimedJob) -> None:
        """The next process need not wait until the lease has run out."""
        with anyio.move_on_after(HANDING_BACK, shield=True), suppress(AdapterError):
            await self._queue.fail(claim, reason=STOPPED, retry_at=self._clock.now())

    async def _attempt(self, claim: ClaimedJob) -> None:
        most = MOST_PATIENT_ATTEMPTS if claim.job.kind in self._patient else MOST_ATTEMPTS
        if claim.attempt > most:
            await self._give_up(claim, f"{Reason.CRASHED}: no attempt came to an end")
            return
        run = JobRun(claim, queue=self._queue, steps=await self._queue.recall(claim))
        lease = JobLease(claim, queue=self._queue, clock=self._clock)
        error = await lease.during(lambda: self._handlers[claim.job.kind](run))
        if error is None:
            await self._queue.complete(claim)
        elif isinstance(error, LeaseLost):
            raise error
        else:
            await self._failed(claim, error)

    async def _failed(self, claim: ClaimedJob, error: Exception) -> None:
        reason = reason_of(error)
        is_patient = claim.job.kind in self._patient and isinstance(error, AdapterError)
        if is_final(error) or claim.attempt >= (MOST_PATIENT_ATTEMPTS if is_patient else MOST_ATTEMPTS):
            await self._give_up(claim, reason)
            return
        retry_at = self._clock.now() + RETRY_AFTER[min(claim.attempt, len(RETRY_AFTER)) - 1]
        await self._queue.fail(claim, reason=reason, retry_at=retry_at)
        self._tell(claim, reason, outcome=Outcome.RETRY)

    async def _give_up(self, claim: ClaimedJob, reason: str) -> None:
        await self._queue.fail(claim, reason=reason, retry_at=None)
        self._tell(claim, reason, outcome=Outcome.DEAD)
        error = await caught(lambda: self._on_dead(claim.job, reason))
        if error is not None:
            self._tell(claim, reason_of(error), outcome=Outcome.NOTICE_FAILED)

    def _tell(self, claim: ClaimedJob, reason: str, *, outcome: Outcome) -> None:
        job = claim.job
        self._report(
            JobFailure(
                outcome=outcome, reason=reason, job_id=job.id, job_kind=job.kind, user=job.user, attempt=claim.attempt
            )
        )


def _queue_failure(reason: str) -> JobFailure:
    return JobFailure(
        outcome=Outcome.QUEUE_UNAVAILABLE, reason=reason, job_id=JobId(""), job_kind="", user=UserId(""), attempt=0
    )
