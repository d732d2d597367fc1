"""Not faster than a vendor bears."""

import math

from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFrame
from ports.clock import Clock

BURST = 2.0
"""Seconds of audio that may be sent at once."""


class Pacing:
    """A budget of audio that fills up with time. Live audio never waits; a backlog does."""

    def __init__(self, speed: float, *, clock: Clock) -> None:
        """A full budget.

        Args:
            speed: times real time; infinite for no limit.
            clock: that time is measured by.
        """
        self._rate = speed * SAMPLE_RATE
        self._clock = clock
        self._budget = BURST * SAMPLE_RATE
        self._then = clock.monotonic()

    def allows(self, frame: AudioFrame) -> bool:
        """Whether the frame may be sent at once. Who sends it then says so: `spend`."""
        if self._rate == math.inf:
            return True
        self._refill()
        return len(frame.pcm) // SAMPLE_BYTES <= self._budget

    def spend(self, frame: AudioFrame) -> None:
        """The frame is sent."""
        self._budget -= len(frame.pcm) // SAMPLE_BYTES

    async def wait(self, frame: AudioFrame) -> None:
        """Returns when the frame may be sent, which it then is."""
        if self._rate == math.inf:
            return
        self._refill()
        self.spend(frame)
        if self._budget < 0:
            await self._clock.sleep(-self._budget / self._rate)

    def _refill(self) -> None:
        now = self._clock.monotonic()
        self._budget = min(self._budget + (now - self._then) * self._rate, BURST * SAMPLE_RATE)
        self._then = now
