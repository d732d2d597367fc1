"""How much an English word tells of a topic: the small background that stands in for word frequencies."""

import re
from collections.abc import Sequence

from adapters.outbound.language_model import vocabulary

SILENT = 0.0
COMMON = 0.3
VERBAL = 0.6
"""Forms in -ing, -ed and -ly: rarely what a talk is about, often part of how it is said."""
TELLING = 1.0

FOREIGN_SHARE = 0.2
"""English speech is half function words; where fewer than this are, it is another language."""
ENOUGH_TO_TELL = 20
"""Words below which a text is taken for English."""
LONG_WORD = 5
"""Letters from which a word of an unknown language counts as telling."""

FILLERS = frozenset(vocabulary.FILLERS.split())
"""Sounds, not words."""


_SILENT_WORDS = FILLERS.union(
    vocabulary.FUNCTION.split(), vocabulary.SPOKEN.split(), vocabulary.VERBS.split(), vocabulary.NUMBERS.split()
)
_COMMON_WORDS = frozenset(vocabulary.COMMON.split())
_CONTRACTION = re.compile(r".+(?:'(?:m|re|ve|ll|d|em|all)|n't)")
_UNCOUNTED_ENDINGS = ("ss", "us", "is")
_HISSING = ("sses", "xes", "ches", "shes")


def is_english(words: Sequence[str]) -> bool:
    """Whether lower-case words are English, as far as they tell."""
    known = [word in _SILENT_WORDS or bool(_CONTRACTION.fullmatch(word)) for word in words]
    if len(known) < ENOUGH_TO_TELL:
        return all(word.isascii() for word in words)
    return sum(known) >= FOREIGN_SHARE * len(known)


def telling(word: str) -> float:
    """How much a lower-case English word tells of a topic, 0 to 1."""
    if len(word) < 2 or word in _SILENT_WORDS or _CONTRACTION.fullmatch(word):
        return SILENT
    if word in _COMMON_WORDS or stem(word) in _COMMON_WORDS:
        return COMMON
    return VERBAL if len(word) > LONG_WORD and word.endswith(("ing", "ed", "ly")) else TELLING


def telling_abroad(word: str) -> float:
    """The same for a word of a language without a background here: short words are function words."""
    return TELLING if len(word) >= LONG_WORD or not word.isascii() else SILENT


def stem(word: str) -> str:
    """The singular of a lower-case word, by its ending; good enough to count with."""
    if len(word) <= 3 or not word.endswith("s") or word.endswith(_UNCOUNTED_ENDINGS):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith(_HISSING) else word[:-1]
