"""The part of a stretch of speech that an encoder listens to."""

import numpy as np
from numpy.typing import NDArray

from ports.errors import Rejected

_SILENT = 10
"""Mean absolute amplitude of 32768 below which there is no voice in it."""


def heard(pcm: bytes, *, shortest: int, longest: int) -> NDArray[np.int16]:
    """The stretch, or the middle of a longer one.

    Args:
        pcm: mono, signed 16-bit little-endian.
        shortest: samples that it takes at least.
        longest: samples that are heard at most, though never fewer than `shortest`.

    Raises:
        Rejected: it is too short, or silent.
    """
    stretch = np.frombuffer(pcm, "<i2")
    if len(stretch) < shortest:
        raise Rejected(f"{len(stretch)} samples are too short for a voice, it takes {shortest}")
    longest = max(shortest, longest)
    spare = max(0, len(stretch) - longest) // 2
    middle = stretch[spare : spare + longest]
    # In float: the lowest sample has no positive counterpart.
    if np.abs(middle, dtype=np.float32).mean() < _SILENT:
        raise Rejected("there is no voice in silence")
    return middle
