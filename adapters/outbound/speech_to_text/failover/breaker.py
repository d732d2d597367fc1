"""Which recognizers are worth trying now: what all sessions of a process have learned together."""

from collections.abc import Callable
from enum import Enum

FIRST_BENCH = 15.0
"""Seconds that a recognizer is left alone after it failed; doubles with every failure in a row."""

LONGEST_BENCH = 240.0
REJECTED_BENCH = 1800.0
"""Seconds after it refused: a wrong key does not become right by asking again."""


class BreakerState(Enum):
    """Whether a recognizer may be tried."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half open"


class Breaker:
    """Opens when a recognizer fails, and closes when it gives words again.

    While it is half open, one session tries; the others wait for what it finds.
    """

    def __init__(self, *, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._until = 0.0
        self._failures = 0
        self._probing = False
        self.reason = ""
        """Why it opened last. No content."""

    @property
    def state(self) -> BreakerState:
        """How it stands now."""
        if self._failures == 0:
            return BreakerState.CLOSED
        return BreakerState.OPEN if self._monotonic() < self._until or self._probing else BreakerState.HALF_OPEN

    @property
    def wait(self) -> float:
        """Seconds until it may be tried again."""
        return max(self._until - self._monotonic(), 0.0)

    def try_it(self) -> bool:
        """Whether the caller may try; if so, it has to tell what came of it."""
        state = self.state
        if state is BreakerState.HALF_OPEN:
            self._probing = True
        return state is not BreakerState.OPEN

    def served(self) -> None:
        """It gave what it is for."""
        self._failures, self._probing, self._until = 0, False, 0.0

    def failed(self, reason: str) -> None:
        """It did not."""
        self._open(min(FIRST_BENCH * 2**self._failures, LONGEST_BENCH), reason)

    def rejected(self, reason: str) -> None:
        """It does not want to."""
        self._open(REJECTED_BENCH, reason)

    def given_up(self) -> None:
        """The caller left before anything could be learned."""
        self._probing = False

    def _open(self, seconds: float, reason: str) -> None:
        self._failures += 1
        self._probing = False
        self._until = self._monotonic() + seconds
        self.reason = reason
