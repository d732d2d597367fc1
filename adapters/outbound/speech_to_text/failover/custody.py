"""What a relay answers for: audio it was given, until its words are handed over."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from msgspec import structs

from adapters.outbound.speech_to_text.failover.kept_audio import KeptAudio
from adapters.outbound.speech_to_text.failover.seam import (
    OVERLAP,
    SEARCHED_FOR_A_SEAM,
    DeliveredWords,
    Territory,
    quietest,
)
from domain.audio import AudioFrame
from domain.ledger import CaptureLedger, Fate, Span
from domain.recognition import FinalWords


class Custody:
    """Keeps audio until it is final, and hands over each word once."""

    def __init__(self, *, folder: Path | None, hand_over: Callable[[FinalWords], None]) -> None:
        self.kept = KeptAudio(folder=folder)
        self._ledger: CaptureLedger | None = None
        self._delivered = DeliveredWords()
        self._hand_over = hand_over

    @property
    def end(self) -> int:
        """Position behind the last audio."""
        return self._ledger.end if self._ledger is not None else 0

    def keep(self, frame: AudioFrame) -> None:
        """Takes a frame.

        Raises:
            ValueError: it does not lie behind all before it.
        """
        ledger = self._ledger = self._ledger or CaptureLedger(frame.start)
        if frame.start < ledger.end:
            raise ValueError(f"frame at {frame.start} does not follow what was sent up to {ledger.end}")
        ledger.skip(frame.start, "silence")
        ledger.capture(frame.end)
        ledger.send(frame.start, frame.end)
        self.kept.add(frame)

    def audio(self, start: int, end: int) -> Iterator[AudioFrame]:
        """What there is of a stretch that begins with an overlap.

        The overlap does not reach back over a gap: what was left out between two utterances was silence, so no word
        lies across it, and a recognizer that begins where the utterance does cuts it where any other would.
        """
        return self.kept.between(self._after_gap(start, start + OVERLAP), end)

    def unheard(self, start: int) -> Sequence[Span]:
        """What was sent from a position on and nobody has finalized."""
        if self._ledger is None:
            return ()
        return self._ledger.parts(max(start, self._ledger.watermark), self._ledger.end, Fate.SENT)

    def is_heard(self) -> bool:
        """Whether everything is final."""
        return self._ledger is None or not self._ledger.pending()

    def quiet_position(self) -> int:
        """A position shortly before now where a seam is least likely to hit a word."""
        now = self.end
        return quietest(list(self.kept.between(now - SEARCHED_FOR_A_SEAM, now - OVERLAP // 2)), default=now)

    def deliver(self, event: FinalWords, territory: Territory) -> None:
        """Final words, from whichever lane: each once.

        Synchronous: between the note that audio is finalized and the event that carries its words nothing may
        be cancelled.
        """
        if self._ledger is None:
            return
        words = self._delivered.fresh(event.words, territory)
        settled = self._ledger.finalize(event.through, recognizer=event.recognizer, since=event.since)
        needed = self._ledger.watermark - 2 * OVERLAP
        self.kept.forget(needed)
        self._delivered.forget(needed)
        if words or settled:
            self._hand_over(structs.replace(event, words=words))

    def _after_gap(self, start: int, seam: int) -> int:
        """Where the audio goes on after the last gap up to a seam; the start where there is none."""
        begin, end = start, None
        for frame in self.kept.between(start, seam + 1):
            if end is not None and frame.start > end:
                begin = frame.start
            end = frame.end
        return begin
