"""Objects as files."""

import os
import time
from pathlib import Path

import pytest

from adapters.outbound.object_store import stored_object
from adapters.outbound.object_store.files import FileObjectStore
from adapters.outbound.user_folder import user_folder
from domain.ids import UserId
from ports.diagnosis import Condition
from ports.errors import TemporarilyUnavailable

ME = UserId("me")


def test_a_write_that_fails_leaves_the_old_object_and_nothing_else(tmp_path: Path) -> None:
    stored_object.write(tmp_path, "key", b"old")
    with pytest.raises(TypeError):
        stored_object.write(tmp_path, "key", "text is not bytes")  # type: ignore[arg-type]
    assert stored_object.read(stored_object.place(tmp_path, "key")) == b"old"
    assert sorted(path.name for path in tmp_path.rglob("*")) == sorted(
        [stored_object.place(tmp_path, "key").name, "incoming"]
    )


def test_what_a_killed_process_left_is_removed_after_an_hour(tmp_path: Path) -> None:
    stored_object.write(tmp_path, "key", b"content")
    old, young = tmp_path / "incoming" / "old", tmp_path / "incoming" / "young"
    old.touch()
    young.touch()
    os.utime(old, (time.time() - 4000,) * 2)
    stored_object.write(tmp_path, "key", b"content")
    assert [path.name for path in (tmp_path / "incoming").iterdir()] == ["young"]


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 100])
def test_a_file_without_our_header_is_damaged(tmp_path: Path, content: bytes) -> None:
    path = stored_object.place(tmp_path, "key")
    path.write_bytes(content)
    with pytest.raises(TemporarilyUnavailable, match="damaged"):
        stored_object.read(path)


async def test_files_of_others_in_the_folder_are_no_objects(tmp_path: Path) -> None:
    async with FileObjectStore(tmp_path) as store:
        await store.put(ME, "key", b"content")
        (user_folder(tmp_path, ME) / "objects" / ".DS_Store").touch()
        assert await store.list(ME) == ("key",)


async def test_a_removed_folder_has_no_objects_and_takes_new_ones(tmp_path: Path) -> None:
    async with FileObjectStore(tmp_path) as store:
        await store.put(ME, "key", b"content")
        (user_folder(tmp_path, ME)).rename(tmp_path / "away")
        assert await store.list(ME) == ()
        await store.put(ME, "other", b"content")
        assert await store.list(ME) == ("other",)


async def test_a_store_on_a_writable_folder_works(tmp_path: Path) -> None:
    async with FileObjectStore(tmp_path) as store:
        assert (await store.diagnose()).condition is not Condition.BROKEN
