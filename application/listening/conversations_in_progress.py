"""Conversations that go on, asked for from outside their sessions: what was said so far, and "make a memory of it now".

Whoever ends a conversation need not be where its audio arrives: a session is asked over the event bus.
"""

from collections.abc import AsyncIterator
from contextlib import suppress

import anyio
from anyio import CancelScope
from msgspec import Struct, structs

from application.listening.being_made import BeingMade
from application.listening.conversations import Conversations
from application.listening.live_conversation import LiveConversation
from application.memories.deleted_memories import DeletedMemories
from application.memories.draft_memory import drafted
from domain.errors import MemoryNotFound
from domain.ids import ConversationId, MemoryId, UserId
from domain.memory import Memory, MemoryStatus
from domain.session import EndRequested, MemoryCreated, MemoryFailed, SessionEvent
from ports.clock import Clock
from ports.conversation_leases import ConversationLeases
from ports.errors import AdapterError, NotFound, TemporarilyUnavailable
from ports.event_bus import EventBus
from ports.memory_repository import MemoryRepository

PATIENCE = 25.0
"""Seconds that a memory is waited for. One that takes longer is told over the socket when it is there."""
LOOK_SECONDS = 0.05
NONE = "Memory in progress not found"


class _Outcome(Struct):
    """What became of a conversation that was ended."""

    memory: Memory | None = None
    is_failed: bool = False
    is_empty: bool = False
    """Nothing was said in it."""


