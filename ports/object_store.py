"""Where large things are kept: recordings, profiles, samples."""

from datetime import timedelta
from typing import Protocol

from msgspec import Struct

from domain.ids import UserId


class LinkedObject(Struct, frozen=True, kw_only=True):
    """What a link leads to."""

    key: str
    content: bytes


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

    async def link(self, user: UserId, key: str, *, lifetime: timedelta) -> str:
        """An address where anybody who has it gets the object, for a while. It cannot be guessed or changed.

        Returns:
            An absolute address, or a path on our own server, which asks `linked` for what it serves there.

        Raises:
            NotFound: there is no such object.
            TemporarilyUnavailable: no link could be made.
        """
        ...

    async def linked(self, token: str) -> LinkedObject:
        """What the last part of a path leads to that `link` gave.

        Raises:
            NotFound: its time is over, it is not ours, or the object is gone.
            TemporarilyUnavailable: not read.
        """
        ...
