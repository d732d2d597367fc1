"""Conversations that their user threw away: no memory is made of them, whatever crashes on the way there."""

from datetime import timedelta

from domain.ids import ConversationId, UserId
from ports.key_value_store import KeyValueStore

LIFETIME = timedelta(days=62)
"""Longer than the work that makes a memory is tried."""


class Unwanted:
    """Keeps which ones. All methods raise TemporarilyUnavailable."""

    def __init__(self, *, values: KeyValueStore) -> None:
        self._values = values

    async def mark(self, user: UserId, conversation: ConversationId) -> None:
        """The user throws a conversation away."""
        await self._values.put(_key(user, conversation), b"1", lifetime=LIFETIME)

    async def spare(self, user: UserId, conversation: ConversationId) -> None:
        """It goes on after all."""
        await self._values.delete(_key(user, conversation))

    async def holds(self, user: UserId, conversation: ConversationId) -> bool:
        """Whether a conversation was thrown away."""
        return await self._values.get(_key(user, conversation)) is not None


def _key(user: UserId, conversation: ConversationId) -> str:
    return f"users:{user}:unwanted:{conversation}"
