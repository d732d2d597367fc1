"""Writing an archive while taking note of what is in it."""

from collections.abc import AsyncIterable, AsyncIterator
from hashlib import sha256

import msgspec

from application.users.archive_format import MANIFEST, FileNote, Manifest, json
from application.users.user_data import Told
from domain.ids import UserId
from ports.archive import ArchiveWriter
from ports.errors import Rejected

_AT_ONCE = 64 << 10
"""Bytes of lines that are handed on together."""


class NotedArchive:
    """Adds files, and in the end the manifest that tells of them."""

    def __init__(self, writer: ArchiveWriter, *, told: Told) -> None:
        self._writer = writer
        self._told = told
        self._files: dict[str, FileNote] = {}
        self.counts: dict[str, int] = {}
        """Lines of each table that was added."""

    async def add(self, name: str, content: bytes) -> None:
        """Adds a file. Raises Rejected, TemporarilyUnavailable."""
        await self._add(name, _once(content))

    async def add_table(self, name: str, values: AsyncIterable[object]) -> None:
        """Adds values, a line of JSON each, as they come.

        Raises:
            Rejected: one holds text that is no text.
            TemporarilyUnavailable: not written, or a store failed.
        """
        self.counts[name] = 0
        await self._add(name, self._lines(name, values))

    async def finish(self, user: UserId) -> None:
        """Adds the manifest."""
        manifest = Manifest(user=user, counts=self.counts, files=self._files)
        await self._writer.add(MANIFEST, _once(json(manifest)))

    async def _add(self, name: str, content: AsyncIterable[bytes]) -> None:
        digest, size = sha256(), 0

        async def noted() -> AsyncIterator[bytes]:
            nonlocal size
            async for piece in content:
                digest.update(piece)
                size += len(piece)
                yield piece

        await self._writer.add(name, noted())
        self._files[name] = FileNote(size=size, sha256=digest.hexdigest())

    async def _lines(self, name: str, values: AsyncIterable[object]) -> AsyncIterator[bytes]:
        lines = bytearray()
        encoder = msgspec.json.Encoder()
        async for value in values:
            try:
                lines += encoder.encode(value) + b"\n"
            except UnicodeEncodeError:
                # from None: the cause carries the text
                raise Rejected(f"{name}: a line of it would hold text that is not valid Unicode") from None
            self.counts[name] += 1
            self._told(name, self.counts[name])
            if len(lines) >= _AT_ONCE:
                yield bytes(lines)
                lines.clear()
        yield bytes(lines)


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
