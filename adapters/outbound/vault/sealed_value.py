r"""How a sealed value lies: `"\0ov" | version | key's name (4) | nonce (12) | ciphertext | tag (16)`.

The beginning, the user and the purpose are authenticated with it. 36 bytes more than what was sealed.
"""

from struct import Struct as Layout

from adapters.outbound.keys import key_bytes
from adapters.outbound.vault.aes_gcm import NONCE, TAG

MAGIC = b"\0ov"
"""No value that stores write in the clear begins so: neither JSON nor zlib, FLAC, RIFF or a picture."""
VERSION = b"\x01"
BEGINNING = MAGIC + VERSION
KEY_NAME = 4
HEAD = len(BEGINNING) + KEY_NAME
OVERHEAD = HEAD + NONCE + TAG
_length = Layout("<I").pack


def is_sealed(stored: bytes) -> bool:
    """Whether a value is a sealed one, of whatever version."""
    return stored.startswith(MAGIC)


def context(user: bytes) -> bytes:
    """What is authenticated of a user. Its length goes before it, so that no user and purpose make another's."""
    return _length(len(user)) + user


def place_of(*parts: bytes) -> bytes:
    """The purpose of a value, of what says where it lies; no two lists of parts give the same."""
    return b"".join(context(part) for part in parts)


def purpose_of(*parts: str) -> bytes:
    """The purpose of a value, of words."""
    return place_of(*(key_bytes(part) for part in parts))
