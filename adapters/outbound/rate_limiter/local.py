"""Shares that are counted in this process."""

from collections import OrderedDict

from domain.rate import Allowance, Rate, taken
from ports.clock import Clock

MOST = 100_000
"""Keys; of more, those that were asked for least lately are forgotten, which gives them all of their share."""


class LocalRateLimiter:
    """For one server. Of several each has its own count."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._whole_at: OrderedDict[str, float] = OrderedDict()

    async def take(self, key: str, *, rate: Rate) -> Allowance:
        """Takes one share, if there is one."""
        now = self._clock.monotonic()
        self._whole_at[key], allowance = taken(self._whole_at.get(key, now), now=now, rate=rate)
        self._whole_at.move_to_end(key)
        if len(self._whole_at) > MOST:
            self._whole_at.popitem(last=False)
        return allowance
