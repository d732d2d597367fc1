"""Where to go on in a list of memories, as a token that only this program makes."""

import base64
import binascii
import hashlib
import struct

from msgspec import Struct

from adapters.outbound.keys import key_bytes, key_text
from adapters.outbound.moments import microseconds
from domain.memory import Memory
from ports.errors import Rejected

_CREATED = struct.Struct(">q")
_CHECK = 4
"""Bytes of a checksum, so that a made-up token is told from one that was given out."""


class Cursor(Struct, frozen=True):
    """A place between two memories: behind the one with this time and identifier."""

    created: int
    """Microseconds from the start of 1970."""
    identifier: str

    @classmethod
    def behind(cls, memory: Memory) -> "Cursor":
        """The place behind a memory. It stays where it is when the memory goes."""
        return cls(microseconds(memory.created_at), memory.id)

    @classmethod
    def parse(cls, token: str) -> "Cursor":
        """The cursor of a token.

        Raises:
            Rejected: the token was not made here.
        """
        try:
            content = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
            place, check = content[:-_CHECK], content[-_CHECK:]
            (created,) = _CREATED.unpack(place[: _CREATED.size])
            cursor = cls(created, key_text(place[_CREATED.size :]))
        except (UnicodeError, binascii.Error, struct.error) as error:
            raise Rejected("the cursor is not one that was given out here") from error
        if check != _checksum(place) or token != cursor.token:
            raise Rejected("the cursor is not one that was given out here")
        return cursor

    @property
    def token(self) -> str:
        """The cursor for a URL: letters, digits, `-` and `_`."""
        place = _CREATED.pack(self.created) + key_bytes(self.identifier)
        return base64.urlsafe_b64encode(place + _checksum(place)).rstrip(b"=").decode("ascii")


def _checksum(place: bytes) -> bytes:
    return hashlib.sha256(b"memories " + place).digest()[:_CHECK]
