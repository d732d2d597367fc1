"""What a recognizer of whole utterances makes up, taken out again."""

import re
from math import inf

from domain.audio import seconds

_MUSIC = re.compile(r"[♩♪♫♬]+")
_READABLE = re.compile(r"[A-Za-zÀ-ɏ0-9]")
"""Latin letters and digits: the model knows English only, other scripts are its dreams."""
_FOREIGN = re.compile(r"[^\W\d_]")
_DIGITS = re.compile(r"\d")

_SAID_TO_NOBODY = {
    "you": (0.15, 1.5),
    "thank you": (0.2, inf),
    "thanks": (0.15, inf),
    "bye": (0.1, inf),
    "thank you for watching": (0.5, inf),
    "thanks for watching": (0.5, inf),
    "thank you very much": (0.5, inf),
    "please subscribe": (0.5, inf),
}
"""What the model says to silence and noise -> least and most seconds of speech that saying it really takes."""

_MOST_REPEATS = (6, 4, 3)
"""How often one word, two words, three or more words may be said in a row. `No no no no` is real."""
_LONGEST_REPEATED = 12
"""Words."""

_DIGITS_PER_SECOND = 6
_ALWAYS_DIGITS = 12
"""Digits that a number may have however fast it was said: two words can be a billion."""


def sanitized(text: str, *, speech: int, length: int) -> str:
    """A text without what nobody said.

    Args:
        text: what the recognizer made of an utterance.
        speech: samples of the utterance that stand out from its background.
        length: samples of the utterance.
    """
    words = [word for word in _MUSIC.sub(" ", text).split() if _is_readable(word)]
    words = [word for word in _collapsed(words) if not _runs_away(word, seconds(length))]
    if not any(_READABLE.search(word) for word in words) or _was_made_up(words, seconds(speech)):
        return ""
    return " ".join(words)


def _is_readable(word: str) -> bool:
    """Words of Latin letters or digits, and bare punctuation."""
    return bool(_READABLE.search(word)) or not _FOREIGN.search(word)


def _was_made_up(words: list[str], speech: float) -> bool:
    spelled = re.sub(r"[^a-z ]", "", " ".join(words).lower()).strip()
    least, most = _SAID_TO_NOBODY.get(spelled, (0.0, inf))
    return not least <= speech <= most


def _runs_away(word: str, duration: float) -> bool:
    """Whether a number has more digits than can have been said."""
    return len(_DIGITS.findall(word)) > max(_ALWAYS_DIGITS, duration * _DIGITS_PER_SECOND)


def _collapsed(words: list[str]) -> list[str]:
    """The words, with what repeats without end said once."""
    plain = [word.strip(".,!?-").lower() for word in words]
    kept: list[str] = []
    at = 0
    while at < len(words):
        size, count = _repeats(plain, at)
        kept += words[at : at + size]
        at += size * count
    return kept


def _repeats(words: list[str], at: int) -> tuple[int, int]:
    """Length and count of what repeats itself without end from a place on; (1, 1) when nothing does."""
    for size in range(1, _LONGEST_REPEATED + 1):
        unit, count = words[at : at + size], 1
        while words[at + size * count : at + size * (count + 1)] == unit:
            count += 1
        if count > _MOST_REPEATS[min(size, len(_MOST_REPEATS)) - 1]:
            return size, count
    return 1, 1
