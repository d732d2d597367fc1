"""Work that must get done, whatever crashes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct

from domain.ids import JobId, UserId


class Job(Struct, frozen=True, kw_only=True):
    """A piece of work."""

    id: JobId
    """Says what is to be done: the same id is the same work, and is taken once."""
    kind: str
    """Which handler does it."""
    user: UserId
    payload: bytes = b"{}"
    """JSON for the handler."""


class ClaimedJob(Struct, frozen=True, kw_only=True):
    """A piece of work that this process has now."""

    job: Job
    attempt: int
    """Counts from 1."""
    lease: str
    """Proof of having it. A claim whose lease ran out is worth nothing: every write with it is refused."""


class DeadLetter(Struct, frozen=True, kw_only=True):
    """A piece of work that was given up."""

    job: Job
    attempts: int
    reason: str
    died_at: datetime


class Pile(Struct, frozen=True, kw_only=True):
    """How much work there is, whoever does it."""

    ready: int
    """Due, and nobody has it. Work whose lease ran out is among it: whoever had it is gone."""
    oldest: float
    """Seconds for which the oldest of those has been due; 0 when there is none."""
    open: int
    """Ready, under way, or for later."""
    dead: int
    """Given up."""


class JobQueue(Protocol):
    """Durable work with memoized steps and leases. At least once; steps make it look like once.

    All methods raise TemporarilyUnavailable. Those that take a claim raise Conflict when it is not ours any more.
    """

    async def enqueue(self, job: Job, *, not_before: datetime | None = None) -> bool:
        """Takes work, durably. False when the same id was taken before, whatever became of it."""
        ...

    async def claim(self, kinds: Sequence[str], *, lease: timedelta) -> ClaimedJob | None:
        """The oldest work that is due, for a time; None when there is none. Of many callers one gets it."""
        ...

    async def extend(self, claim: ClaimedJob, *, lease: timedelta) -> None:
        """Keeps the work for longer, counted from now."""
        ...

    async def remember(self, claim: ClaimedJob, step: str, result: bytes) -> None:
        """Notes what a step gave, so that it is not done again."""
        ...

    async def recall(self, claim: ClaimedJob) -> dict[str, bytes]:
        """What steps have given so far, in this attempt and earlier ones."""
        ...

    async def complete(self, claim: ClaimedJob) -> None:
        """The work is done."""
        ...

    async def fail(self, claim: ClaimedJob, *, reason: str, retry_at: datetime | None) -> None:
        """The work failed: again at a time, or never (a dead letter)."""
        ...

    async def dead_letters(self, user: UserId | None = None) -> tuple[DeadLetter, ...]:
        """Work that was given up, newest first."""
        ...

    async def revive(self, job_id: JobId) -> bool:
        """Takes a dead letter up again, its steps remembered. False when there is none."""
        ...

    async def forget(self, job_id: JobId) -> None:
        """Removes all trace of a job, so that the same id may be taken again."""
        ...

    async def ids_of(self, user: UserId) -> tuple[JobId, ...]:
        """Work of a user that is open or was given up, and whatever id names the user, as `<kind>:<user>:...`; sorted.

        Looks at everything there is: for erasing, not for every day.
        """
        ...

    async def pile(self) -> Pile:
        """How much there is to do now. Looks at no job by itself: may be asked every few seconds."""
        ...

    async def wait(self, *, at_most: timedelta) -> None:
        """Returns when work may be due, or when the time is over."""
        ...
