"""Who listens for which user within this process, and what they get."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from anyio.streams.memory import MemoryObjectSendStream

from domain.ids import UserId
from domain.session import SessionEvent

CAPACITY = 256
"""Events that a subscriber may be behind: minutes of speech. Who is further behind misses what comes."""


class Subscribers:
    """Hands events from task to task, through one bounded stream for each subscriber."""

    def __init__(self, *, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._subscribers: dict[UserId, list[MemoryObjectSendStream[SessionEvent]]] = {}

    def tell(self, user: UserId, event: SessionEvent) -> None:
        """Hands an event to all who are subscribed now. Never waits for a slow one; that one misses it."""
        for subscriber in tuple(self._subscribers.get(user, ())):
            try:
                subscriber.send_nowait(event)
            except (anyio.WouldBlock, anyio.BrokenResourceError):
                continue  # behind, or on its way out

    @asynccontextmanager
    async def subscribe(self, user: UserId) -> AsyncIterator[AsyncIterator[SessionEvent]]:
        """The events from now on, in order."""
        send, receive = anyio.create_memory_object_stream[SessionEvent](self._capacity)
        subscribers = self._subscribers.setdefault(user, [])
        subscribers.append(send)
        try:
            yield receive
        finally:
            subscribers.remove(send)
            if not subscribers and self._subscribers.get(user) is subscribers:
                del self._subscribers[user]
            send.close()
            receive.close()
