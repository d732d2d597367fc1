"""What follows from a memory, once it is kept: facts are remembered, and a better model has another look."""

from datetime import timedelta

import msgspec
from msgspec import Struct

from application.jobs.run_jobs import JobRun
from application.memories.create_memory import CreateMemory, anew, can_be_upgraded
from application.memories.remember_facts import RememberFacts
from application.memories.understand_memory import Understood
from application.users.one_at_a_time import OneAtATime
from domain.ids import JobId, MemoryId, UserId
from domain.memory import FactDraft, Memory
from ports.clock import Clock
from ports.errors import NotFound
from ports.job_queue import Job, JobQueue
from ports.key_value_store import KeyValueStore
from ports.memory_repository import MemoryRepository

REMEMBER_FACTS = "remember_facts"
UPGRADE_MEMORY = "upgrade_memory"

FIRST_UPGRADE = timedelta(minutes=10)
LONGEST_WAIT = timedelta(days=1)
MOST_UPGRADES = 40
"""Attempts at a better understanding: a month and more."""
UPGRADES = tuple(f"{UPGRADE_MEMORY}:{number}" for number in range(MOST_UPGRADES))
"""What the ids of all attempts begin with."""


class FactsFound(Struct, frozen=True, kw_only=True):
    """What a `remember_facts` job is told."""

    memory: MemoryId
    facts: tuple[FactDraft, ...]
    is_degraded: bool = False
    """A simpler model found them: that it missed one says nothing."""


class Upgrade(Struct, frozen=True, kw_only=True):
    """What an `upgrade_memory` job is told."""

    memory: MemoryId
    attempt: int = 0


class Again(Struct, frozen=True, kw_only=True):
    """What an `upgrade_memory` job made of its memory."""

    understood: Understood | None
    """None: there was nothing to mend."""


class RememberLater:
    """Facts of memories, by way of the job queue."""

    def __init__(
        self, *, jobs: JobQueue, memories: MemoryRepository, facts: RememberFacts, values: KeyValueStore, clock: Clock
    ) -> None:
        self._jobs = jobs
        self._memories = memories
        self._facts = facts
        # two memories that tell the same at once would each find it new
        self._turns = OneAtATime("facts", values=values, clock=clock)

    async def hand_in(self, user: UserId, understood: Understood) -> None:
        """Has facts remembered. Of a memory that the chosen model understood anew, those that it tells no more go.

        What an earlier understanding found and nobody has remembered yet is forgotten: it would undo this.
        """
        if understood.memory.discarded:
            return
        memory = understood.memory
        found = FactsFound(memory=memory.id, facts=understood.facts, is_degraded=can_be_upgraded(memory))
        payload = msgspec.json.encode(found)
        job = Job(id=JobId(f"{REMEMBER_FACTS}:{found.memory}"), kind=REMEMBER_FACTS, user=user, payload=payload)
        await anew(self._jobs, job)

    async def remember(self, run: JobRun) -> None:
        """Does a `remember_facts` job."""
        user, found = run.job.user, msgspec.json.decode(run.job.payload, type=FactsFound)
        async with self._turns.turn(user):
            try:
                memory = await self._memories.get(user, found.memory)
            except NotFound:
                return
            known = await self._learned_from(user, found.memory) if found.is_degraded else ()
            await self._facts.remember(user, memory, (*known, *found.facts))
            try:
                await self._memories.get(user, found.memory)
            except NotFound:  # deleted meanwhile
                await self._facts.forget_memory(user, found.memory)

    async def _learned_from(self, user: UserId, memory: MemoryId) -> tuple[FactDraft, ...]:
        facts = await self._facts.all(user)
        return tuple(
            FactDraft(content=fact.content, category=fact.category, evidence=fact.evidence)
            for fact in facts
            if fact.memory_id == memory
        )


class UpgradeMemories:
    """Memories that a simpler model had to make are made again, until the chosen one has done it."""

    def __init__(self, *, memories: MemoryRepository, create_memory: CreateMemory) -> None:
        self._memories = memories
        self._create_memory = create_memory

    async def upgrade(self, run: JobRun) -> None:
        """Does an `upgrade_memory` job. Where the chosen model fails again, the next attempt is asked for by then."""
        user, memory_id = run.job.user, msgspec.json.decode(run.job.payload, type=Upgrade).memory

        async def again() -> Again:
            is_worth_it = can_be_upgraded(await self._memories.get(user, memory_id))
            return Again(
                understood=await self._create_memory.understand_again(user, memory_id) if is_worth_it else None
            )

        try:
            # noted: once the memory is replaced, another attempt sees nothing to mend, and what follows is still to do
            found = await run.step("understand", again, returns=Again)
            if found.understood is not None:
                await self._create_memory.replace(user, found.understood)
        except NotFound:
            return


async def ask_upgrade_of(jobs: JobQueue, user: UserId, understood: Understood, *, clock: Clock) -> None:
    """Has a degraded memory made again later: soon at first, once a day in the end.

    Under the first number that was not used: a memory that was mended may become degraded anew.
    """
    memory = understood.memory
    if not can_be_upgraded(memory):
        return
    for attempt in range(MOST_UPGRADES):
        wait = min(FIRST_UPGRADE * 2 ** min(attempt, 10), LONGEST_WAIT)
        if await jobs.enqueue(_upgrade(user, memory, attempt=attempt), not_before=clock.now() + wait):
            return


def _upgrade(user: UserId, memory: Memory, *, attempt: int) -> Job:
    return Job(
        id=JobId(f"{UPGRADES[attempt]}:{memory.id}"),
        kind=UPGRADE_MEMORY,
        user=user,
        payload=msgspec.json.encode(Upgrade(memory=memory.id, attempt=attempt)),
    )
