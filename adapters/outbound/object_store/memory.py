"""Objects in memory."""

import secrets
from datetime import timedelta

from adapters.outbound.clock.system import SystemClock
from adapters.outbound.keys import checked
from adapters.outbound.object_store import signed_links
from domain.ids import UserId
from ports.clock import Clock
from ports.errors import NotFound
from ports.object_store import LinkedObject


class InMemoryObjectStore:
    """Objects that go with the process. Keys of more than 1,000 characters are Rejected."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._secret = secrets.token_bytes(32)
        self._users: dict[UserId, dict[str, bytes]] = {}

    async def put(self, user: UserId, key: str, content: bytes) -> None:
        """Stores an object; replaces an earlier one."""
        self._users.setdefault(user, {})[checked(key)] = bytes(content)

    async def get(self, user: UserId, key: str) -> bytes:
        """An object. Raises NotFound."""
        try:
            return self._users.get(user, {})[checked(key)]
        except KeyError:
            raise NotFound("the user has no object of this name") from None

    async def delete(self, user: UserId, key: str) -> None:
        """Removes an object; nothing happens when there is none."""
        self._users.get(user, {}).pop(checked(key), None)

    async def list(self, user: UserId, prefix: str = "") -> tuple[str, ...]:
        """Keys of a user that start with a prefix, sorted."""
        return tuple(sorted(key for key in self._users.get(user, {}) if key.startswith(prefix)))

    async def link(self, user: UserId, key: str, *, lifetime: timedelta) -> str:
        """A signed path on our own server. Raises NotFound."""
        await self.get(user, key)
        target = signed_links.target_of(user, key, until=self._clock.now() + lifetime)
        return signed_links.link(target, secret=self._secret)

    async def linked(self, token: str) -> LinkedObject:
        """What a link leads to. Raises NotFound."""
        target = signed_links.target(token, secret=self._secret, now=self._clock.now())
        user, key = signed_links.place_of(target)
        return LinkedObject(key=key, content=await self.get(user, key))
