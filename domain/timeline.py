"""A recognizer's own clock and the clock of the capture, with silence left out in between."""

import bisect
import math

from domain.audio import SAMPLE_RATE


class Timeline:
    """Maps what one recognizer connection (a leg) says of time back to the capture.

    A recognizer counts the audio it was sent, as if it had been one piece. Where silence was left out, two
    positions of the capture fall on one position of the recognizer: a word that *starts* there starts behind
    the cut, and a word that *ends* there ends before it. Both mappings are monotone and exact to one sample.
    """

    def __init__(self) -> None:
        self._leg: list[int] = []
        """Where each span starts on the leg's clock."""
        self._capture: list[int] = []
        """Where each span starts in the capture."""
        self._sent = 0
        self._end = 0

    @property
    def sent(self) -> int:
        """Samples sent so far: now, on the leg's clock."""
        return self._sent

    @property
    def end(self) -> int:
        """Now, in the capture: the end of the last span sent."""
        return self._end

    def send(self, start: int, end: int) -> None:
        """Notes that a span of the capture was sent.

        Raises:
            ValueError: it starts before the end of the span sent before it, or is turned around.
        """
        if end < start or (self._leg and start < self._end):
            raise ValueError(f"span {start}-{end} does not follow what was sent up to {self._end}")
        if not self._leg or start != self._end:
            self._leg.append(self._sent)
            self._capture.append(start)
        self._sent += end - start
        self._end = end

    def start_of(self, leg_seconds: float) -> int:
        """Position in the capture at which something starts that the recognizer says starts then."""
        return self.capture_start(self._samples(leg_seconds))

    def end_of(self, leg_seconds: float) -> int:
        """Position in the capture at which something ends that the recognizer says ends then."""
        return self.capture_end(self._samples(leg_seconds))

    def capture_start(self, leg_position: int) -> int:
        """As `start_of`, for a recognizer that counts samples."""
        at = self._clamped(leg_position)
        return self._mapped(at, bisect.bisect_right(self._leg, at) - 1)

    def capture_end(self, leg_position: int) -> int:
        """As `end_of`, for a recognizer that counts samples."""
        at = self._clamped(leg_position)
        return self._mapped(at, max(bisect.bisect_left(self._leg, at) - 1, 0))

    def forget_before(self, position: int) -> None:
        """Drops spans that lie wholly before a position of the capture: nothing will be asked about them."""
        keep = max(bisect.bisect_right(self._capture, position) - 1, 0)
        del self._leg[:keep], self._capture[:keep]

    def _samples(self, leg_seconds: float) -> int:
        return round(leg_seconds * SAMPLE_RATE) if math.isfinite(leg_seconds) else self._sent

    def _clamped(self, leg_position: int) -> int:
        """The sample a recognizer means; stamps outside of what was sent are its mistake, not ours."""
        return min(max(leg_position, self._leg[0] if self._leg else 0), self._sent)

    def _mapped(self, at: int, span: int) -> int:
        if span < 0 or not self._leg:
            return 0
        return self._capture[span] + at - self._leg[span]
