"""Reading an archive that anybody may have written: all of it is checked before any of it is used."""

from collections.abc import AsyncIterator
from hashlib import sha256
from typing import TypeVar

import msgspec
from msgspec import Struct

from application.users import archive_format as of
from application.users.archive_format import ArchivedSettings, Manifest, StoredFile
from application.users.archive_rows import ROWS, is_plausible
from application.users.user_data import Told
from ports.archive import ArchiveReader
from ports.errors import NotFound, Rejected

T = TypeVar("T")
LONGEST_LINE = 64 << 20
"""Bytes. The longest conversation that anybody had is far shorter."""
LARGEST_FILE = 512 << 20
"""Bytes of a file that is held in memory as a whole: an hour of sound takes a fifth of it, and is kept in parts."""
_LARGEST_MANIFEST = 256 << 20
_NOT_THE_FORMAT = f"not what version {of.VERSION} of the format has there"


class _Header(Struct, frozen=True):
    """What every version of the manifest says."""

    format: str = ""
    version: int = 0


class CheckedArchive:
    """An archive whose files are those that its manifest tells of, bit by bit."""

    def __init__(self, reader: ArchiveReader, manifest: Manifest) -> None:
        self._reader = reader
        self.manifest = manifest

    async def content(self, name: str) -> bytes:
        """A whole file.

        Raises:
            Rejected: there is none of that name, or it is too large.
            TemporarilyUnavailable: it cannot be read.
        """
        return await _whole(self._reader, name, largest=LARGEST_FILE)

    async def settings(self) -> ArchivedSettings:
        """What the user chose.

        Raises:
            Rejected: it is not what the format says.
            TemporarilyUnavailable: it cannot be read.
        """
        try:
            return msgspec.json.decode(await self.content(of.SETTINGS), type=ArchivedSettings)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise Rejected(f"{of.SETTINGS}: {_NOT_THE_FORMAT}") from error

    async def rows(self, name: str, kind: type[T]) -> AsyncIterator[T]:
        """The lines of a table, one after the other.

        Raises (from the iteration):
            Rejected: a line is not what the format says.
            TemporarilyUnavailable: it cannot be read.
        """
        decoder, number = msgspec.json.Decoder(kind), 0
        async for line in _lines(self._reader, name):
            number += 1
            try:
                row = decoder.decode(line)
            except (msgspec.MsgspecError, RecursionError) as error:
                raise Rejected(f"{name}, line {number}: {_NOT_THE_FORMAT}") from error
            if not is_plausible(row):
                raise Rejected(f"{name}, line {number}: a time without a zone, or a number that cannot be")
            yield row


async def checked(reader: ArchiveReader, told: Told) -> CheckedArchive:
    """Goes through an archive from its first to its last byte.

    Raises:
        Rejected: it is not one of ours, a newer Omi made it, or something in it is not as its manifest says.
        TemporarilyUnavailable: it cannot be read.
    """
    manifest = await _manifest(reader)
    _require_same_names(reader, manifest)
    for done, (name, note) in enumerate(manifest.files.items()):
        told("checking", done)
        digest = sha256()
        if reader.files[name] == note.size:
            async for piece in reader.read(name):
                digest.update(piece)
        if reader.files[name] != note.size or digest.hexdigest() != note.sha256:
            raise Rejected(f"{name} is not the file that the manifest tells of: it was changed or is damaged")
    archive = CheckedArchive(reader, manifest)
    await _require_rows(archive)
    await archive.settings()
    return archive


async def _manifest(reader: ArchiveReader) -> Manifest:
    try:
        content = await _whole(reader, of.MANIFEST, largest=_LARGEST_MANIFEST)
    except NotFound as error:
        raise Rejected(f"no archive of Omi: there is no {of.MANIFEST} in it") from error
    try:
        header = msgspec.json.decode(content, type=_Header)
        if header.format != of.FORMAT:
            raise Rejected(f"no archive of Omi: its format is {header.format[:40]!r}, not {of.FORMAT!r}")
        if header.version != of.VERSION:
            raise Rejected(f"an archive of version {header.version}; this Omi reads version {of.VERSION}")
        return msgspec.json.decode(content, type=Manifest)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Rejected(f"{of.MANIFEST} is not what the format says") from error


def _require_same_names(reader: ArchiveReader, manifest: Manifest) -> None:
    there = reader.files.keys() - {of.MANIFEST}
    for name in sorted(manifest.files.keys() - there):
        raise Rejected(f"{name} is missing from the archive")
    for name in sorted(there - manifest.files.keys()):
        raise Rejected(f"{name} is in the archive, and its manifest does not tell of it")
    for name in (*of.TABLES, of.SETTINGS):
        if name not in there:
            raise Rejected(f"{name} is missing from the archive")


async def _require_rows(archive: CheckedArchive) -> None:
    """Has every line read once, so that nothing is begun that cannot be ended."""
    for name, kind in ROWS.items():
        number = 0
        async for row in archive.rows(name, kind):
            number += 1
            if isinstance(row, StoredFile) and not (
                row.file in archive.manifest.files and row.file.startswith(of.STORED)
            ):
                raise Rejected(f"{name}, line {number}: there is no such file among the {of.STORED}")
        if archive.manifest.counts.get(name) != number:
            raise Rejected(f"{name} has {number:,} lines, and not as many as the manifest says")


async def _whole(reader: ArchiveReader, name: str, *, largest: int) -> bytes:
    if reader.files.get(name, 0) > largest:
        raise Rejected(f"{name} is larger than {largest >> 20} MiB")
    return b"".join([piece async for piece in reader.read(name)])


async def _lines(reader: ArchiveReader, name: str) -> AsyncIterator[bytes]:
    rest = b""
    async for piece in reader.read(name):
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            yield line
        if len(rest) > LONGEST_LINE:
            raise Rejected(f"{name} has a line of more than {LONGEST_LINE >> 20} MiB")
    if rest:
        yield rest
