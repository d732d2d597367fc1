"""A tap on the shoulder."""

from typing import Protocol

from msgspec import Struct

from domain.ids import UserId


class Notification(Struct, frozen=True, kw_only=True):
    """What to tell."""

    title: str
    body: str
    data: dict[str, str] = {}
    """For the app."""


class Notifier(Protocol):
    """Reaches a user who is not looking."""

    async def notify(self, user: UserId, notification: Notification) -> None:
        """Sends a notification, if the user can be reached at all.

        Raises:
            TemporarilyUnavailable: not sent.
        """
        ...


class Addresses(Protocol):
    """Where notifiers that send to devices find them. All methods raise TemporarilyUnavailable."""

    async def of(self, user: UserId) -> str:
        """The address of a user's device; empty for none."""
        ...

    async def forget(self, user: UserId, address: str) -> None:
        """The address leads nowhere any more: nothing is sent there again. A newer one stays."""
        ...
