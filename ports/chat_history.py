"""Where messages are kept."""

from typing import Protocol

from domain.chat import Message
from domain.ids import UserId


class ChatHistory(Protocol):
    """Messages, by user."""

    async def append(self, user: UserId, message: Message) -> None:
        """Stores a message; replaces the one with the same id. Raises TemporarilyUnavailable."""
        ...

    async def recent(self, user: UserId, *, limit: int = 100) -> tuple[Message, ...]:
        """The newest messages, newest first, `id` descending among equals. Raises TemporarilyUnavailable."""
        ...

    async def clear(self, user: UserId) -> None:
        """Removes all messages of a user for good. Raises TemporarilyUnavailable."""
        ...
