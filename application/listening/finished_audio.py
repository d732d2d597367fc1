"""What became of the audio of conversations that have ended: summed up over all of this process, for its numbers."""

from collections import Counter
from collections.abc import Sequence

from domain.audio import SAMPLE_RATE
from domain.coverage import Coverage
from domain.ledger import Fate
from ports.measures import Label, Measure, Sample, by, counted


class FinishedAudio:
    """Adds up coverage reports. Each names what became of every sample, so nothing is missing here either."""

    def __init__(self) -> None:
        self._conversations = 0
        self._words = 0
        self._fates: Counter[str] = Counter()
        self._transcribed: Counter[str] = Counter()
        self._gaps: Counter[str] = Counter()

    def add(self, coverage: Coverage, *, words: int) -> None:
        """A conversation has ended."""
        self._conversations += 1
        self._words += words
        self._fates[Fate.GATED] += coverage.gated
        self._fates[Fate.CAPTURED] += coverage.captured
        self._fates[Fate.ABSENT] += sum(gap.end - gap.start for gap in coverage.absences)
        for recognizer, count in coverage.transcribed.items():
            self._fates[Fate.FINALIZED] += count
            self._transcribed[recognizer] += count
        for gap in coverage.gaps:
            self._fates[Fate.GAP] += gap.end - gap.start
            self._gaps[gap.reason] += gap.end - gap.start

    async def measures(self) -> Sequence[Measure]:
        """Durations in seconds."""
        return (
            counted("conversations_finished", "Conversations whose memory is made", [Sample(self._conversations)]),
            counted("conversation_words", "Final words of conversations that have ended", [Sample(self._words)]),
            counted("audio_seconds", "Audio of conversations that have ended", by(Label.FATE, _seconds(self._fates))),
            counted(
                "transcribed_audio_seconds",
                "Audio that a recognizer has finalized",
                by(Label.RECOGNIZER, _seconds(self._transcribed)),
            ),
            counted("gap_seconds", "Audio that nobody transcribed", by(Label.REASON, _seconds(self._gaps))),
        )


def _seconds(counts: Counter[str]) -> dict[str, float]:
    return {str(name): count / SAMPLE_RATE for name, count in counts.items()}
