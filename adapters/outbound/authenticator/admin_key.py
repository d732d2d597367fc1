"""A key with which an operator acts as any user, as Omi's own backend has it: the key, and the user right behind it."""

import hmac

from adapters.outbound.authenticator.verdict import is_user
from adapters.outbound.keys import key_bytes
from domain.ids import UserId
from ports.errors import Rejected

SHORTEST = 16
"""Characters."""


def require_strong(key: str, setting: str) -> None:
    """Raises Rejected for a key that can be guessed. None at all is fine: then nobody acts as others."""
    if key and len(key) < SHORTEST:
        raise Rejected(f"{setting} has to have {SHORTEST} characters or more")


def acts_as(token: str, *, key: str) -> UserId | None:
    """The user behind the key; None when the token does not begin with the key, or nobody can be called the rest.

    Takes as long for a wrong key as for a right one.
    """
    said, user = token[: len(key)], token[len(key) :]
    if not hmac.compare_digest(key_bytes(said), key_bytes(key)) or not key or not is_user(user):
        return None
    return UserId(user)
