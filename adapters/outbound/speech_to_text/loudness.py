"""How loud audio is, frame by frame, and where in it somebody seems to speak."""

from typing import Any

import numpy as np

Decibels = np.ndarray[Any, np.dtype[np.float32]]
"""(frames,): level of each frame; 0 is one step of the 16-bit scale, full scale is 90."""

_QUIETEST = 1.0
"""Power of one step: digital silence has a level too."""

_FLOOR_SHARE = 0.1
"""Share of the frames that are taken for background: in an utterance with its pre-roll and pause it is more."""
_PEAK_SHARE = 0.98
_ABOVE_FLOOR = 9.0
_BELOW_PEAK = 32.0
"""Decibels. The soft ends of words lie 25 to 30 below the loudest vowels."""
_STEADY = 6.0
"""Decibels. Sound that varies less than this is a hum or noise: speech varies by 20 and more."""
_FAINTEST = 25.0
"""Decibels. What is softer (18 steps) is silence even where nothing is louder."""


def loudness(pcm: bytes, *, frame: int) -> Decibels:
    """The level of each whole frame.

    Args:
        pcm: mono, signed 16-bit little-endian.
        frame: samples per frame.
    """
    samples = np.frombuffer(pcm, "<i2")
    whole = len(samples) // frame * frame
    power = np.square(samples[:whole].reshape(-1, frame).astype(np.float32)).mean(axis=1)
    return np.asarray(10 * np.log10(np.maximum(power, _QUIETEST)), np.float32)


def speaking(levels: Decibels) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    """(frames,): whether a frame stands out from the background of its surroundings.

    Steady sound, however loud, is background; so is what is far below the peak.
    """
    if not len(levels):
        return np.zeros(0, np.bool_)
    floor, peak = np.quantile(levels, (_FLOOR_SHARE, _PEAK_SHARE))
    if peak - floor < _STEADY:
        return np.zeros(len(levels), np.bool_)
    threshold = max(floor + min(_ABOVE_FLOOR, (peak - floor) / 2), peak - _BELOW_PEAK, _FAINTEST)
    return np.asarray(levels >= threshold)
