"""Which messages belong to one talk: those with the same plugin, or with none, until the chat is cleared."""

from domain.ids import PluginId, UserId, derived_id, new_id
from ports.key_value_store import KeyValueStore

CHAT_SESSION = "chat_session"
"""Name of the value behind `users:{user}:`."""


class ChatSessions:
    """Names talks. What is kept is one value a user, which all talks of a chat are named from."""

    def __init__(self, *, values: KeyValueStore) -> None:
        self._values = values

    async def of(self, user: UserId, plugin: PluginId | None) -> str:
        """The talk with a plugin; None: with nobody in particular. Raises TemporarilyUnavailable."""
        key = _key(user)
        chat = await self._values.get(key)
        if chat is None:
            await self._values.put_if_absent(key, new_id().encode())
            chat = await self._values.get(key) or b""
        return derived_id(CHAT_SESSION, chat.decode(), plugin or "")

    async def end(self, user: UserId) -> None:
        """All talks are over. Raises TemporarilyUnavailable."""
        await self._values.delete(_key(user))


def _key(user: UserId) -> str:
    return f"users:{user}:{CHAT_SESSION}"
