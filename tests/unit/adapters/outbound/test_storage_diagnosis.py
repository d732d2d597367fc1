"""How a folder of stored values does."""

from contextlib import closing
from pathlib import Path

import pytest

from adapters.outbound.sqlite_connection import Schema, opened
from adapters.outbound.storage_diagnosis import diagnosed
from ports.diagnosis import Condition

SCHEMA = Schema([["CREATE TABLE things (name TEXT)", "CREATE INDEX by_name ON things (name)"]])
PATTERN = "users/*/things.db"


@pytest.fixture
def a_database(tmp_path: Path) -> Path:
    path = tmp_path / "users" / "someone" / "things.db"
    with closing(opened(path, SCHEMA)) as connection:
        connection.executemany("INSERT INTO things VALUES (?)", [(f"thing {n}" * 20,) for n in range(500)])
    return path


@pytest.mark.usefixtures("a_database")
async def test_a_writable_folder_with_whole_databases_works(tmp_path: Path) -> None:
    diagnosis = await diagnosed(tmp_path, databases=PATTERN, least_free=1)
    assert diagnosis.condition is Condition.WORKING
    assert "1 databases checked" in diagnosis.finding


async def test_a_folder_that_is_not_there_yet_works(tmp_path: Path) -> None:
    diagnosis = await diagnosed(tmp_path / "new" / "data", databases=PATTERN, least_free=1)
    assert diagnosis.condition is Condition.WORKING


async def test_little_space_is_a_warning_with_a_remedy(tmp_path: Path) -> None:
    diagnosis = await diagnosed(tmp_path, least_free=1 << 60)
    assert diagnosis.condition is Condition.DEGRADED
    assert "MB free" in diagnosis.finding
    assert "OMI_DATA_DIR" in diagnosis.remedy


async def test_a_folder_that_cannot_be_written_is_broken(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    diagnosis = await diagnosed(tmp_path / "file" / "data")
    assert diagnosis.condition is Condition.BROKEN
    assert "writable" in diagnosis.remedy


async def test_a_damaged_database_is_broken_and_named(a_database: Path, tmp_path: Path) -> None:
    content = bytearray(a_database.read_bytes())
    content[3 * 4096 : 5 * 4096] = b"\xa5" * (2 * 4096)
    a_database.write_bytes(content)
    diagnosis = await diagnosed(tmp_path, databases=PATTERN, least_free=1)
    assert diagnosis.condition is Condition.BROKEN
    assert str(a_database) in diagnosis.finding


async def test_what_is_no_database_is_broken_and_named(a_database: Path, tmp_path: Path) -> None:
    a_database.write_bytes(b"not a database" * 1000)
    diagnosis = await diagnosed(tmp_path, databases=PATTERN, least_free=1)
    assert diagnosis.condition is Condition.BROKEN
    assert str(a_database) in diagnosis.finding
