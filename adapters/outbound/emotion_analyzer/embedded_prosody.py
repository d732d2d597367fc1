"""How somebody speaks: loudness, pitch, pace and pauses of a stretch of speech."""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from domain.audio import SAMPLE_RATE

_FRAME, _HOP = 640, 320
"""40 ms, every 20 ms."""
_LOWEST, _HIGHEST = 70, 400
"""Hz, of voices."""
_VOICED = 0.5
"""Of a frame's energy that has to come back one period later."""
_PAUSE_DB = 25.0
"""Below the loudest frames: a pause."""
_SILENT = 1e-4
"""Amplitude, of full scale: nobody speaks."""
_LEAST_FRAMES = 20

Floats = NDArray[np.float64]


class Prosody(Struct, frozen=True, kw_only=True):
    """How a stretch is spoken."""

    loudness: float
    """dB, of what is spoken."""
    pitch: float
    """Semitones above 100 Hz, the middle one."""
    range: float
    """Semitones between low and high pitch."""
    rate: float
    """Words a second of speech; 0 where the words are not known."""
    pauses: float
    """Share of the time in which nothing is said."""


def prosody(pcm: bytes, *, words: int) -> Prosody | None:
    """How it is spoken; None where nothing is.

    Args:
        pcm: mono, signed 16-bit little-endian, 16 kHz.
        words: how many are said.
    """
    frames = _frames(np.frombuffer(pcm, "<i2").astype(np.float64) / 32_768)
    if len(frames) < _LEAST_FRAMES:
        return None
    level = np.sqrt((frames**2).mean(axis=1))
    loud = float(np.percentile(level, 95))
    if loud < _SILENT:
        return None
    spoken = level > loud * 10 ** (-_PAUSE_DB / 20)
    pitches = _pitches(frames[spoken])
    if len(pitches) < _LEAST_FRAMES // 2:
        return None
    low, middle, high = np.percentile(pitches, [10, 50, 90])
    seconds = float(spoken.sum()) * _HOP / SAMPLE_RATE
    return Prosody(
        loudness=float(20 * np.log10(np.sqrt((level[spoken] ** 2).mean()))),
        pitch=float(middle),
        range=float(high - low),
        rate=words / seconds,
        pauses=float(1 - spoken.mean()),
    )


def _frames(samples: Floats) -> Floats:
    """Windows of the sound, one a row: (count, `_FRAME`)."""
    if len(samples) < _FRAME:
        return np.empty((0, _FRAME))
    return np.lib.stride_tricks.sliding_window_view(samples, _FRAME)[::_HOP]


def _pitches(frames: Floats) -> Floats:
    """Semitones above 100 Hz of the frames that have a pitch, by autocorrelation."""
    centered = frames - frames.mean(axis=1, keepdims=True)
    spectra = np.fft.rfft(centered, 2 * _FRAME, axis=1)
    correlation = np.fft.irfft(np.abs(spectra) ** 2, axis=1)[:, :_FRAME]
    shortest, longest = SAMPLE_RATE // _HIGHEST, SAMPLE_RATE // _LOWEST
    within = correlation[:, shortest : longest + 1]  # it falls with the period: of multiples the shortest one wins
    periods = within.argmax(axis=1)
    voiced = within.max(axis=1) > _VOICED * np.maximum(correlation[:, 0], 1e-12)
    hertz = SAMPLE_RATE / (periods[voiced] + shortest)
    semitones: Floats = 12 * np.log2(hertz / 100)
    return semitones
