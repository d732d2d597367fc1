"""Word error rate: how far a transcript is from what was said."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from msgspec import Struct

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_FILLERS = frozenset(("uh", "um", "uhm", "umm", "mm", "mhm", "hmm", "hm", "er", "erm", "ah", "eh"))
_SPELLINGS = {"mr": "mister", "mrs": "missus", "dr": "doctor", "st": "saint", "okay": "ok"}
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'"})
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


class WordErrors(Struct, frozen=True, kw_only=True):
    """Counts over one or more transcripts. They add up."""

    errors: int = 0
    """Words substituted, deleted and inserted."""
    words: int = 0
    """Words of the references."""

    @property
    def rate(self) -> float:
        """Errors per word of reference; 0 without words."""
        return self.errors / self.words if self.words else 0.0

    def __add__(self, other: "WordErrors") -> "WordErrors":
        return WordErrors(errors=self.errors + other.errors, words=self.words + other.words)


def word_errors(reference: str, *, heard: str) -> WordErrors:
    """Compares what was heard to what was said, both normalized."""
    said, got = normalized(reference), normalized(heard)
    return WordErrors(errors=distance(said, got), words=len(said))


def total(counts: Iterable[WordErrors]) -> WordErrors:
    """The sum of counts."""
    return sum(counts, WordErrors())


def normalized(text: str) -> list[str]:
    """The words of a text: lower-case, without punctuation, digits spelled singly, fillers dropped."""
    text = unicodedata.normalize("NFKC", text).translate(_APOSTROPHES).lower()
    text = _DIGIT.sub(lambda digit: f" {_DIGITS[int(digit[0])]} ", text)
    return [_SPELLINGS.get(word, word) for word in _WORD.findall(text) if word not in _FILLERS]


def distance(reference: Sequence[str], heard: Sequence[str]) -> int:
    """Least number of words to substitute, delete and insert (Levenshtein)."""
    row = list(range(len(heard) + 1))
    for count, said in enumerate(reference, 1):
        diagonal, row[0] = row[0], count
        for at, word in enumerate(heard, 1):
            best = min(row[at] + 1, row[at - 1] + 1, diagonal + (said != word))
            diagonal, row[at] = row[at], best
    return row[-1]
