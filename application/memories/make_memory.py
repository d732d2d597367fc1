"""What was transcribed, written or photographed elsewhere becomes a memory while whoever brought it waits."""

from datetime import timedelta
from enum import Enum
from typing import Protocol

import msgspec
from msgspec import Struct

from application.jobs.run_jobs import JobRun
from application.memories.create_memory import CreateMemory
from application.memories.understand_memory import Understood
from domain.chat import Message
from domain.ids import JobId, MemoryId, UserId
from domain.memory import FactDraft, Memory
from ports.clock import Clock
from ports.errors import NotFound
from ports.job_queue import Job, JobQueue
from ports.memory_repository import MemoryRepository

FOLLOW_UP = "follow_up"
"""Kind of the job that does what follows from a memory where whoever made it was cut off."""
CUT_OFF = timedelta(minutes=1)
"""After which nobody is at it any more."""


class Telling(Enum):
    """When plugins are told of a memory."""

    NEVER = "never"
    LATER = "later"
    NOW = "now"
    """What they say is waited for."""


class ToldPlugins(Protocol):
    """Who tells plugins; `RunPlugins` does it."""

    async def memory_created(self, user: UserId, memory: Memory) -> None:
        """Has plugins told of a memory; once for each memory. Raises TemporarilyUnavailable."""
        ...

    async def messages(self, user: UserId, memory: Memory) -> tuple[Message, ...]:
        """The same, and waits a while for what they say."""
        ...


class MadeMemory(Struct, frozen=True):
    """A memory that was kept."""

    memory: Memory
    messages: tuple[Message, ...] = ()
    """What plugins say to it."""


class FollowUp(Struct, frozen=True):
    """What a `follow_up` job is told. Not the memory: it may have changed meanwhile."""

    memory: MemoryId
    facts: tuple[FactDraft, ...]
    telling: Telling


class MakeMemory:
    """Makes memories at once. What follows from one is written down first, so that a crash leaves none of it undone."""

    def __init__(
        self,
        *,
        create_memory: CreateMemory,
        memories: MemoryRepository,
        jobs: JobQueue,
        plugins: ToldPlugins,
        clock: Clock,
    ) -> None:
        self._create_memory = create_memory
        self._memories = memories
        self._jobs = jobs
        self._plugins = plugins
        self._clock = clock

    async def make(self, user: UserId, draft: Memory, *, telling: Telling = Telling.LATER) -> MadeMemory:
        """Understands a draft, keeps it, and does what follows from it.

        Raises:
            TemporarilyUnavailable: not kept; try again.
        """
        understood = await self._create_memory.understood(user, draft)
        memory = understood.memory
        payload = msgspec.json.encode(FollowUp(memory.id, understood.facts, telling))
        job = Job(id=JobId(f"{FOLLOW_UP}:{memory.id}"), kind=FOLLOW_UP, user=user, payload=payload)
        await self._jobs.enqueue(job, not_before=self._clock.now() + CUT_OFF)
        await self._memories.save(user, memory)
        messages = await self._follow(user, understood, telling)
        await self._jobs.forget(job.id)
        return MadeMemory(memory, messages)

    async def follow_up(self, run: JobRun) -> None:
        """Does a `follow_up` job; what was done before is done again, which is harmless."""
        left = msgspec.json.decode(run.job.payload, type=FollowUp)
        try:
            memory = await self._memories.get(run.job.user, left.memory)
        except NotFound:  # never kept, or deleted since
            return
        telling = Telling.LATER if left.telling is Telling.NOW else left.telling
        await self._follow(run.job.user, Understood(memory=memory, facts=left.facts), telling)

    async def _follow(self, user: UserId, understood: Understood, telling: Telling) -> tuple[Message, ...]:
        await self._create_memory.settle(user, understood)
        if telling is Telling.NOW:
            return await self._plugins.messages(user, understood.memory)
        if telling is Telling.LATER:
            await self._plugins.memory_created(user, understood.memory)
        return ()
