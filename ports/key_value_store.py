"""Small values that many parts share: caches, flags, sets, leases."""

from datetime import timedelta
from typing import Protocol


class KeyValueStore(Protocol):
    """Keys are any text of at most 1,000 characters; values are bytes. Raises TemporarilyUnavailable throughout."""

    async def get(self, key: str) -> bytes | None:
        """The value; None when there is none or its time is over."""
        ...

    async def put(self, key: str, value: bytes, *, lifetime: timedelta | None = None) -> None:
        """Stores a value, for a time or for good."""
        ...

    async def put_if_absent(self, key: str, value: bytes, *, lifetime: timedelta | None = None) -> bool:
        """Stores a value where there is none; says whether it did. Of many callers at once one succeeds."""
        ...

    async def delete(self, key: str) -> None:
        """Forgets a value or a set; nothing happens when there is none."""
        ...

    async def add_member(self, key: str, member: str) -> None:
        """Adds to a set. Sets and values live under keys of their own."""
        ...

    async def remove_member(self, key: str, member: str) -> None:
        """Takes out of a set; nothing happens when it is not in."""
        ...

    async def members(self, key: str) -> frozenset[str]:
        """What a set holds; empty when there is none."""
        ...

    async def keys(self, prefix: str) -> tuple[str, ...]:
        """Keys of values and sets that start with a prefix, sorted. Values whose time is over may be among them.

        Looks at everything there is: for erasing, not for every day.
        """
        ...
