"""ZIP files."""

import os
import zipfile
import zlib
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import IO, TypeVar

import anyio
import anyio.to_thread
from anyio import CapacityLimiter

from adapters.outbound.archive.entry_names import checked
from adapters.outbound.archive.zip_entries import files_of
from adapters.outbound.storage_errors import translated
from ports.archive import ArchiveReader, ArchiveWriter
from ports.errors import Conflict, NotFound, Rejected

R = TypeVar("R")

PIECE = 1 << 20
"""Bytes that are read or written in one go."""
UNFINISHED = ".part"
_PACKED = frozenset({".flac", ".jpg", ".jpeg", ".png", ".mp3", ".ogg", ".opus"})
"""What does not get smaller."""
_ALWAYS = (1980, 1, 1, 0, 0, 0)
"""When all files were changed, so that archives of the same files are the same."""
_MODE = 0o600
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
"""What `zipfile` raises at content that is not what it should be."""


class ZipArchive:
    """Reads and writes ZIP files a piece at a time."""

    def create(self, path: Path) -> AbstractAsyncContextManager[ArchiveWriter]:
        """Makes a file, in the end. Raises Conflict, TemporarilyUnavailable."""
        return _created(path)

    def open(self, path: Path) -> AbstractAsyncContextManager[ArchiveReader]:
        """Opens a file. Raises NotFound, Rejected, TemporarilyUnavailable."""
        return _opened(path)


@asynccontextmanager
async def _created(path: Path) -> AsyncIterator["ZipWriter"]:
    limiter = CapacityLimiter(1)
    unfinished = path.with_name(path.name + UNFINISHED)
    archive = await anyio.to_thread.run_sync(_begin, path, unfinished, limiter=limiter)
    is_whole = False
    try:
        yield ZipWriter(archive, path=path, limiter=limiter)
        is_whole = True
    finally:
        end = partial(_finish, archive, unfinished, path) if is_whole else partial(_abandon, archive, unfinished)
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(end, limiter=limiter)


def _begin(path: Path, unfinished: Path) -> zipfile.ZipFile:
    with translated(path):
        if path.exists():
            raise Conflict(f"{path} is there already")
        descriptor = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_TRUNC, _MODE)
        return zipfile.ZipFile(os.fdopen(descriptor, "w+b"), "w", strict_timestamps=True)


def _finish(archive: zipfile.ZipFile, unfinished: Path, path: Path) -> None:
    file = archive.fp
    with translated(path):
        archive.close()
        if file is not None:
            file.flush()
            os.fsync(file.fileno())
            file.close()
        unfinished.replace(path)


def _abandon(archive: zipfile.ZipFile, unfinished: Path) -> None:
    file = archive.fp
    archive.fp = None  # nothing is added to it any more, not even a list of what is in it
    if file is not None:
        file.close()
    unfinished.unlink(missing_ok=True)


class ZipWriter:
    """Adds files to an open ZIP file."""

    def __init__(self, archive: zipfile.ZipFile, *, path: Path, limiter: CapacityLimiter) -> None:
        self._archive = archive
        self._path = path
        self._limiter = limiter
        self._names: set[str] = set()

    async def add(self, name: str, content: AsyncIterable[bytes]) -> None:
        """Adds a file while its content comes; a small one in one go. Raises Rejected, TemporarilyUnavailable."""
        if checked(name) in self._names:
            raise Rejected(f"the archive has a file {name!r} already")
        self._names.add(name)
        waiting = bytearray()
        entry: IO[bytes] | None = None
        try:
            async for piece in content:
                waiting += piece
                if len(waiting) >= PIECE:
                    if entry is None:
                        entry = await self._in_thread(partial(self._begin, name))
                    await self._in_thread(partial(self._write, entry, bytes(waiting)))
                    waiting.clear()
            entry, last = None, entry
            await self._in_thread(partial(self._end, name, last, bytes(waiting)))
        finally:
            if entry is not None:  # cut off; the archive will not be finished
                with anyio.CancelScope(shield=True):
                    await self._in_thread(entry.close)

    async def _in_thread(self, work: Callable[[], R]) -> R:
        return await anyio.to_thread.run_sync(work, limiter=self._limiter)

    def _begin(self, name: str) -> IO[bytes]:
        info = zipfile.ZipInfo(name, _ALWAYS)
        info.external_attr = _MODE << 16
        packed = Path(name).suffix.lower() in _PACKED
        info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
        with translated(self._path):
            return self._archive.open(info, "w", force_zip64=True)

    def _write(self, entry: IO[bytes], content: bytes) -> None:
        with translated(self._path):
            entry.write(content)

    def _end(self, name: str, entry: IO[bytes] | None, content: bytes) -> None:
        entry = entry or self._begin(name)
        with translated(self._path):
            entry.write(content)
            entry.close()


@asynccontextmanager
async def _opened(path: Path) -> AsyncIterator["ZipReader"]:
    limiter = CapacityLimiter(1)
    archive, entries = await anyio.to_thread.run_sync(_look_into, path, limiter=limiter)
    try:
        yield ZipReader(archive, entries=entries, path=path, limiter=limiter)
    finally:
        archive.close()


def _look_into(path: Path) -> tuple[zipfile.ZipFile, dict[str, zipfile.ZipInfo]]:
    if not path.is_file():
        raise NotFound(f"{path}: there is no such file")
    with _readable(path, "the archive"):
        archive = zipfile.ZipFile(path)
        try:
            return archive, files_of(archive.infolist(), size=path.stat().st_size)
        except BaseException:
            archive.close()
            raise


class ZipReader:
    """Reads files of an open ZIP file."""

    def __init__(
        self, archive: zipfile.ZipFile, *, entries: Mapping[str, zipfile.ZipInfo], path: Path, limiter: CapacityLimiter
    ) -> None:
        self._archive = archive
        self._entries = entries
        self._sizes = {name: info.file_size for name, info in entries.items()}
        self._path = path
        self._limiter = limiter

    @property
    def files(self) -> Mapping[str, int]:
        """Names and sizes."""
        return self._sizes

    async def read(self, name: str) -> AsyncIterator[bytes]:
        """The content of a file. Raises NotFound, Rejected, TemporarilyUnavailable."""
        info = self._entries.get(name)
        if info is None:
            raise NotFound(f"the archive has no file {name!r}")
        if info.file_size <= PIECE:
            yield await self._in_thread(partial(self._small, info))
            return
        entry = await self._in_thread(partial(self._begin, info))
        try:
            while piece := await self._in_thread(partial(self._piece, entry, name)):
                yield piece
        finally:
            entry.close()

    async def _in_thread(self, work: Callable[[], R]) -> R:
        return await anyio.to_thread.run_sync(work, limiter=self._limiter)

    def _begin(self, info: zipfile.ZipInfo) -> IO[bytes]:
        with _readable(self._path, info.filename):
            return self._archive.open(info)

    def _small(self, info: zipfile.ZipInfo) -> bytes:
        with _readable(self._path, info.filename), self._archive.open(info) as entry:
            return entry.read()

    def _piece(self, entry: IO[bytes], name: str) -> bytes:
        with _readable(self._path, name):
            return entry.read(PIECE)


@contextmanager
def _readable(path: Path, what: str) -> Iterator[None]:
    """Turns what is wrong with a file into an error of the ports."""
    try:
        with translated(path):
            yield
    except _DAMAGED as error:
        raise Rejected(f"{path.name}: {what} is damaged, cut off or no ZIP file") from error
