"""A finished conversation becomes a memory: once, whatever crashes in between."""

from datetime import timedelta

import msgspec
from msgspec import structs

from application.condense import condensed
from application.conversations import CREATE_MEMORY, ConversationEnded
from application.draft_memory import drafted
from application.identify_speakers import IdentifySpeakers
from application.recall import Recall
from application.replay_journal import FinishedConversation, finished_conversation
from application.run_jobs import JobRun
from domain.ids import ConversationId, JobId, MemoryId, UserId
from domain.material import Background
from domain.memory import Memory, MemoryDraft, MemoryStatus
from domain.session import MemoryCreated, MemoryFailed
from ports.capture_journal import CaptureJournal
from ports.clock import Clock
from ports.errors import NotFound, TemporarilyUnavailable
from ports.event_bus import EventBus
from ports.job_queue import Job, JobQueue
from ports.language_model import LanguageModel
from ports.memory_repository import MemoryRepository

REPAIR_GAPS = "repair_gaps"
"""Kind of the job that completes a memory."""

IDENTIFY_SPEAKERS = "identify_speakers"
"""What a memory is degraded by when nobody could tell who speaks."""

BEFORE_REPAIR = timedelta(minutes=1)


class CreateMemory:
    """Makes memories, from conversations and from segments that were transcribed elsewhere."""

    def __init__(
        self,
        *,
        journal: CaptureJournal,
        memories: MemoryRepository,
        jobs: JobQueue,
        recall: Recall,
        language_model: LanguageModel,
        events: EventBus,
        clock: Clock,
        identify_speakers: IdentifySpeakers | None = None,
    ) -> None:
        self._journal = journal
        self._memories = memories
        self._jobs = jobs
        self._recall = recall
        self._model = language_model
        self._events = events
        self._clock = clock
        self._identify_speakers = identify_speakers

    async def from_conversation(self, run: JobRun) -> None:
        """Does a `create_memory` job. Each step is done once; the journal goes last, when all else is kept."""
        user = run.job.user
        conversation = msgspec.json.decode(run.job.payload, type=ConversationEnded).conversation
        memory = await run.step("structure", lambda: self._structured(conversation), returns=Memory)
        if await self._keep_once(user, memory):
            if memory.coverage is not None and memory.coverage.gaps:
                await self._have_repaired(run.job)
            else:
                await self._journal.remove(conversation)
            await self._events.publish(user, MemoryCreated(conversation, memory))

    async def from_segments(self, user: UserId, draft: Memory) -> Memory:
        """Makes a memory of what a client transcribed, and keeps it."""
        memory = await self._understood(draft)
        await self._keep(user, memory)
        return memory

    async def reprocess(self, user: UserId, memory_id: MemoryId) -> Memory:
        """Understands a memory anew. The old understanding stays until the new one is there.

        Raises:
            NotFound: the user has no such memory.
        """
        draft = await self._draft(await self._memories.get(user, memory_id))
        memory = await self._memories.update(
            user, memory_id, lambda now: structs.replace(now, structure=draft.structure, discarded=False)
        )
        await self._recall.index(user, memory)
        return memory

    async def given_up(self, job: Job, reason: str) -> None:
        """Tells the user that a memory could not be made. Its journal stays."""
        if job.kind != CREATE_MEMORY:
            return
        conversation = msgspec.json.decode(job.payload, type=ConversationEnded).conversation
        await self._events.publish(job.user, MemoryFailed(conversation, reason))

    async def _have_repaired(self, made: Job) -> None:
        """Part of it was not heard: the journal stays until it was."""
        conversation = msgspec.json.decode(made.payload, type=ConversationEnded).conversation
        repair = Job(id=JobId(f"{REPAIR_GAPS}:{conversation}"), kind=REPAIR_GAPS, user=made.user, payload=made.payload)
        await self._jobs.enqueue(repair, not_before=self._clock.now() + BEFORE_REPAIR)

    async def _structured(self, conversation: ConversationId) -> Memory:
        ended = await finished_conversation(self._journal, conversation)
        degraded = await self._identified(conversation, ended)
        draft = drafted(
            conversation,
            opened=ended.opened,
            transcript=ended.transcript,
            coverage=ended.coverage,
            origin=ended.origin,
            created_at=self._clock.now(),
        )
        memory = await self._understood(draft)
        return structs.replace(memory, status=MemoryStatus.COMPLETED, degraded=(*memory.degraded, *degraded))

    async def _identified(self, conversation: ConversationId, ended: FinishedConversation) -> tuple[str, ...]:
        """Says in the transcript who speaks; returns what could not be done. A memory does not wait for names."""
        if self._identify_speakers is None:
            return ()
        try:
            await self._identify_speakers.review(conversation, ended)
        except TemporarilyUnavailable:
            return (IDENTIFY_SPEAKERS,)
        return ()

    async def _understood(self, memory: Memory) -> Memory:
        draft = await self._draft(memory)
        return structs.replace(memory, structure=draft.structure, discarded=draft.discard)

    async def _draft(self, memory: Memory) -> MemoryDraft:
        background = Background(now=memory.started_at or memory.created_at)
        language = memory.language or "en"
        return (await condensed(self._model, memory.segments, background=background, language=language)).value

    async def _keep_once(self, user: UserId, memory: Memory) -> bool:
        """Keeps a memory unless an earlier attempt did: the user may have changed it since. False: it was deleted."""
        try:
            memory = await self._memories.get(user, memory.id)
        except NotFound:
            await self._memories.save(user, memory)
        if not memory.discarded:
            await self._recall.index(user, memory)
        try:
            await self._memories.get(user, memory.id)
        except NotFound:
            await self._recall.forget(user, memory.id)
            return False
        return True

    async def _keep(self, user: UserId, memory: Memory) -> None:
        await self._memories.save(user, memory)
        if not memory.discarded:
            await self._recall.index(user, memory)
