"""What one voice says without a pause, put together from the pieces in which a recognizer tells it."""

from collections.abc import Iterable, Iterator

from domain.audio import SAMPLE_RATE
from domain.transcript import TranscriptSegment

PAUSE = SAMPLE_RATE // 2
"""Samples between two pieces that may be between two voices."""

ENOUGH = 5 * SAMPLE_RATE
"""Length at which an utterance tells its voice: of a longer one the middle is heard. With three seconds, every sixth
second of a talk of four goes to the wrong voice; with five, every sixteenth."""


class Utterance:
    """Pieces that follow each other."""

    def __init__(self, piece: TranscriptSegment, number: int) -> None:
        self.pieces = [piece]
        self.number = number
        """The recognizer's own for the speaker."""

    @property
    def start(self) -> int:
        """Samples, on the clock of the pieces."""
        return self.pieces[0].start

    @property
    def end(self) -> int:
        """Position behind the last word."""
        return self.pieces[-1].end

    @property
    def is_enough(self) -> bool:
        """Whether it tells its voice as it is."""
        return self.end - self.start >= ENOUGH

    def takes(self, piece: TranscriptSegment, number: int) -> bool:
        """Whether a piece goes on with it, as far as the recognizer knows."""
        last = self.pieces[-1]
        follows = piece.start - last.start >= 0 and piece.start - last.end < PAUSE
        return follows and not self.is_enough and number == self.number and piece.recognizer == last.recognizer


def utterances(pieces: Iterable[TranscriptSegment]) -> Iterator[Utterance]:
    """Puts pieces together. Their `speaker` is the recognizer's own number.

    Args:
        pieces: in order of time.
    """
    utterance: Utterance | None = None
    for piece in pieces:
        if utterance is not None and utterance.takes(piece, piece.speaker):
            utterance.pieces.append(piece)
            continue
        if utterance is not None:
            yield utterance
        utterance = Utterance(piece, piece.speaker)
    if utterance is not None:
        yield utterance
