"""Notifications for whoever reads the log of a machine at home."""

import structlog

from domain.ids import UserId
from ports.notifier import Notification


class LogNotifier:
    """Notes that somebody would have been notified, and not of what: logs hold no content."""

    async def notify(self, user: UserId, notification: Notification) -> None:  # noqa: ARG002 - content stays out
        """Writes one line."""
        structlog.get_logger().info("user_notified", user=user)
