"""News inside one process."""

from adapters.outbound.event_bus.subscribers import Subscribers
from domain.ids import UserId
from domain.session import SessionEvent


class LocalEventBus(Subscribers):
    """Hands events from task to task, through one bounded stream for each subscriber."""

    async def publish(self, user: UserId, event: SessionEvent) -> None:
        """Hands an event to all who are subscribed now. Never waits for a slow one; that one misses it."""
        self.tell(user, event)
