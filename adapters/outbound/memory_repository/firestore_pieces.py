"""What is too large for one document of Firestore, as documents that are not.

A list is cut into groups, a group that is large itself into parts; a part is a document `{n}-{hash}`, compressed by
zstd. The hash is that of what is in it: a part that is there already need not be written again, and nobody who reads
meets a part of another version than the one they are looking for. A `+` behind it says that the group goes on in the
next one.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import zstandard
from msgspec import Struct

from adapters.outbound.user_encryption import Protection, UserCipher
from ports.errors import TemporarilyUnavailable

T = TypeVar("T")
LARGEST = 240 * 1024
"""Bytes of a part before it is compressed, so that not even noise makes a document of more than 256 KiB."""
MOST_BYTES = 64 * LARGEST
_FEW = 1_000
"""Items that are probably one group."""
_GOES_ON = "+"
_LEVEL = 3
"""Of compression: higher ones take four times as long and gain three hundredths on speech."""


class Part(Struct, frozen=True):
    """What goes into one document."""

    name: str
    content: bytes
    """Neither compressed nor encrypted yet; empty for one that lies there already."""


def parts_of(items: Sequence[T], *, encode: Callable[[Any], bytes], protection: Protection) -> list[Part]:
    """The parts of a list.

    Args:
        items: in an order that grows at its end, so that parts at its beginning stay what they are.
        encode: writes down an item, or a list of items.
        protection: of the documents; they have other names when it is another one.
    """
    if len(items) <= _FEW:
        written = encode(items)  # in one go: item by item takes three times as long
        if len(written) + len(items) <= LARGEST - 16:
            return named_parts([written] if items else [], protection=protection)
    return named_parts((encode(group) for group in _groups(items, encode)), protection=protection)


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


def _groups(items: Sequence[T], encode: Callable[[Any], bytes]) -> Iterable[list[T]]:
    group: list[T] = []
    size = 0
    for item in items:
        length = len(encode(item)) + 1  # a comma, or the bytes of a longer list's head
        if group and size + length > LARGEST - 16:
            yield group
            group, size = [], 0
        group.append(item)
        size += length
    if group:
        yield group


def _damaged() -> TemporarilyUnavailable:
    return TemporarilyUnavailable("a stored memory cannot be read: it is damaged")
