"""What became of the audio of a session: summed up over its conversations, for one line in the log."""

from collections import Counter
from collections.abc import Iterable

from msgspec import Struct

from domain.audio import SAMPLE_RATE
from domain.ledger import CaptureLedger, Fate

HeardSince = tuple[CaptureLedger, int]
"""A conversation's ledger, and the position from which on the session heard it."""


class SessionSummary(Struct, frozen=True, kw_only=True):
    """What a session did. Durations in seconds; no content."""

    seconds: float
    """Of audio that was captured."""
    packets: int
    corrupt_packets: int
    words: int
    conversations: int
    speech: float
    """Audio that was not judged to be silence."""
    gated: float
    """Silence that no recognizer had to hear."""
    transcribed: dict[str, float]
    """Recognizer -> audio that it has finalized."""
    pending: float
    """Audio whose words were not there yet when the session ended: they are recovered."""
    gaps: float
    """Audio that nobody transcribed."""
    recognizer_changes: int
    """How often the words came from another recognizer from then on, or from none."""


class SessionAccount:
    """Keeps sums instead of conversations: a session may go on for days."""

    def __init__(self) -> None:
        self.recognizer_changes = 0
        self._fates: Counter[Fate] = Counter()
        self._transcribed: Counter[str] = Counter()

    def settle(self, ledger: CaptureLedger, *, since: int) -> None:
        """Adds what became of a conversation that the session hears no more."""
        for span in ledger.parts(since, ledger.end, *Fate):
            self._fates[span.fate] += span.end - span.start
            if span.fate is Fate.FINALIZED:
                self._transcribed[span.note] += span.end - span.start

    def summary(
        self, unsettled: Iterable[HeardSince], *, packets: int, corrupt_packets: int, words: int, conversations: int
    ) -> SessionSummary:
        """The sums, with conversations that go on as they stand now."""
        now = SessionAccount()
        now._fates, now._transcribed = self._fates.copy(), self._transcribed.copy()
        for ledger, since in unsettled:
            now.settle(ledger, since=since)
        duration = {fate: now._fates[fate] / SAMPLE_RATE for fate in Fate}
        captured = sum(duration.values()) - duration[Fate.ABSENT]
        return SessionSummary(
            seconds=round(captured, 3),
            packets=packets,
            corrupt_packets=corrupt_packets,
            words=words,
            conversations=conversations,
            speech=round(captured - duration[Fate.GATED], 3),
            gated=round(duration[Fate.GATED], 3),
            transcribed={name: round(count / SAMPLE_RATE, 3) for name, count in sorted(now._transcribed.items())},
            pending=round(duration[Fate.CAPTURED] + duration[Fate.SENT], 3),
            gaps=round(duration[Fate.GAP], 3),
            recognizer_changes=self.recognizer_changes,
        )
