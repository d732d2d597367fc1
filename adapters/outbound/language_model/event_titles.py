"""What an event is called: the words around the noun that gives it away."""

import re

from adapters.outbound.language_model.english import SILENT, telling
from adapters.outbound.language_model.statements import Statement

MOST_BEFORE = 3
LONGEST = 8
"""Words."""

_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_WITH = re.compile(
    r"\s+(with|to|for|about|of|at|in|between)\s+((?:(?:the|my|our|a|an|his|her|their)\s+)?[^\W\d_]+(?:['’\-][^\W_]+)*"
    r"(?:\s+and\s+[A-Z][^\W_]+|\s+[A-Z][^\W_]+)?)"
)
_POINTING = frozenset(
    ("me", "you", "him", "her", "them", "us", "it", "that", "this", "be", "go", "do", "have", "which")
)
_TIMES_WORDS = """
today tomorrow tonight monday tuesday wednesday thursday friday saturday sunday morning afternoon evening night
noon next this week weekend month year january february march april may june july august september october
november december am pm o'clock half quarter past minutes hours
"""
_TIMES = frozenset(_TIMES_WORDS.split())
_NO_PART_WORDS = """
have having has got grab grabbing get getting schedule book booked reserve attend free is are be do
"""
_NO_PART = frozenset(_NO_PART_WORDS.split())
_BEING = re.compile(r"\s+(?:is|are|was|will be|becomes)\s*$")
_SEPARATE = re.compile(r"[,;:.!?—]")


def title_around(said: Statement, *, first: int, behind: int) -> str:
    """A few words with what stands in a statement from `first` to `behind` among them."""
    words = [*_before(said.text[:first]), said.text[first:behind]]
    rest = said.text[behind:]
    for _ in range(2):
        more = _WITH.match(rest)
        if more is None or not _names_something(more[2]) or len(" ".join(words).split()) > LONGEST - 2:
            break
        words.append(f"{more[1]} {more[2]}")
        rest = rest[more.end() :]
    title = " ".join(words)
    return title[:1].upper() + title[1:]


def title_of_due(said: Statement, *, behind: int) -> str:
    """What is said to be due, in front of a place in a statement; empty for a pronoun."""
    words = _before(_BEING.sub("", said.text[:behind]))
    return f"{' '.join(words)[:1].upper()}{' '.join(words)[1:]} due" if words else ""


def _before(text: str) -> list[str]:
    """The adjectives, nouns and names right before a noun."""
    end = len(text.rstrip())
    if text[:end] and _SEPARATE.match(text[end - 1]):
        return []
    kept: list[str] = []
    for word in reversed(list(_WORD.finditer(text))):
        plain = word[0].lower().replace("’", "'").removesuffix("'s")
        apart = _SEPARATE.search(text, word.end(), end)
        if len(kept) == MOST_BEFORE or apart or telling(plain) <= SILENT or plain in _TIMES or plain in _NO_PART:
            break
        kept.insert(0, word[0])
        end = word.start()
    return kept


def _names_something(text: str) -> bool:
    words = [word.lower() for word in text.split()]
    return not set(words) & (_POINTING | _TIMES) and telling(words[-1]) > SILENT
