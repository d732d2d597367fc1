"""News for whoever listens for a user."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from domain.ids import UserId
from domain.session import SessionEvent


class EventBus(Protocol):
    """Carries events to the sessions of a user, wherever they are. Nothing is kept for who comes later."""

    async def publish(self, user: UserId, event: SessionEvent) -> None:
        """Hands an event to all who are subscribed now. Never waits for a slow one; that one misses it."""
        ...

    def subscribe(self, user: UserId) -> AbstractAsyncContextManager[AsyncIterator[SessionEvent]]:
        """The events from now on, in order."""
        ...
