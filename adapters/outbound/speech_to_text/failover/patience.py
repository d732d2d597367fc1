"""How long a recognizer takes to come to final words, learned from all sessions of a process."""

from collections import deque

GRACE = 1.5
"""Seconds beyond the usual that a recognizer is given. With the time it takes to look and to let go of it, another
one has the audio within two seconds beyond the usual."""

_REMEMBERED = 500
_ENOUGH = 50


class Patience:
    """Decides when silence means that something is wrong."""

    def __init__(self, prior: float, *, least: float = 0.0) -> None:
        """Starts with a guess.

        Args:
            prior: seconds; what holds while little is known.
            least: seconds; the usual is never taken to be less, whatever is learned.
        """
        self._prior = prior
        self._least = least
        self._delays: deque[float] = deque(maxlen=_REMEMBERED)
        self._p99: float | None = None

    def learn(self, delay: float) -> None:
        """Notes how long a final result was waited for, in seconds."""
        self._delays.append(delay)
        self._p99 = None

    def in_vain(self, delay: float) -> None:
        """Notes that nothing came.

        It counts as a long wait: else a recognizer that became slow, and is left each time before it answers,
        would never be given the time it needs now. No longer than the first guess, or the dead would be too.
        """
        self.learn(min(delay, max(self._prior, self.p99)))

    @property
    def p99(self) -> float:
        """Seconds within which 99 of 100 results came."""
        if len(self._delays) < _ENOUGH:
            return self._prior
        if self._p99 is None:
            ordered = sorted(self._delays)
            self._p99 = ordered[min(int(len(ordered) * 0.99), len(ordered) - 1)]
        return max(self._p99, self._least)

    @property
    def limit(self) -> float:
        """Seconds after which audio without words means that the recognizer is gone."""
        return self.p99 + GRACE
