"""Time that passes when told to."""

import heapq
from datetime import UTC, datetime, timedelta
from itertools import count

import anyio
import anyio.lowlevel

START = datetime(2026, 1, 1, 12, tzinfo=UTC)


class ManualClock:
    """For tests: hours pass in milliseconds, and in order."""

    def __init__(self, start: datetime = START) -> None:
        self._start = start
        self._elapsed = 0.0
        self._sleepers: list[tuple[float, int, anyio.Event]] = []
        self._tie = count()

    def now(self) -> datetime:
        """The time it was set to."""
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        """Seconds since the start."""
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        """Waits until `advance` has passed the moment."""
        if seconds <= 0:
            await anyio.lowlevel.checkpoint()
            return
        awake = anyio.Event()
        heapq.heappush(self._sleepers, (self._elapsed + seconds, next(self._tie), awake))
        await awake.wait()

    async def advance(self, seconds: float) -> None:
        """Lets time pass; wakes every sleeper at its own moment and lets it run."""
        until = self._elapsed + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= until:
            moment, _, awake = heapq.heappop(self._sleepers)
            self._elapsed = max(self._elapsed, moment)
            awake.set()
            await settle()
        self._elapsed = until
        await settle()


async def settle(rounds: int = 20) -> None:
    """Lets every task run until it waits for something."""
    for _ in range(rounds):
        await anyio.lowlevel.checkpoint()
