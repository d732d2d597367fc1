"""What a token has to say, however it was proved."""

import re
from datetime import UTC, datetime
from typing import TypeGuard

from domain.errors import Unauthenticated
from domain.ids import UserId
from ports.authenticator import Principal

LONGEST_USER = 1_000
"""Characters."""
LEEWAY = 10.0
"""Seconds by which the clocks of issuer and judge may differ."""
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_LAST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()


def refused() -> Unauthenticated:
    """The one refusal: a stranger learns nothing from how it is put."""
    return Unauthenticated("the token is missing, wrong or expired")


def principal(*, user: object, expires: object, not_before: object, now: datetime) -> Principal:
    """Who it is, from the claims of a proven token. Times in seconds since 1970, or None.

    Raises:
        Unauthenticated: the user cannot be a user, or it is too late or too early.
    """
    if not is_user(user):
        raise refused()
    if not_before is not None and _moment(not_before) > now.timestamp() + LEEWAY:
        raise refused()
    if expires is None:
        return Principal(user=UserId(user))
    end = _moment(expires)
    if end <= now.timestamp() - LEEWAY:
        raise refused()
    return Principal(user=UserId(user), expires_at=datetime.fromtimestamp(end, UTC))


def is_user(claim: object) -> TypeGuard[str]:
    """Whether somebody can be called that: JSON can hold half characters, which no database takes."""
    return isinstance(claim, str) and 0 < len(claim) <= LONGEST_USER and not _HALF_CHARACTER.search(claim)


def _moment(claim: object) -> float:
    """Raises Unauthenticated when it is none: not a number, not a boolean, neither NaN nor beyond the calendar."""
    if isinstance(claim, bool) or not isinstance(claim, int | float) or not 0 <= claim <= _LAST:
        raise refused()
    return float(claim)
