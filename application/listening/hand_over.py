"""Conversations go from server to server: one that a user comes back to elsewhere, or whose server is gone."""

from collections.abc import Iterable
from contextlib import suppress

import anyio
from anyio.abc import TaskGroup

from application.listening.conversations import Conversations
from application.listening.live_conversation import LiveConversation
from application.listening.restore import Restore
from domain.ids import ConversationId, UserId
from domain.session import HandOverRefused, HandOverRequested
from ports.clock import Clock
from ports.conversation_leases import ConversationLeases, Lease
from ports.errors import AdapterError, TemporarilyUnavailable
from ports.event_bus import EventBus

PATIENCE = 8.0
"""Seconds that a session waits for a conversation of its user: longer than it takes to notice that a server is gone."""
ASK_AGAIN = 1.0
LOOK_SECONDS = 0.05
"""Between two looks at whether a conversation was released."""
SWEEP_SECONDS = 2.0
UNCLAIMED = 6.0
"""Seconds that conversations of a server that is gone are left to those servers to which their users go."""
LEAVING = 1.0
"""Seconds for what this server has when it goes."""


def address(server: str) -> UserId:
    """Where a server hears what others ask of it. No user is called like that."""
    return UserId(f"\0server {server}")


class HandOver:
    """One server's part: asks for what it needs, gives what it is asked for, takes what nobody has."""

    def __init__(
        self,
        *,
        conversations: Conversations,
        restore: Restore,
        leases: ConversationLeases,
        events: EventBus,
        clock: Clock,
    ) -> None:
        self._conversations = conversations
        self._restore = restore
        self._leases = leases
        self._events = events
        self._clock = clock
        self._refused: dict[ConversationId, anyio.Event] = {}
        """What this server asks for now; set when the answer is no."""
        self._giving: set[ConversationId] = set()
        """What is being handed over now."""
        self._tasks: TaskGroup

    async def run(self) -> None:
        """Asks and answers. Until cancelled."""
        async with anyio.create_task_group() as self._tasks:
            self._tasks.start_soon(self._sweep)
            async with self._events.subscribe(address(self._leases.server)) as news:
                self._conversations.bring = self.bring
                async for event in news:
                    if isinstance(event, HandOverRequested):
                        self._tasks.start_soon(self._answer, event)
                    elif isinstance(event, HandOverRefused) and event.conversation in self._refused:
                        self._refused[event.conversation].set()

    async def bring(self, user: UserId, stream: str) -> None:
        """Has a user's conversations that other servers have go on here, but for those that go on there.

        Those of a server that is gone come when it has been silent for long enough. Where nobody can be asked, what is
        here has to do.
        """
        with suppress(TemporarilyUnavailable):
            elsewhere = [lease for lease in await self._leases.of(user) if not self._leases.holds(lease.conversation)]
            brought = {lease.conversation: anyio.Event() for lease in elsewhere}
            for lease in elsewhere:  # not by the session: it may leave at any moment
                self._tasks.start_soon(self._bring, lease, stream, brought[lease.conversation])
            for is_brought in brought.values():
                await is_brought.wait()

    async def leave(self) -> None:
        """Hands over all that this server has, as far as it can: the next one need not wait."""
        with anyio.move_on_after(LEAVING, shield=True):
            async with anyio.create_task_group() as tasks:
                for live in self._conversations.open:
                    live.disconnect()
                    tasks.start_soon(self._give, live.id)

    async def _bring(self, lease: Lease, stream: str, done: anyio.Event) -> None:
        refused = self._refused.setdefault(lease.conversation, anyio.Event())
        is_ours = False
        try:
            with anyio.move_on_after(PATIENCE), suppress(AdapterError):
                is_ours = await self._claimed(lease, stream, refused)
            if is_ours:
                await self._restore.take_up(lease.user, lease.conversation)
        finally:
            self._refused.pop(lease.conversation, None)
            done.set()

    async def _claimed(self, lease: Lease, stream: str, refused: anyio.Event) -> bool:
        """Asks whoever has it until it is free; False when it is not to be had."""
        asked = -ASK_AGAIN
        while not refused.is_set():
            server = await self._leases.claim(lease.user, lease.conversation)
            if server == self._leases.server:
                return True
            if anyio.current_time() - asked >= ASK_AGAIN:
                asked = anyio.current_time()
                request = HandOverRequested(lease.conversation, self._leases.server, stream)
                await self._events.publish(address(server), request)
            with anyio.move_on_after(LOOK_SECONDS):
                await refused.wait()
        return False

    async def _answer(self, request: HandOverRequested) -> None:
        if request.conversation in self._giving:
            return  # it was asked for before
        self._giving.add(request.conversation)
        try:
            is_given = await self._give(request.conversation, stream=request.stream)
        finally:
            self._giving.discard(request.conversation)
        if not is_given:
            await self._events.publish(address(request.server), HandOverRefused(request.conversation))

    async def _give(self, conversation: ConversationId, *, stream: str = "") -> bool:
        """Lets go of a conversation; True when another server may go on with it."""
        live = await self._found(conversation)
        if live is None:
            return not self._leases.holds(conversation)
        if not await self._conversations.let_go(live, stream=stream):
            return False
        with suppress(TemporarilyUnavailable):
            await self._leases.release(conversation)
        return True

    async def _found(self, conversation: ConversationId) -> LiveConversation | None:
        """A conversation that this server serves, which may be coming up from its journal just now."""
        while conversation in self._restore.underway:
            await anyio.sleep(LOOK_SECONDS)
        for live in self._conversations.open:
            if live.id == conversation:
                return live
        if conversation not in self._restore.refused:
            self._leases.forget(conversation)  # there is nothing of it any more
        return None

    async def _sweep(self) -> None:
        """Takes what nobody has had for a while; drops what others have by now. Until cancelled."""
        seen: dict[ConversationId, float] = {}
        while True:
            await self._clock.sleep(SWEEP_SECONDS)
            for live in self._conversations.open:
                if not self._leases.holds(live.id):
                    self._conversations.abandon(live)
            with suppress(AdapterError):
                seen = await self._take(await self._leases.free(), seen)

    async def _take(self, free: Iterable[Lease], seen: dict[ConversationId, float]) -> dict[ConversationId, float]:
        """Gives when each that is left was found first."""
        now = self._clock.monotonic()
        left: dict[ConversationId, float] = {}
        for lease in free:
            if self._leases.holds(lease.conversation):  # nobody has heard from this server for a while
                continue
            since = seen.get(lease.conversation, now)
            if now - since < UNCLAIMED:
                left[lease.conversation] = since
            elif await self._leases.claim(lease.user, lease.conversation) == self._leases.server:
                await self._restore.take_up(lease.user, lease.conversation)
        return left
