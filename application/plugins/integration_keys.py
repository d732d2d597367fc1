"""Keys by which programs act for a user: one for each program and user, kept as a hash."""

import hmac
import secrets
from hashlib import sha256

from domain.errors import Unauthenticated
from domain.ids import UserId
from domain.integration import Integration, SharedKeys
from ports.key_value_store import KeyValueStore

_RANDOM_BYTES = 32
_NONE = bytes(32)
_LONGEST_USER = 900
"""Characters. Whoever brings an address longer than stores take has no key."""


class IntegrationKeys:
    """Gives out, takes back and checks keys."""

    def __init__(self, *, values: KeyValueStore, shared: SharedKeys | None = None) -> None:
        """Keeps what it works with.

        Args:
            values: where hashes are kept.
            shared: keys for all users alike; None, as it should be: there are none.
        """
        self._values = values
        self._shared = shared or SharedKeys()

    async def create(self, integration: Integration, user: UserId) -> str:
        """A new key; an earlier one is worth nothing any more. It is shown here and never again.

        Raises:
            TemporarilyUnavailable: not kept.
        """
        key = f"omi_{integration.value}_{secrets.token_urlsafe(_RANDOM_BYTES)}"
        await self._values.put(_place(integration, user), _hash(key))
        return key

    async def revoke(self, integration: Integration, user: UserId) -> None:
        """From now on, the key is worth nothing. Raises TemporarilyUnavailable."""
        await self._values.delete(_place(integration, user))

    async def check(self, integration: Integration, user: UserId, key: str) -> None:
        """Lets a program act for a user.

        Raises:
            Unauthenticated: that is not the key. Whether the user has one, or exists, is not told.
            TemporarilyUnavailable: not known now.
        """
        kept = await self._values.get(_place(integration, user)) if len(user) <= _LONGEST_USER else None
        given = _hash(key)
        is_own = hmac.compare_digest(kept or _NONE, given)
        shared = getattr(self._shared, integration.value)
        is_shared = hmac.compare_digest(_hash(shared) if shared else _NONE, given)
        if not (is_own or is_shared) or not 0 < len(user) <= _LONGEST_USER:
            raise Unauthenticated("Invalid API Key")


def _place(integration: Integration, user: UserId) -> str:
    return f"users:{user}:integration_keys:{integration.value}"


def _hash(key: str) -> bytes:
    """Keys are random and long, so one round is enough."""
    return sha256(key.encode(errors="surrogatepass")).digest()
