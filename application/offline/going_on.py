"""Conversations that have no memory yet: what belongs to them has to wait until they have."""

from datetime import datetime
from typing import Protocol

import msgspec

from application.listening.live_conversation import LiveConversation
from application.listening.replay_journal import opened
from domain.ids import ConversationId, MemoryId, UserId
from ports.capture_journal import CaptureJournal
from ports.clock import Clock
from ports.errors import AdapterError, NotFound
from ports.memory_repository import MemoryRepository

Stretch = tuple[datetime, datetime]


class OpenConversations(Protocol):
    """Those of this process; `Conversations` knows them."""

    @property
    def open(self) -> tuple[LiveConversation, ...]:
        """Conversations that have not ended."""
        ...


class GoingOn:
    """Finds them by their journals: a journal stays until its memory is there."""

    def __init__(
        self,
        *,
        conversations: OpenConversations,
        journal: CaptureJournal,
        memories: MemoryRepository,
        clock: Clock,
    ) -> None:
        self._conversations = conversations
        self._journal = journal
        self._memories = memories
        self._clock = clock

    async def of(self, user: UserId) -> tuple[Stretch, ...]:
        """When they took place so far. Not those in which nothing was said. Raises TemporarilyUnavailable."""
        known = {live.id: live for live in self._conversations.open}
        here = [_stretch(live) for live in known.values() if live.user == user and _may_become_a_memory(live)]
        others = [await self._begin(user, one) for one in await self._journal.conversations() if one not in known]
        return (*here, *((begin, self._clock.now()) for begin in others if begin is not None))

    async def _begin(self, user: UserId, conversation: ConversationId) -> datetime | None:
        try:
            first = await opened(self._journal, conversation)
        except (AdapterError, msgspec.MsgspecError):  # one that cannot be read, whosoever, holds nobody up
            return None
        if first is None or first.user != user:
            return None
        try:
            await self._memories.get(user, MemoryId(conversation))
        except NotFound:
            return first.epoch.when(first.epoch.position)
        return None


def _may_become_a_memory(live: LiveConversation) -> bool:
    return bool(live.transcript.word_count) or not live.is_heard


def _stretch(live: LiveConversation) -> Stretch:
    epoch = live.opened.epoch
    return epoch.when(live.ledger.start), epoch.when(live.ledger.end)
