"""Opening SQLite files."""

import stat
from contextlib import closing
from pathlib import Path

import pytest

from adapters.outbound.sqlite_connection import Schema, opened
from ports.errors import TemporarilyUnavailable

FIRST = ["CREATE TABLE things (name TEXT)"]
SECOND = ["ALTER TABLE things ADD COLUMN size INTEGER", "UPDATE things SET size = 1"]


def test_a_new_file_has_all_versions(tmp_path: Path) -> None:
    with closing(opened(tmp_path / "a" / "b" / "things.db", Schema([FIRST, SECOND]))) as connection:
        assert connection.execute("SELECT name, size FROM things").fetchall() == []
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)


def test_an_older_file_is_brought_forward_with_what_it_holds(tmp_path: Path) -> None:
    with closing(opened(tmp_path / "things.db", Schema([FIRST]))) as connection:
        connection.execute("INSERT INTO things VALUES ('one')")
    with closing(opened(tmp_path / "things.db", Schema([FIRST, SECOND]))) as connection:
        assert connection.execute("SELECT name, size FROM things").fetchall() == [("one", 1)]


def test_a_newer_file_is_left_alone(tmp_path: Path) -> None:
    with closing(opened(tmp_path / "things.db", Schema([FIRST, SECOND]))):
        pass
    with pytest.raises(TemporarilyUnavailable, match="version 2"):
        opened(tmp_path / "things.db", Schema([FIRST]))


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    with closing(opened(tmp_path / "things.db", Schema([FIRST]))):
        pass
    with pytest.raises(Exception, match="nonsense"):
        opened(tmp_path / "things.db", Schema([FIRST, [*SECOND, "nonsense"]]))
    with closing(opened(tmp_path / "things.db", Schema([FIRST]))) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert [row[1] for row in connection.execute("PRAGMA table_info(things)")] == ["name"]


def test_files_wait_for_each_other_and_survive_a_killed_process(tmp_path: Path) -> None:
    with closing(opened(tmp_path / "things.db", Schema([FIRST]))) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (1,)
        assert connection.execute("PRAGMA busy_timeout").fetchone() == (10_000,)
        assert connection.execute("PRAGMA secure_delete").fetchone() == (1,)


def test_files_are_closed_to_others(tmp_path: Path) -> None:
    with closing(opened(tmp_path / "things.db", Schema([FIRST]))):
        assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
