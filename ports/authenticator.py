"""Who is there."""

from datetime import datetime
from typing import Protocol

from msgspec import Struct

from domain.ids import UserId


class Principal(Struct, frozen=True, kw_only=True):
    """Somebody who has proved who they are."""

    user: UserId
    expires_at: datetime | None = None
    """When the proof runs out; None: never."""


class Authenticator(Protocol):
    """Judges tokens."""

    async def authenticate(self, token: str) -> Principal:
        """Whose token it is.

        Raises:
            domain.errors.Unauthenticated: the token is wrong, expired, or not for us. Does not say which.
            TemporarilyUnavailable: it cannot be judged now.
        """
        ...
