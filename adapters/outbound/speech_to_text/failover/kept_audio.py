"""Audio that no recognizer has finalized yet: in memory, and on disk when it gets long."""

import os
import tempfile
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from msgspec import Struct

from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFrame

MOST_IN_MEMORY = 16 * SAMPLE_RATE * SAMPLE_BYTES
"""Bytes: 16 seconds, half a mebibyte. A healthy recognizer needs two or three."""


class _Spilled(Struct, frozen=True, gc=False):
    """A frame that lies in the file."""

    start: int
    end: int
    offset: int


class KeptAudio:
    """Frames in order, from the first one that may be needed again.

    What is beyond the memory goes to an unlinked temporary file: it is gone with the process, whose journal
    has the audio anyway.
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
        while self._bytes > self._most:
            self._spill(self._frames.popleft())

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
            if spilled.start < end and spilled.end > start:
                yield _cut(self._read(spilled), start, end)
        for frame in tuple(self._frames):
            if frame.start < end and frame.end > start:
                yield _cut(frame, start, end)

    def _spill(self, frame: AudioFrame) -> None:
        """Writes a frame to the end of the file: 320 bytes, which the system takes without waiting for the disk."""
        if self._file is None:
            self._file, name = tempfile.mkstemp(dir=self._folder, prefix="omi-kept-")
            Path(name).unlink()
        os.pwrite(self._file, frame.pcm, self._offset)
        self._spilled.append(_Spilled(frame.start, frame.end, self._offset))
        self._offset += len(frame.pcm)
        self._bytes -= len(frame.pcm)

    def _read(self, spilled: _Spilled) -> AudioFrame:
        if self._file is None:
            raise RuntimeError("the kept audio was closed")
        length = (spilled.end - spilled.start) * SAMPLE_BYTES
        return AudioFrame(spilled.start, os.pread(self._file, length, spilled.offset))


def _cut(frame: AudioFrame, start: int, end: int) -> AudioFrame:
    behind = max(frame.end - end, 0) * SAMPLE_BYTES
    frame = frame.since(start)
    return AudioFrame(frame.start, frame.pcm[: len(frame.pcm) - behind]) if behind else frame
