"""The last speech of a session, kept until its words are known."""

from bisect import bisect_left, bisect_right
from collections import deque
from itertools import islice
from operator import attrgetter

from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFrame

MOST = 60 * SAMPLE_RATE
"""Samples that are kept. Words that come later than that are identified at the end, from the journal."""


class VoiceTrack:
    """Frames in order of time. What they hold is shared with whoever sends them: nothing is copied."""

    def __init__(self) -> None:
        self._frames: deque[AudioFrame] = deque()

    def append(self, frame: AudioFrame) -> None:
        """Takes speech that is sent to the recognizer. Called for every packet."""
        frames = self._frames
        frames.append(frame)
        while frame.start - frames[0].start > MOST:
            frames.popleft()

    def cut(self, start: int, end: int) -> bytes:
        """The audio between two positions, as far as it is there: mono, signed 16-bit little-endian, 16 kHz."""
        first = bisect_right(self._frames, start, key=_end)
        last = bisect_left(self._frames, end, lo=first, key=_start)
        frames = list(islice(self._frames, first, last))
        edges = [part.pcm for frame in frames[:1] + frames[1:][-1:] if (part := frame.between(start, end))]
        return b"".join([*edges[:1], *(frame.pcm for frame in frames[1:-1]), *edges[1:]])

    def forget(self, position: int) -> None:
        """Audio before a position is not asked for any more."""
        for _ in range(bisect_right(self._frames, position, key=_end)):
            self._frames.popleft()


_start, _end = attrgetter("start"), attrgetter("end")


def middle(start: int, end: int, *, longest: int) -> tuple[int, int]:
    """The middle of a stretch that is too long: a voice is told as well by three seconds as by thirty."""
    spare = max(0, end - start - longest) // 2
    return start + spare, min(end, start + spare + longest)


def length(pcm: bytes) -> int:
    """Samples in a piece of audio."""
    return len(pcm) // SAMPLE_BYTES
