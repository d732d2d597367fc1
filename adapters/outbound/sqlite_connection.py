"""Opening a SQLite file so that it survives a killed process, waits its turn and has the tables it should have."""

import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

from msgspec import Struct

from adapters.outbound.user_folder import create
from ports.errors import TemporarilyUnavailable

PATIENCE = 10.0
"""Seconds that a statement waits for another connection's transaction."""
PRIVATE_FILE = 0o600
_SETTINGS = (
    "PRAGMA synchronous = NORMAL",
    "PRAGMA secure_delete = ON",  # what is removed for good is overwritten, not only unlinked
    "PRAGMA cache_size = -512",  # KiB. Many files are open at once; a user's own pages are few
    "PRAGMA journal_size_limit = 4194304",
)
_RETRY_AFTER = 0.01
"""Seconds. Changing to write-ahead logging is the one step for which SQLite itself does not wait."""
_KIND = 0xFF


class Schema(Struct, frozen=True):
    """What tables a file has. Versions only go forward; a file's own version is `PRAGMA user_version`."""

    migrations: Sequence[Sequence[str]]
    """Statements that lead from version `index` to version `index + 1`. Old entries are never edited."""


def opened(path: Path, schema: Schema) -> sqlite3.Connection:
    """A connection in autocommit mode to a file that is there and up to date. Any one thread at a time may use it.

    Raises:
        sqlite3.Error: the file cannot be used.
        OSError: its folder cannot be made.
        TemporarilyUnavailable: a newer program wrote the file.
    """
    create(path.parent)
    with suppress(FileExistsError):
        # never opened and closed once it exists: that would let go of the locks that this process holds on it
        path.touch(mode=PRIVATE_FILE, exist_ok=False)
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return _prepared(path, schema)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & _KIND != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(_RETRY_AFTER)


def blank(schema: Schema) -> sqlite3.Connection:
    """An empty database that leaves nothing on the disk."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    _migrate(connection, schema, name="an empty database")
    return connection


AT_ONCE, BETWEEN_ATTEMPTS = 1.0, 0.02
"""Seconds in which others who empty the log have done so, and between two looks."""


def empty_log(connection: sqlite3.Connection) -> None:
    """Has nothing left in the log: what was removed is gone from the disk.

    Raises:
        sqlite3.OperationalError: somebody reads what was there before, for longer than a statement waits.
    """
    deadline = time.monotonic() + AT_ONCE
    while True:
        is_busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if not is_busy:
            return
        if time.monotonic() >= deadline:
            raise sqlite3.OperationalError("what was removed is still being read")
        time.sleep(BETWEEN_ATTEMPTS)  # SQLite waits for readers itself, but not for who empties the log just now


def _prepared(path: Path, schema: Schema) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            connection.execute("PRAGMA journal_mode = WAL")
        for setting in _SETTINGS:
            connection.execute(setting)
        _migrate(connection, schema, name=path.name)
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection, schema: Schema, *, name: str) -> None:
    newest = len(schema.migrations)
    if _version(connection) == newest:
        return
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        found = _version(connection)  # again: another process may have been faster
        if found > newest:
            raise TemporarilyUnavailable(f"{name} is at version {found}; this program knows {newest} and no newer")
        for statements in schema.migrations[found:]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {newest:d}")


def _version(connection: sqlite3.Connection) -> int:
    with closing(connection.execute("PRAGMA user_version")) as cursor:
        return int(cursor.fetchone()[0])
