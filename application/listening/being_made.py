"""Conversations that are over and whose memory is not there yet: what was said in them is shown meanwhile."""

from collections import OrderedDict
from contextlib import suppress

import msgspec
from msgspec import structs

from application.listening.replay_journal import finished_conversation
from application.memories.draft_memory import drafted
from application.voices.identify_speakers import IdentifySpeakers
from domain.ids import ConversationId, JobId, MemoryId, UserId
from domain.memory import Memory, MemoryStatus
from ports.capture_journal import CaptureJournal
from ports.errors import AdapterError, NotFound, TemporarilyUnavailable
from ports.job_queue import JobQueue
from ports.memory_repository import MemoryRepository

MOST_OF_ONE = 20
"""Conversations of one user that are looked for, the newest."""
MOST_USERS = 10_000
"""Of those who talked last."""


class BeingMade:
    """Knows which conversations this server has handed in; their journals tell what was said in them.

    Nothing has to tell it that a memory is there, and of which server: it looks when it is asked.
    """

    def __init__(
        self,
        *,
        journal: CaptureJournal,
        memories: MemoryRepository,
        jobs: JobQueue,
        speakers: IdentifySpeakers | None = None,
    ) -> None:
        self._journal = journal
        self._speakers = speakers
        self._memories = memories
        self._jobs = jobs
        self._handed_in: OrderedDict[UserId, dict[ConversationId, JobId]] = OrderedDict()

    def add(self, user: UserId, conversation: ConversationId, job: JobId) -> None:
        """A conversation was handed in, to become a memory by a job."""
        own = self._handed_in.setdefault(user, {})
        self._handed_in.move_to_end(user)
        own.pop(conversation, None)
        own[conversation] = job
        if len(own) > MOST_OF_ONE:
            own.pop(next(iter(own)))
        if len(self._handed_in) > MOST_USERS:
            self._handed_in.popitem(last=False)

    async def of(self, user: UserId) -> tuple[Memory, ...]:
        """What was said in a user's conversations that are no memories yet, newest first.

        Their status is `processing`; `failed` where the work was given up. What cannot be looked at now is left out.
        """
        found: list[Memory] = []
        for conversation in reversed(tuple(self._handed_in.get(user, ()))):
            with suppress(AdapterError, msgspec.MsgspecError):
                if await self._is_made(user, conversation):
                    self._forget(user, conversation)
                else:
                    found.append(await self._draft(user, conversation))
        return await self._with_failures(user, found) if found else ()

    async def draft(self, conversation: ConversationId) -> Memory:
        """What a journal says was said so far, and by whom, as far as that was known while it was said.

        Raises:
            NotFound: there is no such journal, or nothing in it.
        """
        found = await finished_conversation(self._journal, conversation)
        if self._speakers is not None:
            with suppress(TemporarilyUnavailable):
                await self._speakers.recall(found)
        return drafted(
            conversation,
            opened=found.opened,
            transcript=found.transcript,
            translations=found.translations,
            coverage=found.coverage,
            origin=found.origin,
            created_at=found.opened.epoch.at,
            marks=found.marks,
        )

    async def _is_made(self, user: UserId, conversation: ConversationId) -> bool:
        try:
            await self._memories.get(user, MemoryId(conversation))
        except NotFound:
            return False
        return True

    async def _draft(self, user: UserId, conversation: ConversationId) -> Memory:
        try:
            return await self.draft(conversation)
        except NotFound:  # made a moment ago, or deleted
            self._forget(user, conversation)
            raise

    async def _with_failures(self, user: UserId, found: list[Memory]) -> tuple[Memory, ...]:
        given_up: set[JobId] = set()
        with suppress(TemporarilyUnavailable):
            given_up = {letter.job.id for letter in await self._jobs.dead_letters(user)}
        own = self._handed_in.get(user, {})
        return tuple(
            structs.replace(memory, status=MemoryStatus.FAILED)
            if own.get(ConversationId(memory.id)) in given_up
            else memory
            for memory in found
        )

    def _forget(self, user: UserId, conversation: ConversationId) -> None:
        own = self._handed_in.get(user, {})
        own.pop(conversation, None)
        if not own:
            self._handed_in.pop(user, None)
