"""What the text index in SQLite leaves in its file."""

import sqlite3
from contextlib import closing
from pathlib import Path

import anyio

from adapters.outbound.search_database import search_file
from adapters.outbound.text_index.sqlite import SqliteTextIndex
from domain.ids import MemoryId, UserId
from ports.text_index import Passage

ANN = UserId("ann")
TRIP, WORK = MemoryId("trip"), MemoryId("work")


def left(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def sweeps(folder: Path) -> tuple[int, int]:
    """How often words were struck out, and how many of those times they were also removed."""
    with closing(sqlite3.connect(search_file(folder, ANN))) as connection:
        struck_out, swept = connection.execute("SELECT struck_out, swept FROM sweeps").fetchone()
    return struck_out, swept


async def test_what_a_crash_left_between_striking_out_and_sweeping_goes_when_deleting_is_repeated(
    tmp_path: Path,
) -> None:
    async with SqliteTextIndex(tmp_path) as index:
        await index.put(ANN, TRIP, [Passage(TRIP, 1, "Zanzibar")])
        await index.put(ANN, TRIP, [])
    assert b"zanzibar" in left(tmp_path), "struck out, not swept: as after a crash"
    async with SqliteTextIndex(tmp_path) as index:
        await index.delete(ANN, TRIP)
    assert b"zanzibar" not in left(tmp_path)


async def test_nothing_is_swept_where_nothing_was_struck_out(tmp_path: Path) -> None:
    async with SqliteTextIndex(tmp_path) as index:
        await index.put(ANN, TRIP, [Passage(TRIP, 1, "Zanzibar")])
        await index.delete(ANN, TRIP)
        await index.delete(ANN, TRIP)
        await index.delete(ANN, WORK)
    assert sweeps(tmp_path) == (1, 1)


async def test_many_that_are_deleted_at_once_all_leave_nothing(tmp_path: Path) -> None:
    words = [f"quux{number}" for number in range(12)]
    async with SqliteTextIndex(tmp_path) as index:
        for word in words:
            await index.put(ANN, MemoryId(word), [Passage(MemoryId(word), 1, word)])
        with anyio.fail_after(5):
            async with anyio.create_task_group() as tasks:
                for word in words:
                    tasks.start_soon(index.delete, ANN, MemoryId(word))
        assert b"quux" not in left(tmp_path)
    assert sweeps(tmp_path) == (12, 12)
