"""The end of a conversation: a memory will be made of it, whatever happens from here on."""

from collections.abc import Awaitable, Callable

import msgspec
from msgspec import Struct

from application.listening.conversation_records import Finished
from application.listening.finished_audio import FinishedAudio
from application.listening.known_streams import KnownStreams
from application.listening.live_conversation import LiveConversation
from application.memories.draft_memory import drafted
from domain.conversation import ConversationRules
from domain.ids import ConversationId, JobId, MemoryId, UserId
from domain.memory import Memory
from domain.session import MemoryCreating
from ports.clock import Clock
from ports.conversation_leases import ConversationLeases
from ports.errors import TemporarilyUnavailable
from ports.event_bus import EventBus
from ports.job_queue import Job, JobQueue

CREATE_MEMORY = "create_memory"
"""Kind of the job that makes a memory of a finished conversation."""

ELSEWHERE = "another server goes on with this conversation"

HandedIn = Callable[[UserId, ConversationId, JobId], None]
"""Is told of each conversation that is to become a memory by a job; may be told twice."""

WithoutWords = Callable[[UserId, MemoryId], Awaitable[object]]
"""Makes a memory of a conversation without words, if there is anything else in it. Harmless when repeated."""


class ConversationEnded(Struct, frozen=True):
    """What a `create_memory` job is told."""

    conversation: ConversationId


class FinishConversation:
    """Writes down that a conversation is over, and hands it in to become a memory."""

    def __init__(
        self,
        *,
        jobs: JobQueue,
        leases: ConversationLeases,
        events: EventBus,
        clock: Clock,
        rules: ConversationRules,
        without_words: WithoutWords | None = None,
        finished: FinishedAudio | None = None,
        handed_in: HandedIn | None = None,
        streams: KnownStreams | None = None,
    ) -> None:
        self._jobs = jobs
        self._leases = leases
        self._events = events
        self._clock = clock
        self._rules = rules
        self._without_words = without_words
        self._finished = finished or FinishedAudio()
        self._handed_in = handed_in
        self._streams = streams

    async def finish(self, live: LiveConversation) -> bool:
        """Hands a conversation in. False where nothing worth keeping was said: then its journal is not needed.

        Raises:
            TemporarilyUnavailable: the end could not be written down, or another server has to. Nothing changed; try
                again.
        """
        if not self._leases.holds(live.id):
            raise TemporarilyUnavailable(ELSEWHERE)
        if self._streams is not None:
            await self._streams.ended(live)
        if not self._rules.is_worth_keeping(live.transcript.word_count):
            await self.leave_off(live)
            return False
        if not live.is_finished:
            live.is_finished = True
            live.note(Finished(at=self._clock.now(), coverage=live.coverage()))
        live.require_storage()
        await live.sync()
        await self.hand_in(live.user, live.id, draft=self._draft(live))
        self._finished.add(live.coverage(), words=live.transcript.word_count)
        return True

    async def hand_in(self, user: UserId, conversation: ConversationId, *, draft: Memory | None = None) -> None:
        """Has the memory of a finished conversation made. Harmless when called twice."""
        payload = msgspec.json.encode(ConversationEnded(conversation))
        job = Job(id=JobId(f"{CREATE_MEMORY}:{conversation}"), kind=CREATE_MEMORY, user=user, payload=payload)
        is_new = await self._jobs.enqueue(job)
        if self._handed_in is not None:
            self._handed_in(user, conversation, job.id)
        if is_new:
            await self._events.publish(user, MemoryCreating(conversation, draft))

    async def leave_off(self, live: LiveConversation) -> None:
        """Sees to a conversation in which nothing was said: what was seen in it may be worth remembering.

        Raises:
            TemporarilyUnavailable: not now. Nothing changed; try again.
        """
        if await self._leases.claim(live.user, live.id) != self._leases.server:
            raise TemporarilyUnavailable(ELSEWHERE)  # what was said since is not known here
        if self._without_words is not None:
            await self._without_words(live.user, MemoryId(live.id))

    def _draft(self, live: LiveConversation) -> Memory:
        return drafted(
            live.id,
            opened=live.opened,
            transcript=live.transcript,
            translations=live.translations,
            coverage=live.coverage(),
            origin=live.origin,
            created_at=self._clock.now(),
            marks=live.marks,
        )
