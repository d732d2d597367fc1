"""Which recognizers are worth trying now: what all sessions of a process have learned together."""

from collections.abc import Callable
from enum import Enum

FIRST_BENCH = 15.0
"""Seconds that a recognizer is left alone after it failed; doubles with every failure in a row."""

LONGEST_BENCH = 240.0
REJECTED_BENCH = 1800.0
"""Seconds after it refused: a wrong key does not become right by asking again."""

LONGEST_PROBE = 30.0
"""Seconds for which one session tries alone. A session that found nothing out, or has left, must not keep the others
waiting."""

_ENOUGH_DOUBLINGS = 8


def _never() -> bool:
    return False


class BreakerState(Enum):
    """Whether a recognizer may be tried."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half open"


class Breaker:
    """Opens when a recognizer fails, and closes when it gives words again.

    While it is half open, one session tries; the others wait for what it finds.
    """

    def __init__(self, *, monotonic: Callable[[], float], is_full: Callable[[], bool] = _never) -> None:
        """Knows nothing yet.

        Args:
            monotonic: tells time.
            is_full: whether no further connection is allowed now, however well it works.
        """
        self._monotonic = monotonic
        self._is_full = is_full
        self._until = 0.0
        self._failures = 0
        self._failed_at = 0.0
        self._probed_until = 0.0
        self._worth_a_try = 0.0
        """When somebody who has no other choice may try, although the bench is longer."""
        self.reason = ""
        """Why it opened last. No content."""
        self._told_until = 0.0
        """How long others leave it alone, who learned that it fails."""

    @property
    def state(self) -> BreakerState:
        """How it stands now."""
        now = self._monotonic()
        if self._failures == 0:
            return BreakerState.OPEN if now < self._told_until else BreakerState.CLOSED
        return BreakerState.OPEN if now < self._until or now < self._probed_until else BreakerState.HALF_OPEN

    def try_it(self) -> bool:
        """Whether the caller may try; if so, it tells what came of it, or leaves."""
        state = BreakerState.OPEN if self._is_full() else self.state
        if state is BreakerState.HALF_OPEN:
            self._probed_until = self._monotonic() + LONGEST_PROBE
        return state is not BreakerState.OPEN

    def try_for_want_of_better(self) -> bool:
        """As `try_it`, for a session that nobody listens to: the bench is meant for those who have a choice."""
        now = self._monotonic()
        if now < self._worth_a_try or now < self._probed_until or self._is_full():
            return False
        self._probed_until = now + LONGEST_PROBE
        return True

    def served(self, *, opened: float) -> None:
        """A connection gave what it is for.

        Args:
            opened: when it was opened. That an old connection goes on says nothing of new ones.
        """
        if self._failures == 0 or opened >= self._failed_at:
            self._failures, self._probed_until, self._until, self._told_until = 0, 0.0, 0.0, 0.0

    @property
    def bench(self) -> float:
        """Seconds for which it is left alone because of what happened here; 0.0 when it is not."""
        return max(self._until - self._monotonic(), 0.0) if self._failures else 0.0

    def told(self, seconds: float, reason: str) -> None:
        """Others leave it alone for so long; 0.0 when nobody does."""
        self._told_until = self._monotonic() + seconds
        if seconds and not self._failures:
            self.reason = reason

    def failed(self, reason: str) -> None:
        """It did not. Many connections that break at once are one failure."""
        known = self._failures if self._monotonic() >= self._until else self._failures - 1
        self._open(known + 1, min(FIRST_BENCH * 2 ** min(max(known, 0), _ENOUGH_DOUBLINGS), LONGEST_BENCH), reason)
        self._worth_a_try = max(self._worth_a_try, self._failed_at + FIRST_BENCH)

    def rejected(self, reason: str) -> None:
        """It does not want to."""
        self._open(self._failures + 1, REJECTED_BENCH, reason)
        self._worth_a_try = self._until

    def _open(self, failures: int, seconds: float, reason: str) -> None:
        self._failures = max(failures, 1)
        self._failed_at = self._monotonic()
        self._probed_until = 0.0
        self._until = max(self._until, self._failed_at + seconds)
        self.reason = reason
