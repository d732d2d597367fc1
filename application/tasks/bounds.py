"""Limits on what a model writes: told to it in words, and enforced here."""

import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta

LONGEST_LINE = 300
"""Characters of a title, an item, a fact."""
LONGEST_TEXT = 4_000
"""Characters of anything longer."""

BRAIN = "🧠"
_LONGEST_EMOJI = 8
_PAST, _FUTURE = timedelta(days=366), timedelta(days=20 * 366)
"""How far from the talk a date may lie that was made in it. Beyond, the model miscounted."""


def line(text: str, *, longest: int = LONGEST_LINE) -> str:
    """The text on one line, cut at a word."""
    return _cut(" ".join(text.split()), longest)


def paragraphs(text: str, *, longest: int = LONGEST_TEXT) -> str:
    """The text, cut at a word; its lines stay."""
    return _cut(text.strip(), longest)


def in_words(text: str, *, most: int) -> str:
    """At most so many words of a text, ended at a sentence where there is one."""
    words = text.split()
    if len(words) <= most:
        return " ".join(words)
    kept = words[:most]
    whole = max((n for n, word in enumerate(kept, 1) if word[-1] in ".!?。！？"), default=0)
    return " ".join(kept[:whole]) if whole >= most // 2 else " ".join(kept).rstrip(",;:") + "…"


def emoji(text: str) -> str:
    """The emoji, if it is one."""
    symbol = text.strip()
    fits = 0 < len(symbol) <= _LONGEST_EMOJI and unicodedata.category(symbol[0]) == "So"
    return symbol if fits else BRAIN


def names(found: Iterable[str], *, most: int, longest: int = 60) -> tuple[str, ...]:
    """Different names in order; case makes no difference."""
    different: dict[str, str] = {}
    for name in found:
        spelled = line(name, longest=longest)
        different.setdefault(spelled.casefold(), spelled)
    return tuple(name for name in different.values() if name)[:most]


def plausible(moment: datetime | None, *, now: datetime | None) -> datetime | None:
    """The moment, unless it is far from the talk."""
    if moment is None or now is None or moment.tzinfo is None:
        return moment if moment is not None and moment.tzinfo is not None else None
    return moment if now - _PAST <= moment <= now + _FUTURE else None


def _cut(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    return text[:longest].rsplit(maxsplit=1)[0].rstrip(",;:") + "…"
