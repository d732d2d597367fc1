"""Who wants to be told what their voice tells. Nobody who was not asked."""

from domain.ids import UserId
from ports.key_value_store import KeyValueStore


class EmotionalFeedback:
    """The wish of each user. All methods raise TemporarilyUnavailable."""

    def __init__(self, *, values: KeyValueStore) -> None:
        self._values = values

    async def is_wanted(self, user: UserId) -> bool:
        """Whether a user asked for it."""
        return await self._values.get(_key(user)) is not None

    async def want(self, user: UserId) -> None:
        """From now on."""
        await self._values.put(_key(user), b"1")

    async def decline(self, user: UserId) -> None:
        """From now on, no voice is listened to for feelings."""
        await self._values.delete(_key(user))


def _key(user: UserId) -> str:
    return f"users:{user}:emotional_feedback"
