"""What a simulated recognizer hears."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

from domain.audio import SAMPLE_BYTES, SAMPLE_RATE
from domain.watermark import WORD_SAMPLES, HeardWord, WordFinder

_STEP = SAMPLE_RATE // 50 * SAMPLE_BYTES
"""Audio is heard in steps of 20 ms, however it came: what is said must not depend on the size of the messages."""
_ENOUGH = WORD_SAMPLES // 2
"""Samples of a word that have to be heard for it to be understood."""


class Hearing(Protocol):
    """Listens to one connection. Positions are samples from the first one that came over it."""

    @property
    def position(self) -> int:
        """Samples heard so far."""
        ...

    @property
    def understood(self) -> int:
        """Position up to which the audio is accounted for with the words heard so far."""
        ...

    @property
    def waiting(self) -> tuple[HeardWord, ...]:
        """The words heard since the last `take`."""
        ...

    @property
    def speaking(self) -> bool:
        """Whether something was said that is not understood yet, and nothing since the last `take` is."""
        ...

    @property
    def quiet(self) -> int:
        """Samples since somebody spoke."""
        ...

    def steps(self, pcm: bytes) -> Iterator[tuple[HeardWord, ...]]:
        """Hears audio, mono, signed 16-bit little-endian, 16 kHz; gives the words that were understood in each step."""
        ...

    async def settle(self) -> None:
        """Waits until all words that are over are understood."""
        ...

    def flush(self) -> tuple[HeardWord, ...]:
        """The word that was cut off by the end of the audio, if any."""
        ...

    def take(self) -> tuple[tuple[HeardWord, ...], int]:
        """The words heard since the last time, and how far the audio is accounted for with them."""
        ...


Listening = Callable[[], AbstractAsyncContextManager[Hearing]]
"""Listens to one more connection."""


@asynccontextmanager
async def listening_for_watermarks() -> AsyncIterator[Hearing]:
    """Hears watermarked words, at once: what is heard is a function of the audio alone."""
    yield WatermarkHearing()


class WatermarkHearing:
    """Hears the words of `domain.watermark`. See `Hearing`."""

    def __init__(self) -> None:
        self._finder = WordFinder()
        self._words: list[HeardWord] = []
        self._spoken_to = 0

    @property
    def position(self) -> int:
        """Samples heard so far."""
        return self._finder.position

    @property
    def understood(self) -> int:
        """All but a word that is not over."""
        unfinished = self._finder.open
        return self.position if unfinished is None else unfinished.start

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
        return words, self.understood

    async def settle(self) -> None:
        """Nothing has to be waited for."""

    def _note(self, words: tuple[HeardWord, ...]) -> tuple[HeardWord, ...]:
        if words:
            self._spoken_to = words[-1].end
        understood = tuple(word for word in words if word.end - word.start >= _ENOUGH)
        self._words += understood
        return understood
