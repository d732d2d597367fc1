"""What users say of themselves, kept by user."""

from collections.abc import Callable

import msgspec

from domain.ids import UserId
from domain.user import Account
from ports.key_value_store import KeyValueStore

EVERYBODY = "accounts"
"""Set of the users who have an account."""


class Accounts:
    """Reads and changes accounts. One that was never written is as good as an empty one."""

    def __init__(self, *, store: KeyValueStore) -> None:
        self._store = store

    async def get(self, user: UserId) -> Account:
        """The account of a user. Raises TemporarilyUnavailable."""
        kept = await self._store.get(_key(user))
        return Account() if kept is None else msgspec.json.decode(kept, type=Account)

    async def language(self, user: UserId) -> str:
        """What a user reads, as a tag; empty for any. Raises TemporarilyUnavailable."""
        return (await self.get(user)).language

    async def translated_to(self, user: UserId, spoken: str) -> str:
        """What a conversation in a language is told in, too; empty for nothing. Raises TemporarilyUnavailable."""
        return (await self.get(user)).translated_to(spoken)

    async def preferred_app(self, user: UserId) -> str:
        """The plugin whose result a user wants first; empty for none. Raises TemporarilyUnavailable."""
        return (await self.get(user)).preferred_app

    async def update(self, user: UserId, change: Callable[[Account], Account]) -> Account:
        """Changes an account; makes it where there is none. Raises TemporarilyUnavailable."""
        account = change(await self.get(user))
        await self._store.put(_key(user), msgspec.json.encode(account))
        await self._store.add_member(EVERYBODY, user)
        return account

    async def delete(self, user: UserId) -> None:
        """Forgets an account. Raises TemporarilyUnavailable."""
        await self._store.delete(_key(user))
        await self._store.remove_member(EVERYBODY, user)

    async def everybody(self) -> frozenset[UserId]:
        """All users with an account. Raises TemporarilyUnavailable."""
        return frozenset(UserId(user) for user in await self._store.members(EVERYBODY))


def _key(user: UserId) -> str:
    return f"users:{user}:account"
