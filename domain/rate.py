"""How often something may be done: evenly, with all of a minute's share at once where nothing was done before.

This is the generic cell rate algorithm: all that is kept of somebody is the moment at which their share is whole again.
"""

from typing import Annotated

from msgspec import Meta, Struct


class Rate(Struct, frozen=True, kw_only=True):
    """So many times within so many seconds."""

    count: int
    seconds: float = 60.0

    @property
    def pause(self) -> float:
        """Seconds after which one more is allowed."""
        return self.seconds / self.count


class Allowance(Struct, frozen=True, kw_only=True):
    """What came of asking for one."""

    is_granted: bool
    remaining: int
    """How many more may be done at once."""
    wait: float
    """Seconds until the next one may be done; 0 where that is now."""


class RateLimits(Struct, frozen=True, kw_only=True):
    """How often a user may ask, within a minute. 0: as often as they like."""

    requests: Annotated[int, Meta(ge=0)] = 1_200
    """Of any kind, over HTTP."""
    costly: Annotated[int, Meta(ge=0)] = 120
    """Which a model, a recognizer or a vendor works for: messages, searches, recordings, and the like."""


def taken(whole_at: float, *, now: float, rate: Rate) -> tuple[float, Allowance]:
    """Takes one share, if there is one.

    Args:
        whole_at: when the share is whole again, in seconds by any clock; not later than now where nothing was done.
        now: by the same clock.
        rate: how often.

    Returns:
        When it is whole again from now on, and what came of it.
    """
    begin = max(whole_at, now)
    after = begin + rate.pause
    used = after - now
    if used > rate.seconds + _ROUNDING:
        return whole_at, Allowance(is_granted=False, remaining=0, wait=used - rate.seconds)
    remaining = int((rate.seconds - used + _ROUNDING) / rate.pause)
    wait = 0.0 if remaining else used + rate.pause - rate.seconds
    return after, Allowance(is_granted=True, remaining=remaining, wait=wait)


_ROUNDING = 1e-6
