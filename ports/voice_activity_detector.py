"""How likely it is that somebody speaks."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol


class VoiceActivityStream(Protocol):
    """Judges one capture, window by window, in order."""

    def push(self, pcm: bytes) -> None:
        """Takes audio that follows what was pushed before: mono, signed 16-bit little-endian, 16 kHz.

        Never blocks; called for every packet.
        """
        ...

    async def judge(self) -> tuple[float, ...]:
        """Waits for the next judged windows: probabilities of speech, 0 to 1, one a window, in order.

        Windows are consecutive and `VoiceActivityDetector.window` samples long; what does not fill one waits.
        Safe to cancel: windows that were not returned are returned by the next call.

        Raises:
            TemporarilyUnavailable: the detector failed; the next call tries the same windows again.
        """
        ...

    async def flush(self) -> tuple[float, ...]:
        """The windows not returned yet, the last one filled up with silence. Push nothing afterwards."""
        ...


class VoiceActivityDetector(Protocol):
    """Judges many captures at once; what they share is work, never state."""

    window: int
    """Samples that one probability stands for."""

    def open_stream(self) -> AbstractAsyncContextManager[VoiceActivityStream]:
        """Joins a capture. Leaving forgets it."""
        ...
