"""Leases within one process: for a server that is alone, and for several in one test."""

from types import TracebackType
from typing import Self

import anyio
import anyio.lowlevel
from msgspec import Struct

from domain.ids import ConversationId, UserId, new_id
from ports.clock import Clock
from ports.conversation_leases import Lease

SILENCE = 5.0
"""Seconds after which a server that gives no sign of life has lost its leases."""


class LeaseTable:
    """What all servers know."""

    def __init__(self) -> None:
        self.entries: dict[ConversationId, _Entry] = {}
        self.ends: dict[str, float] = {}
        """Servers that are silent, and when they have been so for too long."""


class LocalConversationLeases:
    """One server's view of a table. Alone unless it is given one that others have, too."""

    def __init__(self, *, clock: Clock, table: LeaseTable | None = None) -> None:
        self._clock = clock
        self._table = table or LeaseTable()
        self._fences: dict[ConversationId, int] = {}
        self.server = new_id()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with anyio.CancelScope(shield=True):  # whoever is cut off lets go, too
            for conversation in tuple(self._fences):
                await self.release(conversation)

    def fall_silent(self) -> None:
        """No signs of life from here on, as after a crash."""
        self._table.ends[self.server] = self._clock.monotonic() + SILENCE

    def vanish(self) -> None:
        """Has ended for certain: its leases are free at once."""
        self._table.ends[self.server] = self._clock.monotonic()

    def begin(self, user: UserId, conversation: ConversationId) -> None:
        """Has this server serve a conversation that is new."""
        self._table.entries[conversation] = _Entry(user=user, server=self.server, fence=1)
        self._fences[conversation] = 1

    def holds(self, conversation: ConversationId) -> bool:
        """Whether this server serves it."""
        fence = self._fences.get(conversation)
        if fence is None:
            return False
        entry = self._table.entries.get(conversation)
        return entry is not None and (entry.server, entry.fence) == (self.server, fence)

    def fence(self, conversation: ConversationId) -> int:
        """Counts who has served it; 0 when this server does not."""
        return self._fences.get(conversation, 0)

    def lose(self, conversation: ConversationId) -> None:
        """Somebody else serves it."""
        self._fences.pop(conversation, None)

    def forget(self, conversation: ConversationId) -> None:
        """It has ended."""
        if self.holds(conversation):
            del self._table.entries[conversation]
        self._fences.pop(conversation, None)

    async def settle(self) -> None:
        """Everybody knows already."""
        await anyio.lowlevel.checkpoint()

    async def claim(self, user: UserId, conversation: ConversationId) -> str:
        """Serves a conversation from now on, if nobody does; says who does."""
        await anyio.lowlevel.checkpoint()
        entry = self._table.entries.get(conversation) or _Entry(user=user, server="", fence=0)
        if entry.server != self.server:
            if self._is_alive(entry.server):
                self._fences.pop(conversation, None)
                return entry.server
            entry = _Entry(user=user, server=self.server, fence=entry.fence + 1)
            self._table.entries[conversation] = entry
        self._fences[conversation] = entry.fence
        return self.server

    async def release(self, conversation: ConversationId) -> None:
        """Serves it no longer."""
        await anyio.lowlevel.checkpoint()
        if self.holds(conversation):
            entry = self._table.entries[conversation]
            self._table.entries[conversation] = _Entry(user=entry.user, server="", fence=entry.fence)
        self._fences.pop(conversation, None)

    async def of(self, user: UserId) -> tuple[Lease, ...]:
        """The conversations of a user that have not ended."""
        await anyio.lowlevel.checkpoint()
        return tuple(lease for lease in self._leases() if lease.user == user)

    async def free(self) -> tuple[Lease, ...]:
        """Conversations that nobody serves."""
        await anyio.lowlevel.checkpoint()
        return tuple(lease for lease in self._leases() if not lease.server)

    def _leases(self) -> list[Lease]:
        return [
            Lease(
                conversation=conversation,
                user=entry.user,
                server=entry.server if self._is_alive(entry.server) else "",
            )
            for conversation, entry in self._table.entries.items()
        ]

    def _is_alive(self, server: str) -> bool:
        until = self._table.ends.get(server)
        return bool(server) and (until is None or self._clock.monotonic() < until)


class _Entry(Struct, frozen=True, kw_only=True):
    """Who serves a conversation; an empty name: nobody."""

    user: UserId
    server: str
    fence: int
