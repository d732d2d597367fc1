"""Stretches of speech, packed into as few requests as their size allows, and measurements brought back to them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from msgspec import Struct

from domain.audio import SAMPLE_BYTES, SAMPLE_RATE
from domain.emotion import MeasuredEmotions
from ports.emotion_analyzer import VoiceWindow

LARGEST_REQUEST = 24_000_000
"""Bytes of audio; the vendor takes 25 MB with everything."""
PAUSE = 3 * SAMPLE_RATE // 2
"""Samples of silence between two stretches, so that they are heard as two."""
LEAST_SHARE = 0.5
"""Of a measurement that has to lie within a stretch to be counted for it."""
LEAST_SCORE = 0.05
"""Of hundreds of feelings most are at nothing; those are left out."""


class Expression(Struct, frozen=True):
    """A feeling as the vendor scores it."""

    name: str
    probability: float


class Measurement(Struct, frozen=True):
    """What the vendor heard in some seconds."""

    audio_start_ms: float
    audio_end_ms: float
    expressions: tuple[Expression, ...] = ()


class Packed(Struct, frozen=True):
    """Stretches for one request."""

    windows: tuple[VoiceWindow, ...]

    @property
    def pcm(self) -> bytes:
        """All of them, with pauses between."""
        return bytes(PAUSE * SAMPLE_BYTES).join(window.audio.pcm for window in self.windows)

    def unpacked(self, measurements: Sequence[Measurement]) -> Iterator[MeasuredEmotions]:
        """What was measured in each stretch: the mean of what was measured within it."""
        begin = 0
        for window in self.windows:
            length = window.audio.end - window.audio.start
            inside = [m for m in measurements if _share(m, begin, begin + length) > LEAST_SHARE]
            yield MeasuredEmotions(start=window.audio.start, end=window.audio.end, scores=_means(inside))
            begin += length + PAUSE


def packed(windows: Sequence[VoiceWindow], *, largest: int = LARGEST_REQUEST) -> Iterator[Packed]:
    """The stretches in as few requests as their size allows, in order."""
    batch: list[VoiceWindow] = []
    size = 0
    for window in windows:
        needed = len(window.audio.pcm) + PAUSE * SAMPLE_BYTES
        if batch and size + needed > largest:
            yield Packed(tuple(batch))
            batch, size = [], 0
        batch.append(window)
        size += needed
    if batch:
        yield Packed(tuple(batch))


def _share(measurement: Measurement, start: int, end: int) -> float:
    first, last = (ms * SAMPLE_RATE / 1_000 for ms in (measurement.audio_start_ms, measurement.audio_end_ms))
    return max(0.0, min(last, end) - max(first, start)) / max(1.0, last - first)


def _means(measurements: Sequence[Measurement]) -> dict[str, float]:
    found: defaultdict[str, float] = defaultdict(float)
    for measurement in measurements:
        for expression in measurement.expressions:
            found[expression.name.lower()] += max(0.0, min(1.0, expression.probability)) / len(measurements)
    return {name: score for name, score in found.items() if score >= LEAST_SCORE}
