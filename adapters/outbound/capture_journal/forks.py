"""Where servers went on with journals of others: what a file has beyond such a place is its own."""

from msgspec import Struct


class Fork(Struct, frozen=True):
    """Where a server went on, or where the journal ended."""

    offset: int
    """Bytes of records before it."""
    length: int
    """Bytes by which what follows is known; 0 where the journal ended."""
    digest: str
    """SHA-1 of these."""


def told(lines: bytes) -> tuple[Fork, ...]:
    """As Redis keeps them: a line for each."""
    parts = (line.split() for line in lines.decode().splitlines())
    return tuple(Fork(int(offset), int(length), digest) for offset, length, digest in parts)
