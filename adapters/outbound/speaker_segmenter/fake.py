"""Pitches as voices. For tests of what lies behind the segmenter."""

from collections.abc import Iterator

import numpy as np

from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFrame
from domain.turns import LocalTurn, cut_at_overlap
from ports.errors import Rejected

WINDOW = 160_000
_BLOCK = 1600
_LOUD = 300.0
_VOICES = 3
_ONE_VOICE = 30.0
"""Hz around the pitch of a voice that are still its own."""


class FakeSpeakerSegmenter:
    """A loud tone is a voice, two tones of different pitch are two. At once, without a model or a thread."""

    window = WINDOW

    async def segment(self, recording: AudioFrame) -> tuple[LocalTurn, ...]:
        """One judgment for each tenth of a second."""
        if recording.end - recording.start > WINDOW:
            raise Rejected(f"{recording.end - recording.start} samples are too many to be heard at once")
        pitches: list[float] = []
        turns = []
        for start in range(recording.start, recording.end, _BLOCK):
            block = recording.since(start).pcm[: _BLOCK * SAMPLE_BYTES]
            voices = {number for pitch in _pitches(block) if (number := _voice(pitch, pitches)) is not None}
            turns += [LocalTurn(start, start + len(block) // SAMPLE_BYTES, number) for number in voices]
        return tuple(cut_at_overlap(turns))


def _pitches(block: bytes) -> Iterator[float]:
    """The two loudest tones, if they are loud."""
    samples = np.frombuffer(block, "<i2").astype(np.float64)
    if not len(samples) or np.abs(samples).mean() <= _LOUD:
        return
    loudness = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    frequencies = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
    loudest = int(loudness.argmax())
    yield float(frequencies[loudest])
    others = np.where(np.abs(frequencies - frequencies[loudest]) > _ONE_VOICE, loudness, 0)
    if others.max() > loudness[loudest] / 2:
        yield float(frequencies[int(others.argmax())])


def _voice(pitch: float, pitches: list[float]) -> int | None:
    """The number of the voice that has this pitch; a new one while there is room."""
    for number, known in enumerate(pitches):
        if abs(known - pitch) <= _ONE_VOICE:
            return number
    if len(pitches) == _VOICES:
        return None
    pitches.append(pitch)
    return len(pitches) - 1
