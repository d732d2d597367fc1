"""Names that others chose, made safe to store. They may hold anything: `../`, NUL, a lone surrogate, nothing at all."""

import hashlib

from ports.errors import Rejected

LONGEST = 1_000
"""Characters of the longest key that key-value and object stores take."""


def key_bytes(text: str) -> bytes:
    """A name as bytes: each name has its own, and they sort as the names do."""
    return text.encode("utf-8", "surrogatepass")


def key_text(content: bytes) -> str:
    """The name that `key_bytes` was given."""
    return content.decode("utf-8", "surrogatepass")


def file_name(text: str) -> str:
    """A file name for a name: 64 hexadecimal digits, its own even where file systems ignore case."""
    return hashlib.sha256(key_bytes(text)).hexdigest()


def checked(key: str) -> str:
    """The key, if it is not too long.

    Raises:
        Rejected: it is.
    """
    if len(key) > LONGEST:
        raise Rejected(f"a key has at most {LONGEST:,} characters; this one has {len(key):,}")
    return key
