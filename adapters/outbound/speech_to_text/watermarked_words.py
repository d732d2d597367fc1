"""Watermarked words at their place in a capture, each once, also when a cut goes through them."""

from collections.abc import Iterable

from domain.audio import AudioFrame
from domain.transcript import Word
from domain.watermark import SUB_BLOCK_SAMPLES, WORD_SAMPLES, HeardWord, WordFinder

_ENOUGH = WORD_SAMPLES // 2 // SUB_BLOCK_SAMPLES * SUB_BLOCK_SAMPLES
"""Samples of a word that have to be heard. Of a word that is cut in two, one part has as many, whatever the cut."""


class WatermarkedWords:
    """Finds the words in frames of any size."""

    def __init__(self) -> None:
        self._finder = WordFinder()
        self._origin = 0
        """Where in the capture the finder began."""
        self._half: int | None = None
        """Number of the last word, when only a part of it was heard: another part does not count again."""

    @property
    def end(self) -> int:
        """Position behind the last frame."""
        return self._origin + self._finder.position

    @property
    def open(self) -> Word | None:
        """The word that is being spoken."""
        heard = self._finder.open
        return None if heard is None or heard.number == self._half else self._placed(heard)

    def add(self, frame: AudioFrame) -> tuple[Word, ...]:
        """Hears a frame; gives the words that are over now."""
        before: tuple[Word, ...] = ()
        if frame.start != self.end:
            before = self.flush()
            self._finder, self._origin = WordFinder(), frame.start
        return before + self._counted(self._finder.feed(frame.pcm))

    def flush(self) -> tuple[Word, ...]:
        """The word that is being spoken, as if it were over."""
        return self._counted(self._finder.flush())

    def _counted(self, pieces: Iterable[HeardWord]) -> tuple[Word, ...]:
        return tuple(self._placed(piece) for piece in pieces if self._counts(piece))

    def _counts(self, piece: HeardWord) -> bool:
        length = piece.end - piece.start
        counts = length >= _ENOUGH and (length == WORD_SAMPLES or piece.number != self._half)
        if length == _ENOUGH and piece.place and piece.start == 0:
            counts = False  # the cut went through the very middle: the first half counts, whoever heard it
        self._half = piece.number if counts and length < WORD_SAMPLES else None
        return counts

    def _placed(self, heard: HeardWord) -> Word:
        return Word(heard.text, self._origin + heard.start, self._origin + heard.end)
