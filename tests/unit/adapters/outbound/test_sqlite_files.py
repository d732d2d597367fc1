"""Many SQLite files, some of them open."""

import shutil
import sqlite3
from pathlib import Path

import anyio
import psutil
import pytest

from adapters.outbound.sqlite_connection import Schema
from adapters.outbound.sqlite_files import SqliteFiles
from ports.errors import StorageFull, TemporarilyUnavailable

SCHEMA = Schema([["CREATE TABLE things (name BLOB)"]])
FILES_OF_A_CONNECTION = 3  # the database, its log, the log's index


def insert(connection: sqlite3.Connection, *, size: int = 1) -> None:
    connection.execute("INSERT INTO things VALUES (zeroblob(?))", (size,))


def count(connection: sqlite3.Connection) -> int:
    return connection.execute("SELECT count(*) FROM things").fetchone()[0]


def open_files() -> int:
    return psutil.Process().num_fds()


async def test_what_was_written_is_read(tmp_path: Path) -> None:
    async with SqliteFiles(SCHEMA) as files:
        await files.write(tmp_path / "a.db", insert)
        assert await files.read(tmp_path / "a.db", count) == 1
        assert await files.read(tmp_path / "b.db", count) == 0


async def test_an_error_undoes_the_whole_of_the_work_and_passes(tmp_path: Path) -> None:
    def insert_and_fail(connection: sqlite3.Connection) -> None:
        insert(connection)
        raise LookupError

    async with SqliteFiles(SCHEMA) as files:
        await files.write(tmp_path / "a.db", insert)
        with pytest.raises(LookupError):
            await files.write(tmp_path / "a.db", insert_and_fail)
        assert await files.read(tmp_path / "a.db", count) == 1


async def test_a_full_file_loses_nothing_and_takes_more_when_there_is_space(tmp_path: Path) -> None:
    def insert_too_much(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA max_page_count = 10")
        insert(connection, size=1_000_000)

    async with SqliteFiles(SCHEMA) as files:
        await files.write(tmp_path / "a.db", insert)
        with pytest.raises(StorageFull):
            await files.write(tmp_path / "a.db", insert_too_much)
        await files.write(tmp_path / "a.db", insert)
        assert await files.read(tmp_path / "a.db", count) == 2


async def test_hundreds_of_files_keep_a_bounded_number_open(tmp_path: Path) -> None:
    before = open_files()
    async with SqliteFiles(SCHEMA, threads=2, idle=5) as files:
        async with anyio.create_task_group() as tasks:
            for number in range(120):
                tasks.start_soon(files.write, tmp_path / f"{number}.db", insert)
        assert open_files() - before <= 5 * FILES_OF_A_CONNECTION
        for number in range(120):
            assert await files.read(tmp_path / f"{number}.db", count) == 1


async def test_nothing_stays_open_behind_the_end(tmp_path: Path) -> None:
    before = open_files()
    async with SqliteFiles(SCHEMA) as files:
        async with anyio.create_task_group() as tasks:
            for number in range(40):
                tasks.start_soon(files.write, tmp_path / f"{number % 10}.db", insert)
        assert open_files() > before
    assert open_files() == before


async def test_a_file_whose_folder_was_removed_starts_anew(tmp_path: Path) -> None:
    folder = tmp_path / "user"
    async with SqliteFiles(SCHEMA) as files:
        await files.write(folder / "a.db", insert)
        shutil.rmtree(folder)
        assert await files.read(folder / "a.db", count) == 0
        await files.write(folder / "a.db", insert)
    async with SqliteFiles(SCHEMA) as files:
        assert await files.read(folder / "a.db", count) == 1


async def test_two_who_open_the_same_new_file_at_once_both_write(tmp_path: Path) -> None:
    async with SqliteFiles(SCHEMA) as one, SqliteFiles(SCHEMA) as other:
        async with anyio.create_task_group() as tasks:
            for number in range(40):
                tasks.start_soon((one, other)[number % 2].write, tmp_path / f"{number // 8}.db", insert)
        assert [await one.read(tmp_path / f"{number}.db", count) for number in range(5)] == [8] * 5


async def test_what_is_no_database_is_unavailable_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    foreign = b"somebody's own words, not a database at all" * 100
    path.write_bytes(foreign)
    async with SqliteFiles(SCHEMA) as files:
        for use in (files.read(path, count), files.write(path, insert)):
            with pytest.raises(TemporarilyUnavailable) as raised:
                await use
            assert str(raised.value) == "a.db: the database failed (SQLITE_NOTADB)"
    assert path.read_bytes() == foreign


async def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with SqliteFiles(SCHEMA) as files:
        with pytest.raises(TemporarilyUnavailable, match=r"ENOTDIR|EEXIST"):
            await files.write(tmp_path / "file" / "a.db", insert)
