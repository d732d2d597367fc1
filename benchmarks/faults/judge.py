"""What became of the words: counted, not guessed."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from msgspec import Struct

from benchmarks.faults.speaker import Speech, SpokenWord
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE
from domain.ledger import CaptureLedger, Fate
from domain.recognition import FinalWords
from domain.transcript import Word
from domain.watermark import text_of

STAMP_MS = 50.0
"""By which a word may be misplaced."""


class Verdict(Struct, frozen=True, kw_only=True):
    """How a transcript differs from what was said."""

    words: int
    lost: int
    doubled: int
    disordered: int
    """Words behind a word that was said later, once all are ordered by their times."""
    invented: int
    """Words that nobody said."""
    stamp_ms: float
    """Worst error of a start or an end."""
    unaccounted: float
    """Seconds that were sent and that no final result covers."""

    pending: int
    """Words lost that no final result claims to have heard: their audio is still kept."""

    @property
    def is_honest(self) -> bool:
        """Whether all that was not heard is known not to be heard, and the rest is right."""
        wrong = self.doubled + self.disordered + self.invented
        return self.lost == self.pending > 0 and wrong == 0 and self.stamp_ms <= STAMP_MS

    @property
    def kept(self) -> bool:
        """Whether the promise was kept."""
        wrong = self.lost + self.doubled + self.disordered + self.invented
        return wrong == 0 and self.stamp_ms <= STAMP_MS and self.unaccounted == 0


def judged(speech: Speech, finals: Sequence[FinalWords]) -> Verdict:
    """Compares what was heard to what was said."""
    truth = {text_of(word.number): word for word in speech.words}
    words = (word for final in finals for word in final.words if any(map(str.isalnum, word.text)))
    heard = sorted(words, key=lambda word: word.start)
    known = [(word, truth[spelling]) for word in heard if (spelling := word.text.rstrip(".")) in truth]
    open_spans = _open(speech, finals)
    counts = Counter(spoken.number for _, spoken in known)
    numbers = [spoken.number for _, spoken in known]
    return Verdict(
        words=len(truth),
        lost=len(truth) - len(counts),
        doubled=sum(counts.values()) - len(counts),
        disordered=sum(later < earlier for earlier, later in pairwise(numbers)),
        invented=len(heard) - len(known),
        stamp_ms=max((_misplaced(word, spoken) for word, spoken in known), default=0.0),
        unaccounted=(sum(length for _, length in open_spans)) / SAMPLE_RATE,
        pending=sum(word.number not in counts and _is_open(word, open_spans) for word in speech.words),
    )


def _misplaced(word: Word, spoken: SpokenWord) -> float:
    return max(abs(word.start - spoken.start), abs(word.end - spoken.end)) * 1000 / SAMPLE_RATE


def _open(speech: Speech, finals: Sequence[FinalWords]) -> list[tuple[int, int]]:
    """Stretches that were sent and that no final result covers: start, length."""
    ledger = CaptureLedger()
    ledger.capture(speech.end)
    for start, pcm in speech.stretches:
        ledger.send(start, start + len(pcm) // SAMPLE_BYTES)
    for final in finals:
        ledger.finalize(final.through, recognizer="", since=final.since)
    return [(span.start, span.end - span.start) for span in ledger.parts(0, speech.end, Fate.SENT)]


def _is_open(word: SpokenWord, open_spans: Sequence[tuple[int, int]]) -> bool:
    return any(start < word.end and start + length > word.start for start, length in open_spans)
