"""ZIP files that somebody built to harm."""

import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.outbound.archive.zip import ZipArchive
from ports.errors import Rejected

MEBIBYTE = bytes(1 << 20)


async def refusal(path: Path) -> str:
    with pytest.raises(Rejected) as caught:
        await go_through(path)
    return str(caught.value)


async def go_through(path: Path) -> None:
    async with ZipArchive().open(path) as reader:
        for name in reader.files:
            async for _ in reader.read(name):
                pass


def plain(path: Path, *names: str) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), b"content")


def link(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        entry = zipfile.ZipInfo("people.jsonl")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, b"/etc/passwd")


def bomb(path: Path) -> None:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("bomb", "w") as file,
    ):
        for _ in range(64):
            file.write(MEBIBYTE)


def overlapping(path: Path) -> None:
    plain(path, "a", "b", "c")
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        start = archive.start_dir
    for _ in range(3):  # each says that it is as long as nearly the whole file
        content[start + 20 : start + 24] = (len(content) - 40).to_bytes(4, "little")
        start += 46 + 1
    path.write_bytes(content)


def encrypted(path: Path) -> None:
    plain(path, "a")
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        content[archive.start_dir + 8] |= 1
    path.write_bytes(content)


def noise(path: Path) -> None:
    path.write_bytes(os.urandom(5_000))


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("built", "said"),
    [
        (lambda path: plain(path, "../../up"), "unsafe name"),
        (lambda path: plain(path, "/etc/passwd"), "unsafe name"),
        (lambda path: plain(path, "a", "b\\..\\c"), "unsafe name"),
        (lambda path: plain(path, "C:/Windows"), "unsafe name"),
        (lambda path: plain(path, "a", "a"), "two files named 'a'"),
        (link, "a link"),
        (bomb, "grows beyond all measure"),
        (overlapping, "overlap"),
        (encrypted, "packed in an unknown way"),
        (noise, "no ZIP file"),
    ],
)
async def test_what_would_do_harm_is_refused_in_one_line(
    tmp_path: Path, built: Callable[[Path], None], said: str
) -> None:
    built(tmp_path / "it.zip")
    reason = await refusal(tmp_path / "it.zip")
    assert said in reason
    assert "\n" not in reason


async def test_a_size_that_is_a_lie_is_noticed(tmp_path: Path) -> None:
    plain(tmp_path / "it.zip", "a")
    content = bytearray((tmp_path / "it.zip").read_bytes())
    with zipfile.ZipFile(tmp_path / "it.zip") as archive:
        content[archive.start_dir + 24] = 3
    (tmp_path / "it.zip").write_bytes(content)
    assert "damaged" in await refusal(tmp_path / "it.zip")


async def test_folders_that_another_program_noted_do_not_matter(tmp_path: Path) -> None:
    plain(tmp_path / "it.zip", "files/", "files/a")
    async with ZipArchive().open(tmp_path / "it.zip") as reader:
        assert list(reader.files) == ["files/a"]
