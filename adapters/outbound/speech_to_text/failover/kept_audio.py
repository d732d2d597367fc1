"""Audio that no recognizer has finalized yet: in memory, and on disk when it gets long."""

import os
import tempfile
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from msgspec import Struct

from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFrame, samples

MOST_IN_MEMORY = 16 * SAMPLE_RATE * SAMPLE_BYTES
"""Bytes: 16 seconds, half a mebibyte. A healthy recognizer needs two or three."""

PIECE = samples(0.1)
"""Samples of the frames in which spilled audio comes back: as it would have come from the client."""


class _Spilled(Struct):
    """Audio without a cut that lies in the file in one piece."""

    start: int
    end: int
    offset: int


class KeptAudio:
    """Frames in order, from the first one that may be needed again.

    What is beyond the memory goes to an unlinked temporary file: it is gone with the process, whose journal
    has the audio anyway. When the disk is full, the memory has to do.
    """

    def __init__(self, *, folder: Path | None = None, most_in_memory: int = MOST_IN_MEMORY) -> None:
        self._folder = folder
        self._most = most_in_memory
        self._spilled: deque[_Spilled] = deque()
        self._frames: deque[AudioFrame] = deque()
        self._bytes = 0
        self._file: int | None = None
        self._offset = 0

    def __enter__(self) -> "KeptAudio":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    @property
    def in_memory(self) -> int:
        """Bytes."""
        return self._bytes

    def add(self, frame: AudioFrame) -> None:
        """Keeps a frame that lies behind all before it."""
        self._frames.append(frame)
        self._bytes += len(frame.pcm)
        while self._bytes > self._most and self._spill(self._frames[0]):
            self._bytes -= len(self._frames.popleft().pcm)

    def forget(self, position: int) -> None:
        """Audio before a position will not be needed again."""
        while self._spilled and self._spilled[0].end <= position:
            self._spilled.popleft()
        if not self._spilled:
            self._offset = 0
        while self._frames and self._frames[0].end <= position:
            self._bytes -= len(self._frames.popleft().pcm)

    def between(self, start: int, end: int) -> Iterator[AudioFrame]:
        """What is kept of a stretch, in order, cut to it. Frames may be added meanwhile."""
        for spilled in tuple(self._spilled):
            for at in range(max(spilled.start, start), min(spilled.end, end), PIECE):
                yield self._read(spilled, at, min(at + PIECE, spilled.end, end))
        for frame in tuple(self._frames):
            if (part := frame.between(start, end)) is not None:
                yield part

    def _spill(self, frame: AudioFrame) -> bool:
        """Writes a frame to the end of the file, which the system takes without waiting for the disk."""
        try:
            if self._file is None:
                self._file, name = tempfile.mkstemp(dir=self._folder, prefix="omi-kept-")
                Path(name).unlink()
            if os.pwrite(self._file, frame.pcm, self._offset) < len(frame.pcm):
                return False
        except OSError:
            return False
        last = self._spilled[-1] if self._spilled else None
        if last is not None and last.end == frame.start:
            last.end = frame.end
        else:
            self._spilled.append(_Spilled(frame.start, frame.end, self._offset))
        self._offset += len(frame.pcm)
        return True

    def _read(self, spilled: _Spilled, start: int, end: int) -> AudioFrame:
        if self._file is None:
            raise RuntimeError("the kept audio was closed")
        offset = spilled.offset + (start - spilled.start) * SAMPLE_BYTES
        return AudioFrame(start, os.pread(self._file, (end - start) * SAMPLE_BYTES, offset))
