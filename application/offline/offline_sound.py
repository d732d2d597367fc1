"""The sound of an upload on one clock, a file at a time in memory."""

from collections.abc import Awaitable, Callable, Sequence

from application.offline.capture_files import CaptureFile, PlacedFile
from domain.audio import SAMPLE_BYTES, AudioFrame
from domain.spans import Span, common

ReadFile = Callable[[CaptureFile], Awaitable[bytes]]
"""Gives the samples of a file. Raises TemporarilyUnavailable."""


class OfflineSound:
    """A `RecordedSound`: what the files hold of some stretches; silence between them."""

    def __init__(self, files: Sequence[PlacedFile], spans: Sequence[Span], *, read_file: ReadFile) -> None:
        self._files = tuple(files)
        self._spans = tuple(spans)
        self._read_file = read_file
        self._last: tuple[CaptureFile, bytes] | None = None
        self.end = max((end for _, end in spans), default=0)

    async def read(self, start: int, end: int) -> AudioFrame | None:
        """The audio of a stretch, from where there is some to where there is none any more."""
        pieces = [piece for file in self._files for piece in await self._pieces(file, start, end)]
        if not pieces:
            return None
        first, whole = pieces[0].start, bytearray()
        for piece in pieces:
            whole += bytes((piece.start - first) * SAMPLE_BYTES - len(whole)) + piece.pcm
        return AudioFrame(first, bytes(whole))

    async def _pieces(self, file: PlacedFile, start: int, end: int) -> list[AudioFrame]:
        wanted = common(common([(start, end)], self._spans), [(file.start, file.end)]) if start < end else []
        if not wanted:
            return []
        whole = AudioFrame(file.start - file.skipped, await self._samples(file.file))
        return [piece for span in wanted if (piece := whole.between(*span)) is not None]

    async def _samples(self, file: CaptureFile) -> bytes:
        if self._last is None or self._last[0] != file:
            self._last = None  # two are never in memory
            self._last = (file, await self._read_file(file))
        return self._last[1]
