"""What an event is called: the words around the noun that gives it away."""

import re

from adapters.outbound.language_model.english import SILENT, telling
from adapters.outbound.language_model.statements import Statement

MOST_BEFORE = 3
LONGEST = 8
"""Words."""
LONGEST_LETTERS = 120

_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_WITH = re.compile(
    r"\s+(with|to|for|about|of|at|in|between)\s+((?:(?:the|my|our|a|an|his|her|their)\s+)?[^\W\d_]+(?:['’\-][^\W_]+)*"
    r"(?:\s+and\s+[A-Z][^\W_]+|\s+[A-Z][^\W_]+)?)"
)
_POINTING = frozenset(
    ("me", "you", "him", "her", "them", "us", "it", "that", "this", "be", "go", "do", "have", "which")
)
_TIMES_WORDS = """
day days time date hour minute today's tomorrow's today tomorrow tonight monday tuesday wednesday thursday
friday saturday sunday morning afternoon noon next this week weekend month year january february march april may
june july august september october november december am pm o'clock half quarter past minutes hours
"""
_TIMES = frozenset(_TIMES_WORDS.split())
_PARTS = frozenset(("evening", "night"))
"""Times that are part of a name: "movie night"."""
_NO_PART_WORDS = """
have having has got grab grabbing get getting schedule book booked reserve attend free is are be do
"""
_NO_PART = frozenset(_NO_PART_WORDS.split())
_BEING = re.compile(r"\s+(?:is|are|was|will be|becomes)\s*$")
_SEPARATE = re.compile(r"[,;:.!?—]")


def title_around(said: Statement, *, first: int, behind: int) -> str:
    """A few words with what stands in a statement from `first` to `behind` among them."""
    words = [*filter(None, [_before(said.text[:first])]), said.text[first:behind]]
    rest = said.text[behind:]
    for _ in range(2):
        more = _WITH.match(rest)
        if more is None or not _names_something(more[2]) or len(" ".join(words).split()) > LONGEST - 2:
            break
        words.append(f"{more[1]} {more[2]}")
        rest = rest[more.end() :]
    title = " ".join(words)[:LONGEST_LETTERS]
    return title[:1].upper() + title[1:]


def title_before(text: str) -> str:
    """The name of a thing that a text ends with; empty for a pronoun."""
    title = _before(text)[:LONGEST_LETTERS]
    return title[:1].upper() + title[1:]


def title_of_due(said: Statement, *, behind: int) -> str:
    """What is said to be due, in front of a place in a statement; empty for a pronoun."""
    title = title_before(_BEING.sub("", said.text[:behind]))
    return f"{title} due" if title else ""


def _before(text: str) -> str:
    """The adjectives, nouns and names that a text ends with."""
    end = first = len(text.rstrip())
    if text[:end] and _SEPARATE.match(text[end - 1]):
        return ""
    words = list(_WORD.finditer(text))
    for word in words[: -MOST_BEFORE - 1 : -1]:
        plain = word[0].lower().replace("’", "'").removesuffix("'s")
        is_apart = _SEPARATE.search(text, word.end(), first)
        if is_apart or telling(plain) <= SILENT or plain in _TIMES or plain in _NO_PART:
            break
        first = word.start()
    return text[first:end]


def _names_something(text: str) -> bool:
    words = [word.lower() for word in text.split()]
    return not set(words) & (_POINTING | _TIMES | _PARTS) and telling(words[-1]) > SILENT
