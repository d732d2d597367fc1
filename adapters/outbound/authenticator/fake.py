"""Tokens that can be told by heart, for tests."""

import re
from datetime import timedelta

from adapters.outbound.authenticator.verdict import principal, refused
from domain.ids import UserId
from ports.authenticator import Principal
from ports.clock import Clock

_TOKEN = re.compile(r"token-of-(?P<user>.*?)(?:-until-(?P<end>[0-9]+))?", re.DOTALL)


class FakeAuthenticator:
    """Believes whoever says `token-of-ann`. Proves nothing."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock

    def issue(self, user: UserId, *, lifetime: timedelta | None = None) -> str:
        """A token for a time or for good."""
        if lifetime is None:
            return f"token-of-{user}"
        return f"token-of-{user}-until-{int((self._clock.now() + lifetime).timestamp())}"

    async def authenticate(self, token: str) -> Principal:
        """Whose token it is.

        Raises:
            Unauthenticated: it is none, or expired.
        """
        said = _TOKEN.fullmatch(token)
        if said is None:
            raise refused()
        end = None if said["end"] is None else int(said["end"][:20])
        return principal(user=said["user"], expires=end, not_before=None, now=self._clock.now())
