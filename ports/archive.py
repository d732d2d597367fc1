"""Files in one file, to be handed to somebody."""

from collections.abc import AsyncIterable, AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol


class ArchiveWriter(Protocol):
    """An archive that is being written."""

    async def add(self, name: str, content: AsyncIterable[bytes]) -> None:
        """Adds a file while its content comes. The same files in the same order make the same archive, to the byte.

        Args:
            name: where it lies, with `/` between folders, as `ArchiveReader` takes it.
            content: in pieces of whatever length. It may fail: then the archive is not to be finished.

        Raises:
            Rejected: the name is not safe to unpack, or is taken.
            TemporarilyUnavailable: not written; StorageFull among them.
        """
        ...


class ArchiveReader(Protocol):
    """An archive of unknown origin: whatever opened is safe to go through, not more."""

    @property
    def files(self) -> Mapping[str, int]:
        """Names and sizes in bytes, in the order they lie there. Each name is relative, clean and there once."""
        ...

    def read(self, name: str) -> AsyncIterator[bytes]:
        """The content of a file in pieces of at most a mebibyte; no more than its size says.

        Raises (from the iteration):
            NotFound: there is no such file.
            Rejected: it is damaged.
            TemporarilyUnavailable: the archive cannot be read.
        """
        ...


class Archive(Protocol):
    """A format of archives."""

    def create(self, path: Path) -> AbstractAsyncContextManager[ArchiveWriter]:
        """Makes an archive. It is at its place, whole, when the context is left without an error, and never else.

        Raises:
            Conflict: something is there already.
            TemporarilyUnavailable: it cannot be written there.
        """
        ...

    def open(self, path: Path) -> AbstractAsyncContextManager[ArchiveReader]:
        """Opens an archive.

        Raises:
            NotFound: there is none.
            Rejected: it is none, is cut off, or is built to harm: names that lead elsewhere or are there twice, links,
                files that grow beyond all measure.
            TemporarilyUnavailable: it cannot be read.
        """
        ...
