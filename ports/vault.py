"""Keys of users: what is kept of somebody is sealed with keys that are theirs alone."""

from datetime import datetime
from typing import Protocol

from msgspec import Struct

from domain.ids import UserId


class UserKeys(Protocol):
    """The keys of one user, at hand: nothing waits. May be used by several threads at once."""

    def seal(self, content: bytes, *, purpose: bytes) -> bytes:
        """The content, readable for nobody without the key, and changed by nobody unnoticed.

        Args:
            content: any bytes.
            purpose: which value it is. It opens for the same user and the same purpose alone.

        Raises:
            Rejected: these keys are for reading alone.
        """
        ...

    def open(self, stored: bytes, *, purpose: bytes) -> bytes:
        """What was sealed. What was stored before there were keys comes back as it is.

        Raises:
            TemporarilyUnavailable: it was changed, or it is another user's or another value.
            NotFound: its key has been erased.
            Rejected: it is sealed and there is no vault; or it is not sealed, and the settings want nothing such.
        """
        ...

    def is_current(self, stored: bytes) -> bool:
        """Whether a value is sealed with the key that seals now: not in the clear, and not with an older one."""
        ...

    def derived(self, purpose: bytes) -> "UserKeys":
        """Keys made of these for one purpose, such as one conversation; what one of them tells is not told of others.

        The same purpose gives the same keys, at any time.
        """
        ...

    def token_key(self, purpose: bytes) -> bytes | None:
        """32 bytes to hash words with, the same for as long as the user has keys; None where words stay as they are."""
        ...


class VaultState(Struct, frozen=True, kw_only=True):
    """How things stand with the keys."""

    users: int = 0
    """How many have keys."""
    data_keys: int = 0
    to_rewrap: int = 0
    """Users whose keys are not wrapped with the newest master key yet: a rotation has not ended."""
    oldest: datetime | None = None
    """Since when the oldest of the newest keys of all users has been in use."""
    newest: datetime | None = None
    """From when on the newest of all keys seals. May lie ahead: every server is to know it by then."""
    master: str = ""
    """Name of the newest master key, which tells nothing of it; empty where there is none."""
    kept_in: str = ""
    """Where keys and master key are, in words."""


class Vault(Protocol):
    """The keys of all users. Raises TemporarilyUnavailable and Rejected throughout."""

    async def keys(self, user: UserId) -> UserKeys:
        """The keys of a user, made where there are none yet."""
        ...

    async def known(self, user: UserId) -> UserKeys:
        """As `keys`, but none are made: where there are none, they read what is not sealed and seal nothing."""
        ...

    def present(self, user: UserId) -> UserKeys | None:
        """As `keys`, at once: for who cannot wait. None where that takes waiting and nobody has waited before."""
        ...

    async def erase(self, user: UserId) -> None:
        """Forgets the keys of a user: nothing that was sealed with them opens again, wherever there are copies.

        Other servers may use them for half a minute more. Nothing happens when there are none.
        """
        ...

    async def count(self, user: UserId) -> int:
        """How many keys a user has."""
        ...

    async def rotate(self) -> int:
        """Wraps all keys with the newest master key, and gives every user a new key for what is sealed from now on.

        Ends what a rotation has left that was cut off. What is sealed already stays as it is and can be read.

        Returns:
            How many users' keys were wrapped anew.
        """
        ...

    async def state(self) -> VaultState:
        """How things stand."""
        ...
