"""What a simulated recognizer hears: a function of the audio alone."""

from collections.abc import Iterator

from domain.audio import SAMPLE_BYTES, SAMPLE_RATE
from domain.watermark import WORD_SAMPLES, HeardWord, WordFinder

_STEP = SAMPLE_RATE // 50 * SAMPLE_BYTES
"""Audio is heard in steps of 20 ms, however it came: what is said must not depend on the size of the messages."""
_ENOUGH = WORD_SAMPLES // 2
"""Samples of a word that have to be heard for it to be understood."""


class Hearing:
    """Listens to one connection. Positions are samples from the first one that came over it."""

    def __init__(self) -> None:
        self._finder = WordFinder()
        self._words: list[HeardWord] = []
        self._spoken_to = 0

    @property
    def position(self) -> int:
        """Samples heard so far."""
        return self._finder.position

    @property
    def waiting(self) -> tuple[HeardWord, ...]:
        """The words heard since the last `take`."""
        return tuple(self._words)

    @property
    def speaking(self) -> bool:
        """Whether a word has begun that is not over."""
        return self._finder.open is not None

    @property
    def quiet(self) -> int:
        """Samples since somebody spoke."""
        return 0 if self.speaking else self.position - self._spoken_to

    def steps(self, pcm: bytes) -> Iterator[tuple[HeardWord, ...]]:
        """Hears audio, mono, signed 16-bit little-endian, 16 kHz; gives the words that ended in each step."""
        for at in range(0, len(pcm), _STEP):
            yield self._note(self._finder.feed(pcm[at : at + _STEP]))

    def flush(self) -> tuple[HeardWord, ...]:
        """The word that was cut off by the end of the audio, if any."""
        return self._note(self._finder.flush())

    def take(self) -> tuple[tuple[HeardWord, ...], int]:
        """The words heard since the last time, and how far the audio is accounted for with them."""
        words, self._words = tuple(self._words), []
        unfinished = self._finder.open
        return words, self.position if unfinished is None else unfinished.start

    def _note(self, words: tuple[HeardWord, ...]) -> tuple[HeardWord, ...]:
        if words:
            self._spoken_to = words[-1].end
        understood = tuple(word for word in words if word.end - word.start >= _ENOUGH)
        self._words += understood
        return understood
