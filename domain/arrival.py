"""Is a pause between packets lost audio, or late audio?"""

from domain.audio import SAMPLE_BYTES, SAMPLE_RATE

HIATUS = 2.0
"""Seconds without a packet after which audio may have been lost on the way to us."""

PROBATION = 0.3
"""Seconds after a hiatus in which late audio shows itself by coming in a burst."""

CATCHING_UP = 2.0
"""Times real time: audio that comes faster than this is late, not new."""


class ArrivalClock:
    """Compares the audio that came with the time that passed.

    A device out of radio range sends nothing, and what was said meanwhile is lost: the clock of the capture
    has to be moved on, or every later word is stamped too early. A stalled network sends everything later,
    all at once: then nothing is missing. Which of the two it was shows right after the hiatus; until then
    the audio is held back.
    """

    def __init__(self, *, now: float, position: int) -> None:
        self._anchor = now - position / SAMPLE_RATE
        """When position 0 would have been captured."""
        self._last = now
        self._resumed: float | None = None
        self._held = bytearray()

    def admit(self, pcm: bytes, *, now: float, position: int) -> tuple[int, bytes]:
        """Takes audio as it arrives; says what of it is to be captured now, and where.

        Args:
            pcm: mono, signed 16-bit little-endian, 16 kHz.
            now: seconds, monotonic.
            position: end of the audio captured so far.

        Returns:
            How many samples the clock of the capture is to be moved on, and the audio that follows then.
        """
        if now - self._last >= HIATUS and self._resumed is None:
            self._resumed = now
        self._last = now
        if self._resumed is None:
            return 0, pcm
        self._held += pcm
        if now - self._resumed < PROBATION:
            return 0, b""
        return self._verdict(now, position), self.release()

    @property
    def is_holding(self) -> bool:
        """Whether audio is held back."""
        return bool(self._held)

    def settle(self, *, now: float, position: int) -> tuple[int, bytes]:
        """As `admit`, where nothing comes any more: what is held back is admitted when its time is over."""
        if self._resumed is None or now - self._resumed < PROBATION:
            return 0, b""
        return self._verdict(now, position), self.release()

    def release(self) -> bytes:
        """The audio that is held back."""
        self._resumed = None
        held, self._held = bytes(self._held), bytearray()
        return held

    def _verdict(self, now: float, position: int) -> int:
        came = len(self._held) // SAMPLE_BYTES
        if self._resumed is None or came > CATCHING_UP * SAMPLE_RATE * (now - self._resumed):
            return 0
        late = round((now - self._anchor) * SAMPLE_RATE) - position - came
        return late if late >= SAMPLE_RATE else 0
