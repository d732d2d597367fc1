"""Recordings that are lent for one purpose: kept at no public address, and no longer than they are needed."""

from datetime import timedelta

import msgspec
from msgspec import Struct

from application.jobs.run_jobs import JobRun
from domain.ids import JobId, MemoryId, UserId, new_id
from ports.clock import Clock
from ports.errors import NotFound
from ports.job_queue import Job, JobQueue
from ports.object_store import ObjectStore

FORGET_LENT = "forget_lent_recording"
"""Kind of the job that removes one."""
AT_THE_LATEST = timedelta(days=1)
"""After it came, whatever became of its purpose."""


class Lent(Struct, frozen=True):
    """What a `forget_lent_recording` job is told."""

    key: str


class LentRecordings:
    """Keeps recordings for a while."""

    def __init__(self, *, objects: ObjectStore, jobs: JobQueue, clock: Clock) -> None:
        self._objects = objects
        self._jobs = jobs
        self._clock = clock

    async def keep(self, user: UserId, memory: MemoryId, content: bytes) -> str:
        """Keeps a file; gives its key. That it goes again is certain before it is there.

        Raises:
            TemporarilyUnavailable: not kept.
        """
        key = f"{_folder(memory)}{new_id()}"
        await self.forget_in(user, key, AT_THE_LATEST)
        await self._objects.put(user, key, content)
        return key

    async def read(self, user: UserId, key: str) -> bytes | None:
        """The file; None when it is gone. Raises TemporarilyUnavailable."""
        try:
            return await self._objects.get(user, key)
        except NotFound:
            return None

    async def forget_in(self, user: UserId, key: str, wait: timedelta) -> None:
        """Has a file removed after a while, whatever crashes. Raises TemporarilyUnavailable."""
        name = JobId(f"{FORGET_LENT}:{key}:{wait.total_seconds():.0f}")
        job = Job(id=name, kind=FORGET_LENT, user=user, payload=msgspec.json.encode(Lent(key)))
        await self._jobs.enqueue(job, not_before=self._clock.now() + wait)

    async def forget(self, run: JobRun) -> None:
        """Does a `forget_lent_recording` job."""
        await self._objects.delete(run.job.user, msgspec.json.decode(run.job.payload, type=Lent).key)

    async def forget_all(self, user: UserId, memory: MemoryId) -> None:
        """Removes all that was lent for a memory. Raises TemporarilyUnavailable."""
        for key in await self._objects.list(user, _folder(memory)):
            await self._objects.delete(user, key)


def _folder(memory: MemoryId) -> str:
    return f"lent/{memory}/"
