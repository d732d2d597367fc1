"""Small files that nobody else reads: each appears whole, lasts, and is wiped when it goes."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from adapters.outbound.user_folder import create


def make(path: Path, content: bytes) -> bool:
    """Makes a file; says whether it did: of many who do at once, one succeeds. Raises OSError."""
    with _draft(path, content) as draft, suppress(FileExistsError):
        path.hardlink_to(draft)
        _make_lasting(path.parent)
        return True
    return False


def replace(path: Path, content: bytes) -> None:
    """Puts a file in the place of another, which is wiped. Raises OSError."""
    with _draft(path, content) as draft:
        former = path.with_name(f"{draft.name}.former")
        with suppress(FileNotFoundError):
            former.hardlink_to(path)
        draft.replace(path)
        _make_lasting(path.parent)
        remove(former)


def remove(path: Path) -> None:
    """Overwrites a file and takes it away; nothing happens when there is none. Raises OSError."""
    with suppress(FileNotFoundError):
        with path.open("r+b") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            file.write(bytes(size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        _make_lasting(path.parent)


@contextmanager
def _draft(path: Path, content: bytes) -> Iterator[Path]:
    create(path.parent)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, content)
        os.fsync(file)
        yield draft
    finally:
        os.close(file)
        draft.unlink(missing_ok=True)


def _make_lasting(folder: Path) -> None:
    """Has the folder's list of names on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
