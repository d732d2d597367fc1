"""Notifications to look at afterwards."""

from domain.ids import UserId
from ports.errors import TemporarilyUnavailable
from ports.notifier import Notification


class FakeNotifier:
    """Keeps what it was asked to send."""

    def __init__(self) -> None:
        self.sent: list[tuple[UserId, Notification]] = []
        self.is_away = False
        """While true, nothing can be sent."""

    async def notify(self, user: UserId, notification: Notification) -> None:
        """Keeps a notification.

        Raises:
            TemporarilyUnavailable: it was told to be away.
        """
        if self.is_away:
            raise TemporarilyUnavailable("the fake notifier is away")
        self.sent.append((user, notification))
