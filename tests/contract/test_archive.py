"""What every format of archives does."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.outbound.archive.zip import ZipArchive
from ports.archive import Archive
from ports.errors import Conflict, NotFound, Rejected
from tests.contract.harness import Harness, over

UNSAFE = [
    "",
    "/etc/passwd",
    "../up",
    "a/../../up",
    "a//b",
    "./a",
    "a/.",
    "C:/a",
    "a\\b",
    "a\x00b",
    "a\nb",
    "a/",
    "n" * 500,
]


@asynccontextmanager
async def zipped(_folder: Path) -> AsyncIterator[Archive]:
    yield ZipArchive()


HARNESSES: dict[str, Harness[Archive]] = {"zip": zipped}


@pytest.fixture(params=over("archive", HARNESSES))
async def archive(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Archive]:
    async with request.param(tmp_path) as ready:
        yield ready


async def pieces(content: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in content:
        yield piece


async def written(archive: Archive, path: Path, files: dict[str, list[bytes]]) -> None:
    async with archive.create(path) as writer:
        for name, content in files.items():
            await writer.add(name, pieces(content))


async def read(archive: Archive, path: Path) -> dict[str, bytes]:
    async with archive.open(path) as reader:
        return {name: b"".join([piece async for piece in reader.read(name)]) for name in reader.files}


async def test_what_was_added_is_read_back_in_order(archive: Archive, tmp_path: Path) -> None:
    files = {"b.txt": [b"one", b"two"], "folder/a.flac": [bytes(range(256)) * 9_000], "empty": [], "ü/🦄": [b""]}
    await written(archive, tmp_path / "it", files)
    found = await read(archive, tmp_path / "it")
    assert list(found) == list(files)
    assert found == {name: b"".join(content) for name, content in files.items()}


async def test_sizes_are_told(archive: Archive, tmp_path: Path) -> None:
    await written(archive, tmp_path / "it", {"a": [b"12345"], "b": []})
    async with archive.open(tmp_path / "it") as reader:
        assert reader.files == {"a": 5, "b": 0}


async def test_a_long_file_comes_in_pieces(archive: Archive, tmp_path: Path) -> None:
    await written(archive, tmp_path / "it", {"long": [bytes(range(256)) * 4_096] * 3})
    async with archive.open(tmp_path / "it") as reader:
        lengths = [len(piece) async for piece in reader.read("long")]
    assert sum(lengths) == 3 << 20
    assert max(lengths) <= 1 << 20


async def test_the_same_files_make_the_same_archive(archive: Archive, tmp_path: Path) -> None:
    for name in ("one", "other"):
        await written(archive, tmp_path / name, {"a": [b"1" * 5_000], "b.jpg": [b"2"]})
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


@pytest.mark.parametrize("name", UNSAFE)
async def test_no_file_gets_a_name_that_leads_elsewhere(archive: Archive, tmp_path: Path, name: str) -> None:
    with pytest.raises(Rejected):
        await written(archive, tmp_path / "it", {name: [b"content"]})
    assert list(tmp_path.iterdir()) == []


async def test_no_name_is_taken_twice(archive: Archive, tmp_path: Path) -> None:
    async with archive.create(tmp_path / "it") as writer:
        await writer.add("a", pieces([b"1"]))
        with pytest.raises(Rejected):
            await writer.add("a", pieces([b"2"]))


async def test_what_fails_halfway_leaves_nothing(archive: Archive, tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * (3 << 20)
        raise NotFound("gone")

    async def write() -> None:
        async with archive.create(tmp_path / "it") as writer:
            await writer.add("a", pieces([b"1"]))
            await writer.add("b", broken())

    with pytest.raises(NotFound):
        await write()
    assert list(tmp_path.iterdir()) == []


async def test_nothing_that_is_there_is_written_over(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "it").write_bytes(b"mine")
    with pytest.raises(Conflict):
        await written(archive, tmp_path / "it", {})
    assert (tmp_path / "it").read_bytes() == b"mine"


async def test_nobody_else_reads_an_archive(archive: Archive, tmp_path: Path) -> None:
    await written(archive, tmp_path / "it", {})
    assert (tmp_path / "it").stat().st_mode & 0o077 == 0


async def test_a_file_that_is_not_there_is_not_found(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        await read(archive, tmp_path / "nowhere")
    await written(archive, tmp_path / "it", {})
    async with archive.open(tmp_path / "it") as reader:
        with pytest.raises(NotFound):
            [piece async for piece in reader.read("a")]


@pytest.mark.parametrize("length", [0, 1, 40, 90, 300, -1, -30])
async def test_an_archive_that_is_cut_off_is_refused(archive: Archive, tmp_path: Path, length: int) -> None:
    await written(archive, tmp_path / "it", {"a": [bytes(range(256)) * 30], "b": [b"2"]})
    content = (tmp_path / "it").read_bytes()
    (tmp_path / "cut").write_bytes(content[:length])
    with pytest.raises(Rejected):
        await read(archive, tmp_path / "cut")


async def test_a_byte_that_was_changed_is_noticed(archive: Archive, tmp_path: Path) -> None:
    await written(archive, tmp_path / "it", {"a.jpg": [b"Lisbon"]})
    content = (tmp_path / "it").read_bytes()
    (tmp_path / "changed").write_bytes(content.replace(b"Lisbon", b"London"))
    with pytest.raises(Rejected):
        await read(archive, tmp_path / "changed")
