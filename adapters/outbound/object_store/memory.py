"""Objects in memory."""

from adapters.outbound.keys import checked
from domain.ids import UserId
from ports.errors import NotFound


class InMemoryObjectStore:
    """Objects that go with the process. Keys of more than 1,000 characters are Rejected."""

    def __init__(self) -> None:
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
