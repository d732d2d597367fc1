"""How disks and databases fail, in the words of the ports."""

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ports.errors import StorageFull, TemporarilyUnavailable

_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})
_SQLITE_KIND = 0xFF
"""SQLite's extended codes carry the kind of failure in the lowest byte."""
_NOTHING_LEFT = 1 << 20
"""Bytes. With less than this free, an unexplained input/output error means that the disk is full."""


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turns failures of the block into errors of the ports. Messages name the file, never what is in it.

    Raises:
        StorageFull: no space is left.
        TemporarilyUnavailable: anything else went wrong on the disk or in the database.
    """
    try:
        yield
    except sqlite3.Error as error:
        reason = getattr(error, "sqlite_errorname", type(error).__name__)
        if _is_full(error, path):
            raise StorageFull(f"{path.name}: no space left ({reason})") from error
        raise TemporarilyUnavailable(f"{path.name}: the database failed ({reason})") from error
    except OSError as error:
        reason = errno.errorcode.get(error.errno or 0, type(error).__name__)
        if error.errno in _NO_SPACE:
            raise StorageFull(f"{path.name}: no space left ({reason})") from error
        raise TemporarilyUnavailable(f"{path.name}: the file system failed ({reason})") from error


def _is_full(error: sqlite3.Error, path: Path) -> bool:
    kind = getattr(error, "sqlite_errorcode", 0) & _SQLITE_KIND
    if kind == sqlite3.SQLITE_FULL:
        return True
    return kind in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN} and _free_bytes(path) < _NOTHING_LEFT


def _free_bytes(path: Path) -> int:
    try:
        return shutil.disk_usage(nearest_existing(path)).free
    except OSError:
        return _NOTHING_LEFT


def nearest_existing(path: Path) -> Path:
    """The path itself or the closest folder above it that is there."""
    return next(place for place in (path, *path.parents) if place.exists())
