"""Loud is speech. For tests of what lies behind the detector."""

from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from msgspec import Struct

from domain.audio import SAMPLE_BYTES

WINDOW = 512
_WINDOW_BYTES = WINDOW * SAMPLE_BYTES


class FakeVoiceActivityDetectorSettings(Struct, frozen=True, kw_only=True):
    """What counts as loud."""

    loudness: float = 300.0
    """Mean absolute amplitude of a window, 0 to 32768, above which it is speech."""


class FakeVoiceActivityStream:
    """Judges when asked. The same audio gives the same judgments."""

    def __init__(self, *, loudness: float) -> None:
        self._loudness = loudness
        self._audio = bytearray()
        self._more = anyio.Event()

    def push(self, pcm: bytes) -> None:
        """Takes audio."""
        self._audio += pcm
        if len(self._audio) >= _WINDOW_BYTES:
            self._more.set()

    async def judge(self) -> tuple[float, ...]:
        """Waits for a whole window; 1.0 for a loud one, else 0.0."""
        while len(self._audio) < _WINDOW_BYTES:
            self._more = anyio.Event()
            await self._more.wait()
        return self._fetch()

    async def flush(self) -> tuple[float, ...]:
        """Fills up the last window with silence."""
        self._audio += bytes(-len(self._audio) % _WINDOW_BYTES)
        return self._fetch()

    def _fetch(self) -> tuple[float, ...]:
        whole = len(self._audio) // _WINDOW_BYTES * _WINDOW_BYTES
        taken = self._audio[:whole]
        del self._audio[:whole]
        return tuple(self._judge(taken[at : at + _WINDOW_BYTES]) for at in range(0, whole, _WINDOW_BYTES))

    def _judge(self, window: bytearray) -> float:
        loudness = sum(map(abs, array("h", window))) / WINDOW
        return 1.0 if loudness > self._loudness else 0.0


class FakeVoiceActivityDetector:
    """Judges by loudness alone, at once, without a model or a thread."""

    window = WINDOW

    def __init__(self, settings: FakeVoiceActivityDetectorSettings) -> None:
        self._settings = settings

    @asynccontextmanager
    async def open_stream(self) -> AsyncIterator[FakeVoiceActivityStream]:
        """Joins a capture."""
        yield FakeVoiceActivityStream(loudness=self._settings.loudness)
