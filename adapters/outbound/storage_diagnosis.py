"""How a folder of stored values does: can more be written, is there space, are the databases whole."""

import sqlite3
import tempfile
import time
from collections.abc import Iterable
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path
from shutil import disk_usage

import anyio.to_thread

from adapters.outbound.storage_errors import translated
from adapters.outbound.user_folder import create
from ports.diagnosis import Condition, Diagnosis
from ports.errors import TemporarilyUnavailable

LEAST_FREE = 200 * 1000 * 1000
"""Bytes. With less free, warn: a day of audio takes about as much."""
MOST_CHECKED = 16
"""Databases. Those written last are checked; there may be one for each of many users."""
TIME_TO_CHECK = 2.0
"""Seconds for all of them."""
_STEPS_BETWEEN_LOOKS = 10_000


async def diagnosed(folder: Path, *, databases: str | None = None, least_free: int = LEAST_FREE) -> Diagnosis:
    """Looks at a folder and at the databases in it that match a pattern. Does not raise."""
    return await anyio.to_thread.run_sync(partial(_look, folder, databases, least_free))


def _look(folder: Path, databases: str | None, least_free: int) -> Diagnosis:
    try:
        with translated(folder):
            _write_something(folder)
            free = disk_usage(folder).free
            broken, checked = _integrity(folder.glob(databases) if databases else ())
    except TemporarilyUnavailable as error:
        remedy = f"make {folder} writable, free space on its disk or set OMI_DATA_DIR to another folder"
        return Diagnosis(condition=Condition.BROKEN, finding=str(error), remedy=remedy)
    if broken is not None:
        remedy = "restore its folder from a backup, or move the file away to start it afresh"
        return Diagnosis(condition=Condition.BROKEN, finding=f"{broken} is damaged", remedy=remedy)
    space = f"{free // 1_000_000:,} MB free in {folder}"
    if free < least_free:
        return Diagnosis(
            condition=Condition.DEGRADED,
            finding=f"only {space}",
            remedy=f"free {least_free // 1_000_000:,} MB or set OMI_DATA_DIR to a folder on a larger disk",
        )
    whole = f", {checked} databases checked and whole" if databases else ""
    return Diagnosis(condition=Condition.WORKING, finding=f"writable, {space}{whole}")


def _write_something(folder: Path) -> None:
    create(folder)
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"0" * 4096)
        file.flush()


def _integrity(paths: Iterable[Path]) -> tuple[Path | None, int]:
    """The first damaged database among those written last, and how many were looked at."""
    newest_first = sorted(paths, key=lambda path: path.stat().st_mtime, reverse=True)
    deadline = time.monotonic() + TIME_TO_CHECK
    checked = 0
    for path in islice(newest_first, MOST_CHECKED):
        if time.monotonic() > deadline:
            break
        if not _is_whole(path, deadline):
            return path, checked
        checked += 1
    return None, checked


def _is_whole(path: Path, deadline: float) -> bool:
    """Whether nothing wrong was found in a database. Stops looking when time is over."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=1.0)) as connection:
        connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS_BETWEEN_LOOKS)
        try:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode in {sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_BUSY}:
                return True
            raise
        except sqlite3.DatabaseError:
            return False
    return str(verdict) == "ok"
