"""How late the event loop is: what holds up one task holds up every session."""

from collections.abc import Sequence

import anyio

from ports.measures import Distribution, Measure, Sample, Spread, spread, standing

LOOK_SECONDS = 0.25
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Seconds."""


class LoopLag:
    """Sleeps, and looks how much later it is woken than it wanted to be."""

    def __init__(self) -> None:
        self._lags = Distribution(BOUNDS)
        self._worst = 0.0

    async def run(self) -> None:
        """Looks until cancelled."""
        while True:
            wanted = anyio.current_time() + LOOK_SECONDS
            await anyio.sleep_until(wanted)
            lag = max(anyio.current_time() - wanted, 0.0)
            self._lags.note(lag)
            self._worst = max(self._worst, lag)

    async def measures(self) -> Sequence[Measure]:
        """The distribution, and the worst since the numbers were last read."""
        worst, self._worst = self._worst, 0.0
        return (
            spread("loop_lag_seconds", "How late the event loop wakes a task", [Spread(self._lags)]),
            standing("loop_lag_worst_seconds", "The worst since the numbers were last read", [Sample(worst)]),
        )
