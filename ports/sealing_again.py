"""Stores that seal anew what they hold: what lies in the clear, and what older keys have sealed."""

from typing import Protocol, runtime_checkable

from msgspec import Struct

from domain.ids import UserId


class Resealed(Struct, frozen=True):
    """What was done."""

    seen: int = 0
    """Values that were looked at."""
    sealed: int = 0
    """Of these, those that were sealed anew."""


@runtime_checkable
class SealsAgain(Protocol):
    """A store that can do so while others read and write it."""

    async def seal_again(self, user: UserId) -> Resealed:
        """Seals everything of a user with the key that seals now; what is sealed with it stays as it is.

        Cut off at any moment, it can be done again. Values that live for a time only may be gone afterwards.

        Raises:
            TemporarilyUnavailable, NotFound: a value cannot be opened, or not be written.
            Rejected: there are no keys, or the settings refuse to read what is in the clear.
        """
        ...


class NoticesKeys(Protocol):
    """Tells how what was read lies in its store."""

    def begin(self) -> None:
        """From here on it is noticed."""
        ...

    def is_outdated(self, values: int) -> bool:
        """Whether any of so many values that were read was in the clear, or sealed with an older key."""
        ...
