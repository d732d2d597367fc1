"""What a speaker model hears: mel energies the way Kaldi computes them, in numpy."""

import numpy as np
from numpy.typing import NDArray

from domain.audio import SAMPLE_RATE

FRAME = 400
"""Samples of a frame: 25 ms."""
HOP = 160
"""Samples from one frame to the next: 10 ms."""
BANDS = 80

_TRANSFORM = 512
_LOWEST = 20.0
"""Hz; the highest band ends at half the sample rate."""
_PRE_EMPHASIS = np.float32(0.97)
_FLOOR = np.float32(np.finfo(np.float32).eps)
"""Below it there is no logarithm worth taking."""

Floats = NDArray[np.float32]


class MelFilters:
    """Turns frames of audio into the logarithms of their mel energies."""

    def __init__(self) -> None:
        self._window = np.hamming(FRAME).astype(np.float32)
        self._bands = _triangles()

    def features(self, samples: NDArray[np.int16]) -> Floats:
        """Log mel energies less their mean over time: (frames, 80), for `FRAME` samples or more.

        What is left over at the end and fills no frame is not heard.
        """
        frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::HOP].astype(np.float32)
        frames -= frames.mean(axis=1, keepdims=True)
        # Each sample less its predecessor's share; the first counts as its own predecessor.
        frames[:, 1:] -= _PRE_EMPHASIS * frames[:, :-1]
        frames[:, 0] *= 1 - _PRE_EMPHASIS
        frames *= self._window
        spectrum = np.fft.rfft(frames, _TRANSFORM)
        power = spectrum.real**2 + spectrum.imag**2
        # Not `@`: the threads of a matrix product spin on for 50 ms of processor time, the product takes 0.1 ms.
        energies = np.log(np.maximum(np.vecdot(power[:, None], self._bands), _FLOOR))
        features: Floats = (energies - energies.mean(axis=0)).astype(np.float32, copy=False)
        return features


def _triangles() -> Floats:
    """(80, 257): how much each band takes of each frequency; evenly spaced and straight-sided in mel."""
    edges = np.linspace(_mel(_LOWEST), _mel(SAMPLE_RATE / 2), BANDS + 2)
    frequencies = _mel(np.arange(_TRANSFORM // 2 + 1) * SAMPLE_RATE / _TRANSFORM)
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising = (frequencies - low) / (middle - low)
    falling = (high - frequencies) / (high - middle)
    bands: Floats = np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
    return bands


def _mel(frequency: NDArray[np.float64] | float) -> NDArray[np.float64]:
    return 1127 * np.log1p(np.asarray(frequency) / 700)