class ConversationsInProgress:
    """The conversations of one user at a time that have no memory yet."""

    def __init__(
        self,
        *,
        conversations: Conversations,
        leases: ConversationLeases,
        memories: MemoryRepository,
        events: EventBus,
        clock: Clock,
        being_made: BeingMade,
        deleted: DeletedMemories,
    ) -> None:
        self._conversations = conversations
        self._leases = leases
        self._memories = memories
        self._events = events
        self._clock = clock
        self._being_made = being_made
        self._deleted = deleted

    async def of(self, user: UserId) -> tuple[Memory, ...]:
        """What was said so far in conversations that have no memory yet. Not in those where nothing was said.

        Those come first that go on, newest first; of other servers, as far as their journals are known here. Then those
        that are over: `processing`, or `failed` where their memories could not be made.
        """
        own = [live for live in reversed(self._own(user)) if live.transcript.word_count]
        going_on = [self._draft(live, MemoryStatus.IN_PROGRESS) for live in own if not live.is_ended]
        over = [self._draft(live, MemoryStatus.PROCESSING) for live in own if live.is_ended]
        elsewhere, made = await self._elsewhere(user), await self._being_made.of(user)
        once = {memory.id: memory for memory in (*going_on, *elsewhere, *over, *made)}  # one may end meanwhile
        return tuple(once.values())

    async def process(self, user: UserId, *, patience: float = PATIENCE) -> Memory:
        """Ends the conversation that goes on, and gives its memory.

        A device that is connected goes on with the next conversation. What is not there in time is given as far as it
        is known, with a status that says so; its memory is made all the same.

        Raises:
            MemoryNotFound: no conversation goes on, or nothing was said in it.
            TemporarilyUnavailable: the end could not be written down.
        """
        live = await self._meant(user)
        if live is None:
            return await self._process_elsewhere(user, patience=patience)
        outcome = await self._ended(live, patience=patience)
        if outcome.is_empty:
            raise MemoryNotFound(NONE)
        if outcome.memory is not None:
            return outcome.memory
        with suppress(NotFound):
            return await self._memories.get(user, MemoryId(live.id))
        return self._draft(live, MemoryStatus.FAILED if outcome.is_failed else MemoryStatus.PROCESSING)

    async def clear(self, user: UserId, *, patience: float = PATIENCE) -> None:
        """Ends the conversation that goes on, and throws away what was said in it. Nothing happens where none does.

        A device that is connected goes on with the next conversation: what is said from here on is kept.

        Raises:
            TemporarilyUnavailable: it could not be ended. It goes on, and nothing is thrown away.
        """
        live = await self._meant(user)
        if live is None:
            await self._clear_elsewhere(user, patience=patience)
            return
        await self._deleted.note(user, MemoryId(live.id))  # first: whatever crashes from here on, no memory is made
        await self._ended(live, patience=patience)
        if not live.is_ended:
            await self._spare(user, live.id)

    async def _meant(self, user: UserId) -> LiveConversation | None:
        """The conversation that goes on, from wherever it can be brought."""
        live = self._newest(user)
        if live is None and self._conversations.bring is not None:
            await self._conversations.bring(user, "")  # what nobody is heard in now
            live = self._newest(user)
        return live

    async def _ended(self, live: LiveConversation, *, patience: float) -> _Outcome:
        """Ends a conversation, and waits for what becomes of it."""
        outcome = _Outcome()
        async with self._events.subscribe(live.user) as news:
            await self._end(live)
            with anyio.move_on_after(patience):
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(_hear, news, live.id, outcome, tasks.cancel_scope)
                    tasks.start_soon(self._look, live, outcome, tasks.cancel_scope)
        return outcome

    async def _clear_elsewhere(self, user: UserId, *, patience: float) -> None:
        for draft in (await self._elsewhere(user))[:1]:
            conversation = ConversationId(draft.id)
            await self._deleted.note(user, MemoryId(conversation))
            outcome = await self._ended_elsewhere(user, conversation, patience=patience)
            if not outcome.is_failed and outcome.memory is None:
                await self._spare(user, conversation)

    async def _spare(self, user: UserId, conversation: ConversationId) -> None:
        await self._deleted.spare(user, MemoryId(conversation))
        raise TemporarilyUnavailable("the conversation could not be ended")

    async def _ended_elsewhere(self, user: UserId, conversation: ConversationId, *, patience: float) -> _Outcome:
        """Asks the session that hears it, at another server."""
        outcome = _Outcome()
        async with self._events.subscribe(user) as news:
            await self._events.publish(user, EndRequested(conversation))
            with anyio.move_on_after(patience) as scope:
                await _hear(news, conversation, outcome, scope)
        return outcome

    async def _process_elsewhere(self, user: UserId, *, patience: float) -> Memory:
        drafts = await self._elsewhere(user)
        if not drafts:
            raise MemoryNotFound(NONE)
        draft = drafts[0]
        outcome = await self._ended_elsewhere(user, ConversationId(draft.id), patience=patience)
        status = MemoryStatus.FAILED if outcome.is_failed else MemoryStatus.PROCESSING
        return outcome.memory or structs.replace(draft, status=status)

    async def _elsewhere(self, user: UserId) -> tuple[Memory, ...]:
        """What was said so far in conversations that other servers have. Nothing while nobody can be asked."""
        found: list[Memory] = []
        with suppress(TemporarilyUnavailable):
            for lease in await self._leases.of(user):
                if self._leases.holds(lease.conversation):
                    continue
                with suppress(AdapterError):
                    draft = await self._being_made.draft(lease.conversation)
                    found.append(structs.replace(draft, status=MemoryStatus.IN_PROGRESS))
        said = [memory for memory in found if memory.segments]
        return tuple(sorted(said, key=lambda memory: memory.created_at, reverse=True))

    async def _end(self, live: LiveConversation) -> None:
        if live.is_connected:
            await self._events.publish(live.user, EndRequested(live.id))
        elif not live.is_ended:
            self._conversations.end(live, at=live.ledger.end)
            await self._conversations.finish_heard(live)

    async def _look(self, live: LiveConversation, outcome: _Outcome, scope: CancelScope) -> None:
        """Notices when a conversation is let go of because nothing was said, or its session goes before it ends it."""
        while live in self._conversations.open:
            if not live.is_connected:
                with suppress(TemporarilyUnavailable):
                    await self._end(live)
            await anyio.sleep(LOOK_SECONDS)
        if not live.is_finished:
            outcome.is_empty = True
            scope.cancel()

    def _own(self, user: UserId) -> list[LiveConversation]:
        return [live for live in self._conversations.open if live.user == user]

    def _newest(self, user: UserId) -> LiveConversation | None:
        """The conversation that is meant: of several, one that audio comes for; else the one begun last."""
        worth = self._conversations.rules.is_worth_keeping
        candidates = [
            live
            for live in self._own(user)
            if live.is_connected or not live.is_heard or worth(live.transcript.word_count)
        ]
        return max(reversed(candidates), key=lambda live: (live.is_connected, not live.is_ended), default=None)

    def _draft(self, live: LiveConversation, status: MemoryStatus) -> Memory:
        draft = drafted(
            live.id,
            opened=live.opened,
            transcript=live.transcript,
            translations=live.translations,
            coverage=live.coverage(),
            origin=live.origin,
            created_at=live.opened.epoch.at,
            marks=live.marks,
        )
        return structs.replace(draft, status=status)


async def _hear(
    news: AsyncIterator[SessionEvent], conversation: ConversationId, outcome: _Outcome, scope: CancelScope
) -> None:
    """Waits for the memory of a conversation, or for why there is none."""
    async for event in news:
        if isinstance(event, MemoryCreated | MemoryFailed) and event.conversation == conversation:
            outcome.memory = event.memory if isinstance(event, MemoryCreated) else None
            outcome.is_failed = outcome.memory is None
            scope.cancel()
            return
