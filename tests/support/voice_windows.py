"""Stretches of speech for tests."""

import numpy as np

from domain.audio import SAMPLE_RATE, AudioFrame
from ports.emotion_analyzer import VoiceWindow


def tone(seconds: float, *, volume: float = 0.3, pitch: float = 120.0, wobble: float = 0.0) -> bytes:
    """A hum with overtones, as a voice has."""
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    frequency = pitch * (1 + wobble * np.sin(2 * np.pi * time))
    phase = 2 * np.pi * np.cumsum(frequency) / SAMPLE_RATE
    sound = sum(np.sin(harmonic * phase) / harmonic for harmonic in range(1, 6)) / 2
    return (np.clip(volume * sound, -1, 1) * 32_767).astype("<i2").tobytes()


def window(text: str = "", *, at: float = 0.0, seconds: float = 2.0, **voice: float) -> VoiceWindow:
    """Somebody hums words at a number of seconds."""
    return VoiceWindow(audio=AudioFrame(int(at * SAMPLE_RATE), tone(seconds, **voice)), text=text)
