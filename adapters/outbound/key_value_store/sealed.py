"""Values of any key-value store, those sealed that tell something of a user: account, whereabouts, own addresses.

The others are words of the program: that something is switched on, whose lease it is, which memory is shown.
"""

import re
from datetime import timedelta

from adapters.outbound.sealed_store import SealedStore
from adapters.outbound.vault.sealed_value import purpose_of
from domain.ids import UserId
from ports.key_value_store import KeyValueStore
from ports.sealing_again import Resealed

_PERSONAL = re.compile(
    r"users:(.*):(?:account|geolocation|onboarding|developer:webhook:[a-z_]+|voices:(?!lease$)[^:]+)", re.DOTALL
)
"""Keys of values that are sealed, and whose they are."""
_PASSING = re.compile(r"users:.*:(?:geolocation|onboarding|voices:[^:]+)", re.DOTALL)
"""Keys of values that live for a time: nobody can tell how much of it is left."""


class SealedKeyValueStore(SealedStore[KeyValueStore]):
    """Seals some of what goes into a store and opens it when it comes out."""

    async def get(self, key: str) -> bytes | None:
        """The value; None when there is none or its time is over."""
        stored, user = await self._store.get(key), _user(key)
        if stored is None or user is None:
            return stored
        return (await self._vault.known(user)).open(stored, purpose=_purpose(key))

    async def put(self, key: str, value: bytes, *, lifetime: timedelta | None = None) -> None:
        """Stores a value, for a time or for good."""
        await self._store.put(key, await self._sealed(key, value), lifetime=lifetime)

    async def put_if_absent(self, key: str, value: bytes, *, lifetime: timedelta | None = None) -> bool:
        """Stores a value where there is none; says whether it did. Of many callers at once one succeeds."""
        return await self._store.put_if_absent(key, await self._sealed(key, value), lifetime=lifetime)

    async def delete(self, key: str) -> None:
        """Forgets a value or a set; nothing happens when there is none."""
        await self._store.delete(key)

    async def add_member(self, key: str, member: str) -> None:
        """Adds to a set. Sets are not sealed."""
        await self._store.add_member(key, member)

    async def remove_member(self, key: str, member: str) -> None:
        """Takes out of a set; nothing happens when it is not in."""
        await self._store.remove_member(key, member)

    async def members(self, key: str) -> frozenset[str]:
        """What a set holds; empty when there is none."""
        return await self._store.members(key)

    async def keys(self, prefix: str) -> tuple[str, ...]:
        """Keys of values and sets that start with a prefix, sorted."""
        return await self._store.keys(prefix)

    async def seal_again(self, user: UserId) -> Resealed:
        """Seals the values of a user with the key that seals now; see the port. Passing ones go: they come again."""
        keys = await self._vault.keys(user)
        seen = sealed = 0
        for key in await self._store.keys(f"users:{user}:"):
            stored = await self._store.get(key) if _user(key) == user else None
            if stored is None:
                continue
            seen += 1
            if not keys.is_current(stored):
                await self._write_again(key, stored)
                sealed += 1
        if sealed:
            await self._store.delete(f"users:{user}:")  # whoever deletes has the log of a database emptied
        return Resealed(seen, sealed)

    async def _write_again(self, key: str, stored: bytes) -> None:
        value = await self.get(key)
        if _PASSING.fullmatch(key):
            await self._store.delete(key)
        elif value is not None and await self._store.get(key) == stored:  # else somebody has just written it
            await self.put(key, value)

    async def _sealed(self, key: str, value: bytes) -> bytes:
        user = _user(key)
        return value if user is None else (await self._vault.keys(user)).seal(value, purpose=_purpose(key))


def _user(key: str) -> UserId | None:
    found = _PERSONAL.fullmatch(key)
    return UserId(found.group(1)) if found else None


def _purpose(key: str) -> bytes:
    return purpose_of("value", key)
