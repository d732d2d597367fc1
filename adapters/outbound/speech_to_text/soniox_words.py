"""Soniox reports pieces of words; here they become words."""

import re
from collections.abc import Iterable, Sequence

from msgspec import Struct

from adapters.outbound.speech_to_text.leg import LegWord

ENDPOINT = "<end>"
"""Says that somebody has finished speaking: all words before it are final."""
FINALIZED = "<fin>"
"""Says that all audio up to a request to finalize is final."""
_MARKERS = {ENDPOINT, FINALIZED}

_LETTER = re.compile(r"\w")
_WRITTEN_WITHOUT_SPACES = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Thai, Lao, Burmese, Khmer, Japanese, Chinese: there, each piece counts as a word."""


class Token(Struct, frozen=True):
    """A piece of a word. A space in front of it starts a word."""

    text: str
    is_final: bool | None = None
    start_ms: float | None = None
    """Milliseconds of audio before it; markers have none."""
    end_ms: float | None = None
    confidence: float | None = None
    speaker: str | None = None
    """`1`, `2`, ...; only when voices are told apart."""

    @property
    def is_marker(self) -> bool:
        """Whether it is a remark of the vendor, and nothing that was said."""
        return self.text in _MARKERS

    @property
    def start(self) -> float:
        """Seconds."""
        return (self.start_ms or 0.0) / 1000

    @property
    def end(self) -> float:
        """Seconds."""
        return self.start if self.end_ms is None else self.end_ms / 1000

    def goes_behind(self, word: Sequence["Token"]) -> bool:
        """Whether another word starts here, and not a further piece of the word before it."""
        before = word[-1].text[-1:]
        if self.text[:1].isspace() or before.isspace():
            return True
        if not _LETTER.match(self.text):
            return False
        speaks_another = self.speaker != word[0].speaker
        return speaks_another or bool(_WRITTEN_WITHOUT_SPACES.search(before + self.text[:1]))


class WordAssembly:
    """Joins final pieces. The last word stays open until it is known to be over: its rest may be still to come."""

    def __init__(self) -> None:
        self._open: list[Token] = []

    @property
    def open_since(self) -> float | None:
        """Seconds at which the word starts that is not over; None when there is none."""
        return self._open[0].start if self._open else None

    def add(self, tokens: Iterable[Token]) -> list[LegWord]:
        """Takes final pieces and markers in order; gives the words that are over now."""
        words: list[LegWord] = []
        for token in tokens:
            if token.is_marker or (self._open and token.goes_behind(self._open)):
                words += self.close()
            if not token.is_marker and token.text:
                self._open.append(token)
        return words

    def close(self) -> list[LegWord]:
        """The word that was open, if any: nothing more comes of it."""
        pieces, self._open = self._open, []
        return _words((pieces,))

    def goes_on(self, guessed: Sequence[Token], *, heard: float, patience: float) -> bool:
        """Whether more of the open word may come: a guess continues it, or it ended only just now."""
        if not self._open:
            return False
        if guessed and not guessed[0].goes_behind(self._open):
            return True
        return heard < self._open[-1].end + patience

    def guess(self, guessed: Iterable[Token]) -> list[LegWord]:
        """The open word and what is guessed behind it."""
        groups = [list(self._open)]
        for token in guessed:
            if groups[-1] and token.goes_behind(groups[-1]):
                groups.append([])
            if token.text:
                groups[-1].append(token)
        return _words(groups)


def _words(groups: Iterable[Sequence[Token]]) -> list[LegWord]:
    return [_word(pieces) for pieces in groups if "".join(piece.text for piece in pieces).strip()]


def _word(pieces: Sequence[Token]) -> LegWord:
    sure = [piece.confidence for piece in pieces if piece.confidence is not None]
    return LegWord(
        text="".join(piece.text for piece in pieces).strip(),
        start=pieces[0].start,
        end=max(piece.end for piece in pieces),
        confidence=sum(sure) / len(sure) if sure else 1.0,
        speaker=_number(pieces[0].speaker),
    )


def _number(speaker: str | None) -> int:
    """Soniox counts voices from 1."""
    return max(int(speaker) - 1, 0) if speaker is not None and speaker.isdecimal() else 0
