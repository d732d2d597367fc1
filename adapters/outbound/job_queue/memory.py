"""Work that ends with the process."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum, auto

import anyio.lowlevel

from adapters.outbound.job_queue.named_users import names
from adapters.outbound.job_queue.watch import Watch
from domain.ids import JobId, UserId, new_id
from ports.clock import Clock
from ports.errors import Conflict
from ports.job_queue import ClaimedJob, DeadLetter, Job, Pile


class InMemoryJobQueue:
    """Keeps work in a dictionary. For tests, and where nothing has to survive."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._entries: dict[JobId, _Entry] = {}
        self._watch = Watch(clock=clock)

    async def enqueue(self, job: Job, *, not_before: datetime | None = None) -> bool:
        """Takes work. False when the same id was taken before."""
        await anyio.lowlevel.checkpoint()
        if job.id in self._entries:
            return False
        self._entries[job.id] = _Entry(job, due=not_before or self._clock.now())
        self._watch.change()
        return True

    async def claim(self, kinds: Sequence[str], *, lease: timedelta) -> ClaimedJob | None:
        """The oldest work that is due, for a time; None when there is none."""
        await anyio.lowlevel.checkpoint()
        now = self._clock.now()
        due = [entry for entry in self._open() if entry.job.kind in kinds and entry.due <= now]
        if not due:
            self._watch.looked_in_vain(changes=self._watch.changes, at=now)
            return None
        oldest = min(due, key=lambda entry: entry.due)
        oldest.attempts += 1
        oldest.lease, oldest.due = new_id(), now + lease
        return ClaimedJob(job=oldest.job, attempt=oldest.attempts, lease=oldest.lease)

    async def extend(self, claim: ClaimedJob, *, lease: timedelta) -> None:
        """Keeps the work for longer, counted from now."""
        (await self._held(claim)).due = self._clock.now() + lease

    async def remember(self, claim: ClaimedJob, step: str, result: bytes) -> None:
        """Notes what a step gave."""
        (await self._held(claim)).steps[step] = result

    async def recall(self, claim: ClaimedJob) -> dict[str, bytes]:
        """What steps have given so far."""
        return dict((await self._held(claim)).steps)

    async def complete(self, claim: ClaimedJob) -> None:
        """The work is done. Only that it was taken once is kept."""
        entry = await self._held(claim)
        entry.state, entry.lease = _State.DONE, ""
        entry.job = Job(id=entry.job.id, kind=entry.job.kind, user=UserId(""), payload=b"")
        entry.steps.clear()

    async def fail(self, claim: ClaimedJob, *, reason: str, retry_at: datetime | None) -> None:
        """The work failed: again at a time, or never."""
        entry = await self._held(claim)
        entry.reason, entry.lease = reason, ""
        if retry_at is None:
            entry.state, entry.died_at = _State.DEAD, self._clock.now()
        else:
            entry.due = retry_at
            self._watch.change()

    async def dead_letters(self, user: UserId | None = None) -> tuple[DeadLetter, ...]:
        """Work that was given up, newest first."""
        await anyio.lowlevel.checkpoint()
        dead = [entry for entry in reversed(self._entries.values()) if entry.state is _State.DEAD]
        dead.sort(key=lambda entry: entry.died_at, reverse=True)
        return tuple(entry.letter() for entry in dead if user is None or entry.job.user == user)

    async def revive(self, job_id: JobId) -> bool:
        """Takes a dead letter up again, its steps remembered, its attempts counted anew."""
        await anyio.lowlevel.checkpoint()
        entry = self._entries.get(job_id)
        if entry is None or entry.state is not _State.DEAD:
            return False
        entry.state, entry.attempts, entry.due = _State.OPEN, 0, self._clock.now()
        self._watch.change()
        return True

    async def forget(self, job_id: JobId) -> None:
        """Removes all trace of a job."""
        await anyio.lowlevel.checkpoint()
        self._entries.pop(job_id, None)

    async def ids_of(self, user: UserId) -> tuple[JobId, ...]:
        """Work of a user, and whatever id names the user; sorted."""
        await anyio.lowlevel.checkpoint()
        theirs = (entry.job.id for entry in self._entries.values() if _is_of(entry, user) or names(entry.job.id, user))
        return tuple(sorted(theirs))

    async def pile(self) -> Pile:
        """How much there is to do now."""
        await anyio.lowlevel.checkpoint()
        now, entries = self._clock.now(), self._open()
        waits = [(now - entry.due).total_seconds() for entry in entries if entry.due <= now]
        dead = sum(entry.state is _State.DEAD for entry in self._entries.values())
        return Pile(ready=len(waits), oldest=max(waits, default=0.0), open=len(entries), dead=dead)

    async def wait(self, *, at_most: timedelta) -> None:
        """Returns when work may be due, or when the time is over."""
        await self._watch.wait(self._next_due, at_most=at_most)

    async def _next_due(self, after: datetime) -> datetime | None:
        return min((entry.due for entry in self._open() if entry.due > after), default=None)

    def _open(self) -> "list[_Entry]":
        return [entry for entry in self._entries.values() if entry.state is _State.OPEN]

    async def _held(self, claim: ClaimedJob) -> "_Entry":
        await anyio.lowlevel.checkpoint()
        entry = self._entries.get(claim.job.id)
        if entry is None or entry.lease != claim.lease or entry.due <= self._clock.now():
            raise Conflict("this work is somebody else's by now, or done")
        return entry


class _State(Enum):
    OPEN = auto()
    DONE = auto()
    DEAD = auto()


class _Entry:
    """A job and what became of it."""

    def __init__(self, job: Job, *, due: datetime) -> None:
        self.job = job
        self.state = _State.OPEN
        self.due = due
        """From when on it may be claimed: for claimed work, the end of its lease."""
        self.attempts = 0
        self.lease = ""
        self.steps: dict[str, bytes] = {}
        self.reason = ""
        self.died_at = due

    def letter(self) -> DeadLetter:
        return DeadLetter(job=self.job, attempts=self.attempts, reason=self.reason, died_at=self.died_at)


def _is_of(entry: _Entry, user: UserId) -> bool:
    return entry.job.user == user and entry.state is not _State.DONE
