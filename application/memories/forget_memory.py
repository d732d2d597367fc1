"""What a memory left anywhere goes with it, however often it takes."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import msgspec
from msgspec import Struct

from application.jobs.run_jobs import JobRun
from application.memories.deliver_memories import DeliverMemories
from application.plugins.developer_webhooks import own_plugin
from domain.ids import ConversationId, JobId, MemoryId, UserId, new_id
from domain.plugin import Plugin, Trigger
from ports.capture_journal import CaptureJournal
from ports.clock import Clock
from ports.errors import TemporarilyUnavailable
from ports.job_queue import Job, JobQueue
from ports.plugin_catalog import PluginCatalog

FORGET_MEMORY = "forget_memory"
"""Kind of the job that removes the traces of a memory."""

Forget = Callable[[UserId, MemoryId], Awaitable[None]]
"""Removes what one store has of a memory; harmless when there is nothing."""


class Forgotten(Struct, frozen=True):
    """What a `forget_memory` job is told."""

    memory: MemoryId


AFTER_ALL = timedelta(minutes=31)
"""By then, whoever made something of a memory when it was deleted is done, or was cut off."""


def forgetting(user: UserId, memory: MemoryId) -> Job:
    """The job that removes the traces of a memory.

    Each one is new work: something may have been left by what ran beside an earlier one. Its id stays when it is done,
    and says nothing.
    """
    payload = msgspec.json.encode(Forgotten(memory))
    return Job(id=JobId(f"{FORGET_MEMORY}:{new_id()}"), kind=FORGET_MEMORY, user=user, payload=payload)


class ForgetMemory:
    """Removes transcript, photos, recordings, voices, vectors, search rows, facts, results of plugins."""

    def __init__(
        self, *, jobs: JobQueue, clock: Clock, stores: Mapping[str, Forget], derived: tuple[str, ...] = ()
    ) -> None:
        """Keeps what it works with.

        Args:
            jobs: where the work waits.
            clock: tells the time.
            stores: what each store does, by a name for the log. All are asked; one that fails is asked again.
            derived: kinds of jobs whose notes hold what was said; their ids end with the memory's.
        """
        self._jobs = jobs
        self._clock = clock
        self._stores = dict(stores)
        self._derived = derived

    async def request(self, user: UserId, memory: MemoryId) -> None:
        """Has all traces removed, whatever crashes from here on. Raises TemporarilyUnavailable."""
        await self._jobs.enqueue(forgetting(user, memory))

    async def request_again(self, user: UserId, memory: MemoryId) -> None:
        """The same, when nobody works with it any more: what is made of it just now may leave something behind."""
        await self._jobs.enqueue(forgetting(user, memory), not_before=self._clock.now() + AFTER_ALL)

    async def forget(self, run: JobRun) -> None:
        """Does a `forget_memory` job."""
        memory = msgspec.json.decode(run.job.payload, type=Forgotten).memory
        await self.now(run.job.user, memory)

    async def now(self, user: UserId, memory: MemoryId) -> None:
        """Asks every store. The first failure is raised when all were asked."""
        failures: list[Exception] = []
        for forget in self._stores.values():
            try:
                await forget(user, memory)
            except TemporarilyUnavailable as error:
                failures.append(error)
        for kind in self._derived:
            await self._jobs.forget(JobId(f"{kind}:{memory}"))
        if failures:
            raise failures[0]


class ForgetJournal:
    """The journal of a conversation, which a crash may have left: it would bring the memory back."""

    def __init__(self, journal: CaptureJournal) -> None:
        self._journal = journal

    async def __call__(self, _user: UserId, memory: MemoryId) -> None:
        """Removes it."""
        await self._journal.remove(ConversationId(memory))


class ForgetDeliveries:
    """What waits to be told to plugins, and what could not be."""

    def __init__(self, *, deliveries: DeliverMemories, catalog: PluginCatalog) -> None:
        self._deliveries = deliveries
        self._catalog = catalog

    async def __call__(self, user: UserId, memory: MemoryId) -> None:
        """Removes it."""
        own = Plugin(id=own_plugin(user, Trigger.MEMORY_CREATION.value), name="")
        await self._deliveries.forget(user, memory, (*await self._catalog.plugins(), own))
