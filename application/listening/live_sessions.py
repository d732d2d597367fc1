"""Sessions of this process, for its numbers: those that go on are looked at, those that have ended were added up."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from msgspec import Struct

from domain.audio import seconds
from ports.measures import Measure, Sample, counted, standing


class SessionCounts(Struct, frozen=True):
    """What a session has counted so far."""

    packets: int = 0
    corrupt_packets: int = 0
    samples: int = 0
    """Time that has passed for it, with audio or without."""
    words: int = 0
    recognizer_changes: int = 0

    def plus(self, other: "SessionCounts") -> "SessionCounts":
        """Both together."""
        return SessionCounts(*(getattr(self, name) + getattr(other, name) for name in self.__struct_fields__))


class Counting(Protocol):
    """A session."""

    @property
    def counts(self) -> SessionCounts:
        """What it has counted so far; costs next to nothing."""
        ...

    @property
    def is_behind(self) -> bool:
        """Whether its client should wait before it sends more."""
        ...


class LiveSessions:
    """Knows the sessions that go on. Nothing is done for a packet, whoever looks."""

    def __init__(self) -> None:
        self._live: set[Counting] = set()
        self._opened = 0
        self._ended = SessionCounts()

    @contextmanager
    def following(self, session: Counting) -> Iterator[None]:
        """For as long as a session goes on."""
        self._opened += 1
        self._live.add(session)
        try:
            yield
        finally:
            self._live.discard(session)
            self._ended = self._ended.plus(session.counts)

    async def measures(self) -> Sequence[Measure]:
        """Sums over all sessions since the start, live ones as they stand."""
        now = self._ended
        for session in self._live:
            now = now.plus(session.counts)
        behind = sum(session.is_behind for session in self._live)
        return (
            standing("sessions_live", "Sessions that go on", [Sample(len(self._live))]),
            standing("sessions_behind", "Sessions whose client is asked to wait", [Sample(behind)]),
            counted("sessions_opened", "Sessions since the start", [Sample(self._opened)]),
            counted("packets", "Packets of audio that clients sent", [Sample(now.packets)]),
            counted("packets_corrupt", "Packets that could not be decoded", [Sample(now.corrupt_packets)]),
            counted("session_seconds", "Time of sessions, with audio or without", [Sample(seconds(now.samples))]),
            counted("final_words", "Final words that sessions heard", [Sample(now.words)]),
            counted(
                "recognizer_changes", "Sessions that changed to another recognizer", [Sample(now.recognizer_changes)]
            ),
        )
