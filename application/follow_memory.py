"""What follows from a memory, once it is kept: facts are remembered, and a better model has another look."""

from datetime import timedelta

import msgspec
from msgspec import Struct

from application.create_memory import CreateMemory
from application.hear_conversation import IDENTIFY_SPEAKERS
from application.remember_facts import RememberFacts
from application.run_jobs import JobRun
from application.understand_memory import Understood
from domain.ids import JobId, MemoryId, UserId, new_id
from domain.memory import FactDraft, Memory
from ports.clock import Clock
from ports.errors import NotFound
from ports.job_queue import Job, JobQueue
from ports.memory_repository import MemoryRepository

REMEMBER_FACTS = "remember_facts"
UPGRADE_MEMORY = "upgrade_memory"

FIRST_UPGRADE = timedelta(minutes=10)
LONGEST_WAIT = timedelta(days=1)
MOST_UPGRADES = 40
"""Attempts at a better understanding: a month and more."""


class FactsFound(Struct, frozen=True, kw_only=True):
    """What a `remember_facts` job is told."""

    memory: MemoryId
    facts: tuple[FactDraft, ...]


class Upgrade(Struct, frozen=True, kw_only=True):
    """What an `upgrade_memory` job is told."""

    memory: MemoryId
    attempt: int = 0


class RememberLater:
    """Facts of memories, by way of the job queue."""

    def __init__(self, *, jobs: JobQueue, memories: MemoryRepository, facts: RememberFacts) -> None:
        self._jobs = jobs
        self._memories = memories
        self._facts = facts

    async def hand_in(self, user: UserId, understood: Understood) -> None:
        """Has facts remembered. Of a memory that was understood anew, those that it does not tell any more go."""
        if understood.memory.discarded:
            return
        found = FactsFound(memory=understood.memory.id, facts=understood.facts)
        payload = msgspec.json.encode(found)
        job = Job(
            id=JobId(f"{REMEMBER_FACTS}:{found.memory}:{new_id()}"), kind=REMEMBER_FACTS, user=user, payload=payload
        )
        await self._jobs.enqueue(job)

    async def remember(self, run: JobRun) -> None:
        """Does a `remember_facts` job."""
        found = msgspec.json.decode(run.job.payload, type=FactsFound)
        try:
            memory = await self._memories.get(run.job.user, found.memory)
        except NotFound:
            return
        await self._facts.remember(run.job.user, memory, found.facts)


class UpgradeMemories:
    """Memories that a simpler model had to make are made again, until the chosen one has done it."""

    def __init__(
        self, *, jobs: JobQueue, memories: MemoryRepository, create_memory: CreateMemory, clock: Clock
    ) -> None:
        self._jobs = jobs
        self._memories = memories
        self._create_memory = create_memory
        self._clock = clock

    async def upgrade(self, run: JobRun) -> None:
        """Does an `upgrade_memory` job; asks for the next where the chosen model failed again."""
        user, asked = run.job.user, msgspec.json.decode(run.job.payload, type=Upgrade)
        try:
            memory = await self._memories.get(user, asked.memory)
            if not can_be_upgraded(memory):
                return
            memory = await self._create_memory.reprocess(user, asked.memory)
        except NotFound:
            return
        await _ask(self._jobs, user, memory, attempt=asked.attempt + 1, clock=self._clock)


def can_be_upgraded(memory: Memory) -> bool:
    """Whether the chosen model can do better than what is there."""
    return any(task != IDENTIFY_SPEAKERS for task in memory.degraded)


async def ask_upgrade_of(jobs: JobQueue, user: UserId, understood: Understood, *, clock: Clock) -> None:
    """Has a degraded memory made again later: soon at first, once a day in the end."""
    await _ask(jobs, user, understood.memory, attempt=0, clock=clock)


async def _ask(jobs: JobQueue, user: UserId, memory: Memory, *, attempt: int, clock: Clock) -> None:
    if not can_be_upgraded(memory) or attempt >= MOST_UPGRADES:
        return
    job = Job(
        id=JobId(f"{UPGRADE_MEMORY}:{memory.id}:{attempt}"),
        kind=UPGRADE_MEMORY,
        user=user,
        payload=msgspec.json.encode(Upgrade(memory=memory.id, attempt=attempt)),
    )
    wait = min(FIRST_UPGRADE * 2 ** min(attempt, 10), LONGEST_WAIT)
    await jobs.enqueue(job, not_before=clock.now() + wait)
