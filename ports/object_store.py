"""Where large things are kept: recordings, profiles, samples."""

from typing import Protocol

from domain.ids import UserId


class ObjectStore(Protocol):
    """Bytes by user and key. Keys are any text of at most 1,000 characters, `/` for structure."""

    async def put(self, user: UserId, key: str, content: bytes) -> None:
        """Stores an object whole or not at all; replaces an earlier one.

        Raises:
            TemporarilyUnavailable: not stored; StorageFull among them.
        """
        ...

    async def get(self, user: UserId, key: str) -> bytes:
        """An object.

        Raises:
            NotFound: there is none.
            TemporarilyUnavailable: not read.
        """
        ...

    async def delete(self, user: UserId, key: str) -> None:
        """Removes an object; nothing happens when there is none. Raises TemporarilyUnavailable."""
        ...

    async def list(self, user: UserId, prefix: str = "") -> tuple[str, ...]:
        """Keys of a user that start with a prefix, sorted. Raises TemporarilyUnavailable."""
        ...
