"""Stretches of the files that a question is about, and no more of them than a model takes."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from heapq import nlargest

import anyio.to_thread
from msgspec import Struct

from domain.chat import ChatFile, FileText
from domain.words import STOP_WORDS, stem, words_of

MOST_TOKENS = 5_000
"""Of all files together. What is shorter is given whole."""
FITTING = 0.5
"""Share of what a question asks for that a stretch of an earlier file has at least."""
_LETTERS_PER_TOKEN = 3.6
_LONGEST = 900
"""Letters of a stretch."""
_LONGEST_LABEL = 200
"""Letters of the line that names the columns of a table."""
_TABLE = "text/csv"
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s+|\n")


class FilePassage(Struct, frozen=True, kw_only=True):
    """A stretch of a file."""

    file: ChatFile
    text: str
    best: str
    """The sentence that fits best, alone."""
    score: float
    """How much of what the question asks for is in it: 0 to 1."""


class _Piece(Struct, frozen=True):
    file: ChatFile
    text: str
    is_first: bool
    words: frozenset[str]
    """Of those that are asked for."""


async def file_passages(
    files: Sequence[FileText], question: str, *, earlier: Sequence[FileText] = ()
) -> tuple[FilePassage, ...]:
    """What a question may be answered from, file by file and in their order.

    Args:
        files: that the question is about. Something of each is given, whatever is asked.
        question: any text.
        earlier: files that it may be about. Of them only what fits is given.
    """
    return await anyio.to_thread.run_sync(_passages, files, earlier, question) if files or earlier else ()


def _passages(files: Sequence[FileText], earlier: Sequence[FileText], question: str) -> tuple[FilePassage, ...]:
    wanted = frozenset(stem(word) for word in words_of(question) if word not in STOP_WORDS)
    own, others = ([piece for file in some for piece in _pieces(file, wanted)] for some in (files, earlier))
    weigh = _Weights([*own, *others], wanted)
    kept = [*own, *(piece for piece in others if weigh(piece.words) >= FITTING)]
    return tuple(
        FilePassage(file=one.file, text=one.text, best=_best(one.text, wanted), score=weigh(one.words))
        for one in _affordable(kept, weigh)
    )


class _Weights:
    """Says how much of a question a stretch has. A word that is in all of them tells none from another."""

    def __init__(self, pieces: Sequence[_Piece], wanted: frozenset[str]) -> None:
        known = Counter(word for piece in pieces for word in piece.words)
        self._weights = {word: math.log(1 + len(pieces) / (known[word] + 0.5)) for word in wanted}
        self._whole = sum(self._weights.values())

    def __call__(self, words: frozenset[str]) -> float:
        return sum(self._weights[word] for word in words) / self._whole if self._whole else 0.0


def _affordable(pieces: Sequence[_Piece], weigh: _Weights) -> list[_Piece]:
    """As many as a model takes, the best; how a file begins tells what it is, so that counts for something."""
    left = MOST_TOKENS * _LETTERS_PER_TOKEN
    order = range(len(pieces))
    ranked = nlargest(len(pieces), order, key=lambda n: (weigh(pieces[n].words) + 0.1 * pieces[n].is_first, -n))
    chosen: set[int] = set()
    for number in ranked:
        left -= len(pieces[number].text)
        if left < 0:
            break
        chosen.add(number)
    return [piece for number, piece in enumerate(pieces) if number in chosen]


def _pieces(read: FileText, wanted: frozenset[str]) -> Iterator[_Piece]:
    label = _label(read)
    for number, text in enumerate(pieces_of(read.text)):
        whole = f"{label}\n{text}" if label and number else text
        yield _Piece(read.file, whole, number == 0, _asked_for(whole, wanted))


def _asked_for(text: str, wanted: frozenset[str]) -> frozenset[str]:
    """Which of the words are in a text. Nearly all of a long file has none of them, which is seen at a glance."""
    lowered = text.lower()
    if not any(word.partition("'")[0] in lowered for word in wanted):
        return frozenset()
    return wanted & {stem(word) for word in words_of(text)}


def _label(read: FileText) -> str:
    """What the columns of a table are called: each stretch of it needs to say so."""
    first = read.text.partition("\n")[0].strip() if read.file.media_type == _TABLE else ""
    return first if len(first) <= _LONGEST_LABEL else ""


def pieces_of(text: str, *, longest: int = _LONGEST) -> Iterator[str]:
    """A text in stretches that end at a line, or else at a sentence, or else at a word."""
    piece = ""
    for line in text.splitlines():
        for part in _parts(line.strip(), longest):
            if piece and len(piece) + len(part) >= longest:
                yield piece
                piece = ""
            piece = f"{piece}\n{part}" if piece else part
    if piece:
        yield piece


def _parts(line: str, longest: int) -> Iterator[str]:
    at = 0
    while len(line) - at > longest:
        end = max(line.rfind(". ", at, at + longest) + 1, 0) or line.rfind(" ", at, at + longest)
        end = end if end > at else at + longest
        yield line[at:end].strip()
        at = end
    if line[at:].strip():
        yield line[at:].strip()


def _best(text: str, wanted: frozenset[str]) -> str:
    sentences = [sentence for sentence in _SENTENCE_END.split(text) if sentence.strip()]
    return max(sentences, key=lambda one: len(wanted & {stem(word) for word in words_of(one)}), default=text)
