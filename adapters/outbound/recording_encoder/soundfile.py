"""WAV and FLAC through libsndfile."""

import io
from functools import partial

import anyio
import anyio.to_thread
import numpy as np
import soundfile

from domain.audio import SAMPLE_RATE

_AT_ONCE = 2


class SoundfileRecordingEncoder:
    """Encodes in a thread: ten minutes of speech become FLAC in half a second."""

    def __init__(self) -> None:
        self._limiter: anyio.CapacityLimiter | None = None

    async def wav(self, pcm: bytes) -> bytes:
        """A WAV file."""
        return await self._encoded(pcm, form="WAV")

    async def flac(self, pcm: bytes) -> bytes:
        """A FLAC file."""
        return await self._encoded(pcm, form="FLAC")

    async def _encoded(self, pcm: bytes, *, form: str) -> bytes:
        self._limiter = self._limiter or anyio.CapacityLimiter(_AT_ONCE)
        return await anyio.to_thread.run_sync(partial(_encode, pcm, form=form), limiter=self._limiter)


def _encode(pcm: bytes, *, form: str) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.frombuffer(pcm, "<i2"), SAMPLE_RATE, format=form, subtype="PCM_16")
    return file.getvalue()
