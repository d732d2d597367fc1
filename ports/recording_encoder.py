"""Samples to files that other programs play."""

from typing import Protocol


class RecordingEncoder(Protocol):
    """Makes files of samples: mono, signed 16-bit little-endian, 16 kHz. Nothing is lost."""

    async def wav(self, pcm: bytes) -> bytes:
        """A WAV file: plain, as every program reads it."""
        ...

    async def flac(self, pcm: bytes) -> bytes:
        """A FLAC file: half the size for speech, next to nothing for silence."""
        ...
