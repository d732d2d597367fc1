"""Values by user and identifier, gone with the process: what the in-memory stores are made of."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from adapters.outbound.codec import Codec
from domain.ids import UserId
from ports.errors import NotFound

T = TypeVar("T")


class InMemoryDocuments(Generic[T]):
    """Values of one type. They are kept encoded, so nobody can change what is stored by changing what they hold."""

    def __init__(self, kind: type[T], *, noun: str) -> None:
        self._noun = noun
        self._codec = Codec(kind, noun=noun)
        self._users: dict[UserId, dict[str, bytes]] = {}

    def save(self, user: UserId, identifier: str, value: T) -> None:
        """Stores a value; replaces an earlier one."""
        self._users.setdefault(user, {})[identifier] = self._codec.encode(value)

    def get(self, user: UserId, identifier: str) -> T:
        """A value.

        Raises:
            NotFound: there is none.
        """
        content = self._users.get(user, {}).get(identifier)
        if content is None:
            raise NotFound(f"the user has no such {self._noun}")
        return self._codec.decode(content)

    def delete(self, user: UserId, identifier: str) -> None:
        """Forgets a value; nothing happens when there is none."""
        self._users.get(user, {}).pop(identifier, None)

    def clear(self, user: UserId) -> None:
        """Forgets all values of a user."""
        self._users.pop(user, None)

    def values(self, user: UserId, *, by: Callable[[T], Any]) -> list[T]:
        """All values of a user in the order of their keys."""
        return sorted((self._codec.decode(content) for content in self._users.get(user, {}).values()), key=by)
