"""Links that carry what they lead to and until when, signed: nothing is stored for them."""

import base64
import binascii
import hmac
from datetime import datetime

import msgspec
from msgspec import Struct

from adapters.outbound.keys import key_bytes, key_text
from domain.ids import UserId
from ports.errors import NotFound

PATH = "/v1/objects/"
LONGEST = 16_384
"""Characters of a token. A longer one is not even looked at."""
_SIGNATURE = 32


class Target(Struct, frozen=True, array_like=True):
    """What a link leads to."""

    user: bytes
    key: bytes
    until: int
    """Seconds of Unix time."""


def link(target: Target, *, secret: bytes) -> str:
    """The path of a link."""
    content = msgspec.msgpack.encode(target)
    signed = hmac.digest(secret, content, "sha256") + content
    return PATH + base64.urlsafe_b64encode(signed).rstrip(b"=").decode()


def target(token: str, *, secret: bytes, now: datetime) -> Target:
    """What a token leads to. Raises NotFound, whatever is wrong with it."""
    content = _verified(token, secret) if len(token) <= LONGEST else None
    if content is None:
        raise NotFound("the link is none that was given out here")
    found = msgspec.msgpack.decode(content, type=Target)
    if found.until < now.timestamp():
        raise NotFound("the time of the link is over")
    return found


def target_of(user: UserId, key: str, *, until: datetime) -> Target:
    """A target; names are any text, lone surrogates too."""
    return Target(key_bytes(user), key_bytes(key), int(until.timestamp()))


def place_of(found: Target) -> tuple[UserId, str]:
    """User and key of a target."""
    return UserId(key_text(found.user)), key_text(found.key)


def _verified(token: str, secret: bytes) -> bytes | None:
    try:
        signed = base64.b64decode(token.encode("ascii") + b"=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None
    signature, content = signed[:_SIGNATURE], signed[_SIGNATURE:]
    return content if hmac.compare_digest(signature, hmac.digest(secret, content, "sha256")) else None
