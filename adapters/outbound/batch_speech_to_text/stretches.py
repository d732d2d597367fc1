"""A recording, cut at its pauses into stretches of speech."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from adapters.outbound.speech_to_text.loudness import loudness
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFrame, samples

_FRAME = SAMPLE_RATE * 30 // 1000
_SURROUNDINGS = 1000 * _FRAME * SAMPLE_BYTES
"""Bytes over which background is told from speech: in the next half minute it may be another room."""
_PAUSE = samples(0.7) // _FRAME
_AROUND = samples(0.24) // _FRAME
"""Frames kept on both sides: words begin and end softly."""
_SHORTEST = 4
"""Loud frames. Less is a click or a knock: the shortest word has more."""
_FLOOR_SHARE = 0.1
_ABOVE_FLOOR = 6.0
_FAINTEST = 25.0
"""Decibels above one step of the 16-bit scale. What is softer is silence."""


def stretches(recording: AudioFrame) -> Iterator[AudioFrame]:
    """The parts of a recording that are not pauses, in order; what is in doubt is kept.

    A pause is 0.7 s or more that stays near the background of its surroundings. It separates two stretches and
    belongs to neither, but for its edges.
    """
    loud = _loud_frames(recording.pcm)
    if not len(loud):
        return
    gaps = np.flatnonzero(np.diff(loud) > _PAUSE)
    for before, after in pairwise((-1, *gaps.tolist(), len(loud) - 1)):
        if after - before < _SHORTEST:
            continue
        start = max(int(loud[before + 1]) - _AROUND, 0) * _FRAME
        end = (int(loud[after]) + 1 + _AROUND) * _FRAME
        yield AudioFrame(recording.start + start, recording.pcm[start * SAMPLE_BYTES : end * SAMPLE_BYTES])


def _loud_frames(pcm: bytes) -> "np.ndarray[Any, np.dtype[np.intp]]":
    """(loud,): numbers of the frames that stand out from their surroundings, in order."""
    loud = [np.zeros(0, np.bool_)]
    for at in range(0, len(pcm), _SURROUNDINGS):
        levels = loudness(pcm[at : at + _SURROUNDINGS], frame=_FRAME)
        if len(levels):
            loud.append(levels >= max(float(np.quantile(levels, _FLOOR_SHARE)) + _ABOVE_FLOOR, _FAINTEST))
    return np.flatnonzero(np.concatenate(loud))
