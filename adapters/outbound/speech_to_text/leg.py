"""What one connection to a vendor says, put on the clock of the capture."""

from collections.abc import Iterable

from msgspec import Struct

from domain.audio import AudioFrame, seconds
from domain.recognition import FinalWords, InterimWords
from domain.timeline import Timeline
from domain.transcript import Word
from ports.errors import TemporarilyUnavailable

_SLACK = 0.1
"""Seconds by which a vendor's stamps may disagree with themselves."""
_BEYOND = 1.0
"""Seconds by which stamps may lie beyond the audio that was sent. More is not this capture that the vendor talks of."""
_PATIENCE = 1
"""Results that may wait for an earlier one before it counts as never coming. More would delay live words."""


class LegWord(Struct, frozen=True, gc=False):
    """A word as the vendor reports it."""

    text: str
    start: float
    """Seconds of audio that the connection was sent before it."""
    end: float
    confidence: float = 1.0
    speaker: int = 0


class LegResult(Struct, frozen=True, kw_only=True):
    """Words that the vendor will not change, and the stretch of audio they account for."""

    words: tuple[LegWord, ...]
    start: float | None = None
    """Seconds, on the leg's clock; None: where the result before it ended."""
    end: float
    """Seconds. All audio before it is dealt with, once all earlier results are in."""


class Leg:
    """Turns a vendor's results into events: each word once, in order, and a watermark that never goes back.

    A result that repeats what is known adds nothing. A result that comes before its predecessor waits for it, so
    that the watermark never covers audio nobody has accounted for; when another one comes first, the leg goes on
    without the predecessor.
    """

    def __init__(self, recognizer: str) -> None:
        self._recognizer = recognizer
        self._timeline = Timeline()
        self._heard = 0.0
        """Seconds of the leg that are accounted for."""
        self._guessed = 0.0
        """Seconds of the leg up to which there were guesses."""
        self._watermark = 0
        self._early: list[LegResult] = []

    @property
    def sent(self) -> int:
        """Samples sent so far: now, on the leg's clock."""
        return self._timeline.sent

    def send(self, frame: AudioFrame) -> None:
        """Notes that a frame is sent."""
        self._timeline.send(frame.start, frame.end)

    def interim(self, words: Iterable[LegWord]) -> InterimWords:
        """A guess. Raises TemporarilyUnavailable as `final` does."""
        guessed = tuple(words)
        self._check(word.end for word in guessed)
        self._guessed = max([self._guessed, *(word.end for word in guessed)])
        return InterimWords(tuple(self._mapped(word) for word in guessed), self._recognizer)

    def final(self, result: LegResult) -> tuple[FinalWords, ...]:
        """What a result brings: nothing while an earlier one is missing, more when it was the missing one.

        Raises:
            TemporarilyUnavailable: it tells of audio that was never sent: the session is confused.
        """
        self._check((result.end, *(word.end for word in result.words)))
        self._early.append(result)
        self._early.sort(key=_start)
        events: list[FinalWords] = []
        while self._early and (self._follows(self._early[0]) or len(self._early) > _PATIENCE):
            events.append(self._account(self._early.pop(0)))
        return tuple(events)

    def finish(self) -> tuple[FinalWords, ...]:
        """What still waits, and the watermark at the end of all that was sent: the vendor has dealt with it."""
        events = [self._account(result) for result in self._early]
        self._early.clear()
        if self._watermark < self._timeline.end:
            self._watermark = self._timeline.end
            events.append(FinalWords((), self._watermark, self._recognizer))
        return tuple(events)

    @property
    def unheard(self) -> float:
        """Seconds at the end of what was sent that no result accounts for."""
        return max(seconds(self._timeline.sent) - max([self._heard, *(result.end for result in self._early)]), 0.0)

    @property
    def left_guessing(self) -> bool:
        """Whether there were guesses at words that no result accounts for."""
        return self._guessed > self._heard + _SLACK and not self._early

    def _check(self, stamps: Iterable[float]) -> None:
        beyond = max(stamps, default=0.0) - seconds(self._timeline.sent)
        if beyond > _BEYOND:
            reported = f"words {beyond:.1f} s behind the end of the audio"
            raise TemporarilyUnavailable(f"{self._recognizer} reported {reported}: its times cannot be believed")

    def _follows(self, result: LegResult) -> bool:
        return result.start is None or result.start <= self._heard + _SLACK

    def _account(self, result: LegResult) -> FinalWords:
        fresh = (word for word in result.words if (word.start + word.end) / 2 >= self._heard)
        words = tuple(self._mapped(word) for word in fresh)
        self._heard = max(self._heard, min(result.end, seconds(self._timeline.sent)))
        self._watermark = max(self._watermark, self._end_of(self._heard))
        self._timeline.forget_before(self._watermark)
        return FinalWords(words, self._watermark, self._recognizer)

    def _mapped(self, word: LegWord) -> Word:
        start, end = self._timeline.start_of(word.start), self._end_of(word.end)
        return Word(word.text, start, max(start, end), word.confidence, word.speaker)

    def _end_of(self, leg_seconds: float) -> int:
        return self._timeline.end_of(leg_seconds) if self._timeline.sent else 0


def _start(result: LegResult) -> float:
    return -1.0 if result.start is None else result.start
