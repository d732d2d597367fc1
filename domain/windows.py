"""A recording of any length, cut into windows that can be heard as a whole."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from domain.audio import SAMPLE_BYTES, AudioFrame


class WindowCutter:
    """Cuts frames into windows that overlap. Keeps no more than a window and a frame."""

    def __init__(self, *, length: int, step: int) -> None:
        """Windows of `length` samples, one every `step` samples."""
        self._length = length
        self._step = step
        self._start = 0
        self._pcm = bytearray()
        self._covered = 0
        """Position before which everything was in a window."""

    def add(self, frame: AudioFrame) -> Iterator[AudioFrame]:
        """The windows that a frame completes. Where frames do not touch, the last one before the gap is shorter."""
        if frame.start != self._end:
            yield from self.end()
            self._start = self._covered = frame.start
            self._pcm.clear()
        self._pcm += frame.pcm
        while self._end - self._start >= self._length:
            yield AudioFrame(self._start, bytes(self._pcm[: self._length * SAMPLE_BYTES]))
            self._covered = self._start + self._length
            del self._pcm[: self._step * SAMPLE_BYTES]
            self._start += self._step

    def end(self) -> Iterator[AudioFrame]:
        """The rest, if there is any that was in no window."""
        if self._end > self._covered:
            self._covered = self._end
            yield AudioFrame(self._start, bytes(self._pcm))

    @property
    def _end(self) -> int:
        return self._start + len(self._pcm) // SAMPLE_BYTES


def cores(windows: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of each window the part that lies nearer to its middle than to that of its neighbors: start and end.

    Args:
        windows: starts and ends, in order.
    """
    borders = [(earlier[1] + later[0]) // 2 for earlier, later in pairwise(windows)]
    starts = [start if k == 0 else max(start, borders[k - 1]) for k, (start, _) in enumerate(windows)]
    ends = [end if k == len(windows) - 1 else min(end, borders[k]) for k, (_, end) in enumerate(windows)]
    return list(zip(starts, ends, strict=True))
