"""The key that tokens of this installation are signed with."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from adapters.outbound.storage_errors import translated
from adapters.outbound.user_folder import create
from ports.errors import Rejected

SIZE = 32
"""Bytes."""


def secret_key(path: Path) -> bytes:
    """The key in a file, which is made at first. Of many processes that come first at once, all get the same.

    Raises:
        Rejected: what is in the file is no key.
        TemporarilyUnavailable: the file can be neither read nor made.
    """
    with translated(path):
        if not path.exists():
            _make(path)
        key = path.read_bytes()
    if len(key) != SIZE:
        raise Rejected(f"{path} holds {len(key)} bytes and not {SIZE}; restore it, or remove it: then all tokens end")
    return key


def _make(path: Path) -> None:
    """A link appears whole or not at all, and never replaces what is there."""
    create(path.parent)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, secrets.token_bytes(SIZE))
        os.fsync(file)
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        os.close(file)
        draft.unlink()
