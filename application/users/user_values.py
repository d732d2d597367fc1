"""Which keys of the key-value store are about a user, whoever wrote them."""

import re
from collections.abc import Awaitable, Callable

import msgspec
from msgspec import Struct

from application.memories.edit_memories import PUBLIC
from application.memories.import_memories import SHOWN
from application.plugins.plugin_reviews import PluginReviews
from application.plugins.tool_keys import WHOSE
from application.questions.chat_sessions import CHAT_SESSION
from application.users.accounts import EVERYBODY
from application.users.archived_settings import FLAGS, SETS
from domain.ids import PluginId, UserId
from ports.key_value_store import KeyValueStore

_NAMES = frozenset(
    {"account", CHAT_SESSION, "emotional_message", "geolocation", "mcp_keys", "onboarding", "voices", *FLAGS, *SETS}
)
_FAMILIES = (
    "app_notices:",
    "developer:",
    "facts:",
    "integration_keys:",
    "mcp_keys:",
    "streams:",
    "voices:",
)
"""How keys of a user go on behind `users:{user}:`, besides what others may add."""
_OWNED = (SHOWN, WHOSE, "push_addresses:")
"""Keys whose value is a user."""
_TASKS = "emotion_tasks:"
_REVIEWS = re.compile(r"plugins:(.*):reviews", re.DOTALL)


class _Task(Struct, frozen=True):
    user: str = ""


class UserValues:
    """Finds and removes all of a user's."""

    def __init__(self, values: KeyValueStore, *, forget_heard: Callable[[UserId], Awaitable[None]]) -> None:
        """Keeps what it works with.

        Args:
            values: where they are.
            forget_heard: has whoever remembers a user's voices by heart forget them.
        """
        self._values = values
        self._forget_heard = forget_heard

    async def count(self, user: UserId) -> int:
        """How many keys are about a user. Raises TemporarilyUnavailable."""
        return len(await self._keys(user)) + (user in await self._values.members(EVERYBODY))

    async def erase(self, user: UserId) -> None:
        """Removes them. Raises TemporarilyUnavailable."""
        await self._forget_heard(user)
        await self._values.remove_member(EVERYBODY, user)
        keys = await self._keys(user)
        for key in keys:
            if key.startswith(SHOWN):
                await self._values.remove_member(PUBLIC, key.removeprefix(SHOWN))
        for key in keys:
            await self._values.delete(key)
        # what was taken out of sets goes from the disk with the next thing that is deleted: there is always one
        await self._values.delete(f"users:{user}:")

    async def _keys(self, user: UserId) -> list[str]:
        start = f"users:{user}:"
        found = [key for key in await self._values.keys(start) if _is_own(key.removeprefix(start))]
        owned = [key for prefix in _OWNED for key in await self._values.keys(prefix)]
        found += [key for key in owned if await self._values.get(key) == _bytes(user)]
        tasks = await self._values.keys(_TASKS)
        found += [key for key in tasks if _user_of(await self._values.get(key)) == user]
        return found


class UserReviews:
    """What a user thinks of plugins, those that are gone among them."""

    def __init__(self, values: KeyValueStore, *, reviews: PluginReviews) -> None:
        self._values = values
        self._reviews = reviews

    async def plugins(self, user: UserId) -> list[PluginId]:
        """Of which plugins the user wrote. Raises TemporarilyUnavailable."""
        keys = map(_REVIEWS.fullmatch, await self._values.keys("plugins:"))
        known = [PluginId(found[1]) for found in keys if found]
        return [plugin for plugin in known if user in await self._reviews.of(plugin)]

    async def count(self, user: UserId) -> int:
        """How many there are. Raises TemporarilyUnavailable."""
        return len(await self.plugins(user))

    async def erase(self, user: UserId) -> None:
        """Removes them. Raises TemporarilyUnavailable."""
        for plugin in await self.plugins(user):
            await self._reviews.remove(plugin, user)


def _is_own(rest: str) -> bool:
    """Whether a key that begins with a user is theirs, and not of another user whose name goes on with a colon."""
    _, *parts = rest.split(":")
    tails = (":".join(parts[at:]) for at in range(len(parts)))
    return not any(tail in _NAMES or tail.startswith(_FAMILIES) for tail in tails)


def _user_of(task: bytes | None) -> str | None:
    try:
        return None if task is None else msgspec.json.decode(task, type=_Task).user
    except msgspec.MsgspecError:
        return None


def _bytes(user: UserId) -> bytes:
    return user.encode(errors="replace")
