"""What is too large for one document of Firestore, as documents that are not.

A list is cut into groups, a group that is large itself into parts; a part is a document `{n}-{hash}`, compressed by
zstd. The hash is that of what is in it: a part that is there already need not be written again, and nobody who reads
meets a part of another version than the one they are looking for. A `+` behind it says that the group goes on in the
next one.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

import zstandard
from msgspec import Struct

from adapters.outbound.user_encryption import Protection, UserCipher
from ports.errors import TemporarilyUnavailable

LARGEST = 240 * 1024
"""Bytes of a part before it is compressed, so that not even noise makes a document of more than 256 KiB."""
MOST_BYTES = 64 * LARGEST
_GOES_ON = "+"
_LEVEL = 1
"""Of compression: the usual one takes half as long again and gains two hundredths on half an hour of speech."""


class Part(Struct, frozen=True):
    """What goes into one document."""

    name: str
    content: bytes
    """Neither compressed nor encrypted yet; empty for one that lies there already."""


def named_parts(groups: Iterable[bytes], *, protection: Protection) -> list[Part]:
    """The parts of groups that are written down already."""
    parts: list[Part] = []
    for group in groups:
        for start in range(0, len(group), LARGEST):
            content = group[start : start + LARGEST]
            digest = hashlib.sha256(protection.encode() + content).hexdigest()[:24]
            mark = _GOES_ON if start + LARGEST < len(group) else ""
            parts.append(Part(f"{len(parts):04d}-{digest}{mark}", content))
    return parts


def groups_of(names: Sequence[str], contents: Mapping[str, bytes]) -> list[bytes]:
    """The groups that were written down, of parts as they came from `opened`."""
    groups, open_group = [], b""
    for name in names:
        open_group += contents[name]
        if not name.endswith(_GOES_ON):
            groups.append(open_group)
            open_group = b""
    return groups


def closed(content: bytes, *, user: str, cipher: UserCipher, protection: Protection) -> bytes:
    """A content as it is stored: compressed, and encrypted where that is wanted. Raises Rejected without a secret."""
    compressed = zstandard.ZstdCompressor(level=_LEVEL).compress(content)
    return compressed if protection is Protection.STANDARD else cipher.encrypt(user, compressed)


def opened(stored: object, *, user: str, cipher: UserCipher, protection: Protection) -> bytes:
    """A content as it was before it was stored.

    Raises:
        TemporarilyUnavailable: it is damaged, or encrypted with another secret.
        Rejected: it is encrypted and there is no secret.
    """
    if not isinstance(stored, bytes):
        raise _damaged()
    compressed = stored if protection is Protection.STANDARD else cipher.decrypt(user, stored)
    try:
        return zstandard.ZstdDecompressor().decompress(compressed, max_output_size=MOST_BYTES)
    except zstandard.ZstdError as error:
        raise _damaged() from error


def _damaged() -> TemporarilyUnavailable:
    return TemporarilyUnavailable("a stored memory cannot be read: it is damaged")
