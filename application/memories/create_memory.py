"""A finished conversation becomes a memory: once, whatever crashes in between."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Protocol

import msgspec
from msgspec import structs

from application.jobs.run_jobs import JobRun
from application.listening.finish_conversation import CREATE_MEMORY, ConversationEnded
from application.memories.deleted_memories import DeletedMemories
from application.memories.forget_memory import forgetting
from application.memories.understand_memory import UnderstandMemory, Understood
from application.questions.recall import Recall
from application.recordings.hear_conversation import IDENTIFY_SPEAKERS, HearConversation
from domain.chat import Message
from domain.ids import ConversationId, JobId, MemoryId, UserId
from domain.memory import Memory, MemoryStatus, PluginResult
from domain.session import MemoryCreated, MemoryFailed
from ports.capture_journal import CaptureJournal
from ports.clock import Clock
from ports.errors import NotFound, Rejected, TemporarilyUnavailable
from ports.event_bus import EventBus
from ports.job_queue import Job, JobQueue
from ports.memory_repository import MemoryRepository

REPAIR_GAPS = "repair_gaps"
"""Kind of the job that completes a memory."""

INDEX_MEMORY = "index_memory"
"""Kind of the job that makes a memory findable when that failed at first."""

BEFORE_REPAIR = timedelta(minutes=1)

PLUGIN_SECONDS = 1.0
"""How long the news of a memory waits for what plugins say to it. What they say later is in the chat."""

Follower = Callable[[UserId, Understood], Awaitable[None]]
"""Is told of a memory that was kept or understood anew, and writes down what is to be done about it. It may be told
twice."""


class MemoryPlugins(Protocol):
    """What plugins have to do with memories; `RunPlugins` does it."""

    async def results(self, user: UserId, memory: Memory) -> tuple[PluginResult, ...]:
        """What the prompts of plugins make of a memory. Raises TemporarilyUnavailable."""
        ...

    async def memory_created(self, user: UserId, memory: Memory) -> None:
        """Has plugins told of a memory; once for each memory. Raises TemporarilyUnavailable."""
        ...

    async def messages(self, user: UserId, memory: Memory, *, patience: float) -> tuple[Message, ...]:
        """The same, and waits so many seconds for what they say."""
        ...


class CreateMemory:
    """Makes memories of conversations, and understands those that are there anew."""

    def __init__(
        self,
        *,
        journal: CaptureJournal,
        memories: MemoryRepository,
        jobs: JobQueue,
        hear: HearConversation,
        understand: UnderstandMemory,
        recall: Recall,
        events: EventBus,
        clock: Clock,
        plugins: MemoryPlugins,
        deleted: DeletedMemories,
        followers: Sequence[Follower] = (),
    ) -> None:
        self._journal = journal
        self._memories = memories
        self._jobs = jobs
        self._hear = hear
        self._understand = understand
        self._recall = recall
        self._events = events
        self._clock = clock
        self._plugins = plugins
        self._followers = tuple(followers)
        self._deleted = deleted

    async def from_conversation(self, run: JobRun) -> None:
        """Does a `create_memory` job. Each step is done once; the journal goes last, when all else is kept."""
        user = run.job.user
        conversation = msgspec.json.decode(run.job.payload, type=ConversationEnded).conversation
        if await self._deleted.has(user, MemoryId(conversation)):
            await self._throw_away(user, conversation)
            return
        heard = await run.step("hear", lambda: self._hear.hear(conversation, attempt=run.attempt), returns=Memory)
        understood = await run.step("understand", lambda: self.understood(user, heard), returns=Understood)
        results = await run.step(
            "plugins", lambda: self._plugins.results(user, understood.memory), returns=tuple[PluginResult, ...]
        )
        memory = await self._keep_once(run, structs.replace(understood.memory, plugin_results=results))
        if memory is None:
            return
        messages = await self._plugins.messages(user, memory, patience=PLUGIN_SECONDS)
        await self._settle_once(run, understood, memory)
        if memory.coverage is not None and memory.coverage.gaps:
            await self._have_repaired(run.job)
        else:
            await self._journal.remove(conversation)
        if await self._is_kept(user, memory.id):
            await self._events.publish(user, MemoryCreated(conversation, memory, messages))

    async def reprocess(self, user: UserId, memory_id: MemoryId) -> Memory:
        """Understands a memory anew. The old understanding stays until the new one is there.

        Raises:
            NotFound: the user has no such memory.
        """
        return await self.replace(user, await self.understand_again(user, memory_id))

    async def understand_again(self, user: UserId, memory_id: MemoryId) -> Understood:
        """What is made of a memory now; nothing changes yet.

        Raises:
            NotFound: the user has no such memory.
        """
        return await self._understand.understand(user, await self._memories.get(user, memory_id))

    async def replace(self, user: UserId, understood: Understood) -> Memory:
        """Puts a new understanding in place of the old one, and does what follows from it. Harmless when repeated.

        Raises:
            NotFound: the user has no such memory.
        """
        new = understood.memory
        memory = await self._memories.update(
            user,
            new.id,
            lambda now: structs.replace(
                now,
                structure=new.structure,
                people=new.people,
                topics=new.topics,
                degraded=_still(now.degraded, new.degraded),
                discarded=False,
            ),
        )
        await self._plugins.memory_created(user, memory)
        await self.settle(user, structs.replace(understood, memory=memory))
        if not await self._is_kept(user, memory.id):
            raise NotFound("the memory was deleted meanwhile")
        return memory

    async def understood(self, user: UserId, heard: Memory) -> Understood:
        """A draft, understood and complete but for what plugins make of it. Raises TemporarilyUnavailable."""
        understood = await self._understand.understand(user, heard)
        memory = understood.memory
        memory = structs.replace(
            memory, status=MemoryStatus.COMPLETED, degraded=tuple(dict.fromkeys((*heard.degraded, *memory.degraded)))
        )
        return structs.replace(understood, memory=memory)

    async def settle(self, user: UserId, understood: Understood) -> None:
        """Makes a memory that was kept findable, and has done what follows from it. Harmless when repeated."""
        await self._index(user, understood.memory)
        for follower in self._followers:
            await follower(user, understood)

    async def index(self, run: JobRun) -> None:
        """Does an `index_memory` job."""
        user, memory_id = run.job.user, msgspec.json.decode(run.job.payload, type=MemoryId)
        try:
            await self._recall.index(user, await self._memories.get(user, memory_id))
        except NotFound:
            return
        except Rejected as error:  # a key that expired is renewed some day
            raise TemporarilyUnavailable(str(error)) from error
        await self._is_kept(user, memory_id)

    async def given_up(self, job: Job, reason: str) -> None:
        """Tells the user that a memory could not be made. Its journal stays."""
        if job.kind != CREATE_MEMORY:
            return
        conversation = msgspec.json.decode(job.payload, type=ConversationEnded).conversation
        await self._events.publish(job.user, MemoryFailed(conversation, reason))

    async def _settle_once(self, run: JobRun, understood: Understood, memory: Memory) -> None:
        """Has done what follows from a memory that was kept.

        Not again by a later attempt: the memory may have been understood better since, and what follows from that
        would be undone.
        """

        async def settle() -> None:
            if can_be_upgraded(memory) or not can_be_upgraded(understood.memory):
                await self.settle(run.job.user, structs.replace(understood, memory=memory))
                await self._is_kept(run.job.user, memory.id)  # before it is noted: this work may be forgotten by then

        await run.step("settle", settle, returns=type(None))

    async def _throw_away(self, user: UserId, conversation: ConversationId) -> None:
        """Removes what there is of a conversation that its user does not want. Harmless when repeated."""
        await self._jobs.enqueue(forgetting(user, MemoryId(conversation)))
        await self._journal.remove(conversation)
        await self._events.publish(user, MemoryFailed(conversation, "thrown away"))

    async def _have_repaired(self, made: Job) -> None:
        """Part of it was not heard: the journal stays until it was."""
        conversation = msgspec.json.decode(made.payload, type=ConversationEnded).conversation
        repair = Job(id=JobId(f"{REPAIR_GAPS}:{conversation}"), kind=REPAIR_GAPS, user=made.user, payload=made.payload)
        await self._jobs.enqueue(repair, not_before=self._clock.now() + BEFORE_REPAIR)

    async def _keep_once(self, run: JobRun, memory: Memory) -> Memory | None:
        """Keeps a memory unless an earlier attempt did: the user may have changed it since. None: it was deleted."""
        user = run.job.user

        async def keep() -> None:
            try:
                await self._memories.get(user, memory.id)
            except NotFound:
                await self._memories.save(user, memory)
            if await self._deleted.has(user, memory.id):
                await self._memories.delete(user, memory.id)  # by its user, who saw it while it was being made

        await run.step("keep", keep, returns=type(None))  # noted, so that what is deleted from now on stays deleted
        try:
            return await self._memories.get(user, memory.id)
        except NotFound:
            return None

    async def _is_kept(self, user: UserId, memory_id: MemoryId) -> bool:
        """Whether a memory is still there; where the user deleted it meanwhile, what was left since is removed."""
        try:
            await self._memories.get(user, memory_id)
        except NotFound:
            await self._jobs.enqueue(forgetting(user, memory_id))
            return False
        return True

    async def _index(self, user: UserId, memory: Memory) -> None:
        """Makes a memory findable; later, where that fails now."""
        try:
            await self._recall.index(user, memory)
        except (TemporarilyUnavailable, Rejected):
            payload = msgspec.json.encode(memory.id)
            job = Job(id=JobId(f"{INDEX_MEMORY}:{memory.id}"), kind=INDEX_MEMORY, user=user, payload=payload)
            await anew(self._jobs, job)


async def anew(jobs: JobQueue, job: Job) -> None:
    """Has work done in any case: once more where it was done, and in place of what still waits under the same id.

    To be called by work that is itself tried again: a crash in between leaves none of both.
    """
    if not await jobs.enqueue(job):
        await jobs.forget(job.id)
        await jobs.enqueue(job)


def can_be_upgraded(memory: Memory) -> bool:
    """Whether the chosen model can do better than what is there."""
    return any(task != IDENTIFY_SPEAKERS for task in memory.degraded)


def _still(before: tuple[str, ...], now: tuple[str, ...]) -> tuple[str, ...]:
    """What a memory is degraded by after another attempt: what a model did not do is not mended by it."""
    return tuple(dict.fromkeys((*(task for task in before if task == IDENTIFY_SPEAKERS), *now)))
