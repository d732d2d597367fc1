"""How far Speechmatics is with the audio of a session: sent, confirmed, and where silence of ours lies in it."""

from collections import deque

import anyio

from domain.audio import SAMPLE_RATE, seconds

_REMEMBERED_PADS = 16
"""Speechmatics does not refer to audio that lies further back than so many pauses."""


class SessionAudio:
    """The audio of one session, on the clock of the vendor. Positions are samples.

    That clock counts everything sent, the silence too that was added to get an answer. The leg's clock counts the
    capture alone; `on_leg` turns one into the other.
    """

    def __init__(self) -> None:
        self.sent = 0
        """Position behind the last sample."""
        self.messages = 0
        """How many there were: the number of the last one."""
        self._confirmed = 0
        self._unconfirmed: deque[tuple[int, int]] = deque()
        """Number of a message, position behind it."""
        self._progress = anyio.Event()
        self._pads: deque[tuple[int, int]] = deque()
        """Position and length of silence that was added."""
        self._past_pads = 0
        """Samples of added silence that lies so far back that its place no longer matters."""

    def add(self, samples: int) -> None:
        """Notes a message of the capture's audio."""
        self.sent += samples
        self.messages += 1
        self._unconfirmed.append((self.messages, self.sent))

    def add_silence(self, samples: int) -> None:
        """Notes a message of silence that is not of the capture."""
        self._pads.append((self.sent, samples))
        if len(self._pads) > _REMEMBERED_PADS:
            self._past_pads += self._pads.popleft()[1]
        self.add(samples)

    def confirm(self, number: int) -> None:
        """Notes that the vendor has read all messages up to a number."""
        while self._unconfirmed and self._unconfirmed[0][0] <= number:
            self._confirmed = self._unconfirmed.popleft()[1]
        self._progress.set()

    async def in_flight_below(self, samples: int) -> None:
        """Waits until no more than so many samples are unconfirmed."""
        while self.sent - self._confirmed > samples:
            self._progress = anyio.Event()
            await self._progress.wait()

    def on_leg(self, time: float) -> float:
        """Seconds of the leg for seconds of the session."""
        at = round(time * SAMPLE_RATE)
        return time - seconds(self._past_pads + sum(min(max(at - pad, 0), length) for pad, length in self._pads))
