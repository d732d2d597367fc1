"""Real speech for tests, read from files."""

import wave
from pathlib import Path

import soundfile

from domain.audio import SAMPLE_RATE


def read(path: Path) -> bytes:
    """Audio of a file: mono, signed 16-bit little-endian, 16 kHz."""
    if path.suffix == ".wav":
        with wave.open(str(path)) as file:
            assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (SAMPLE_RATE, 1, 2)
            return file.readframes(file.getnframes())
    samples, rate = soundfile.read(path, dtype="int16")
    assert rate == SAMPLE_RATE
    return samples.tobytes()


def turns(path: Path) -> list[tuple[int, int, str]]:
    """Who speaks when, from an RTTM file: start and end in samples, speaker."""
    fields = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    return [(round(float(f[3]) * SAMPLE_RATE), round((float(f[3]) + float(f[4])) * SAMPLE_RATE), f[7]) for f in fields]
