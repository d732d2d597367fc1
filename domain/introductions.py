"""Who says who they are: "I'm Anna", "mein Name ist Anna". What may be anything else is passed over."""

import re

from domain.given_names import GIVEN_NAMES

LONGEST_NAME = 40
"""Characters."""

_WORD = r"[A-ZÀ-ÖØ-ÞĀ-Ž][^\W\d_A-Z]+(?:[-'’][A-ZÀ-ÖØ-Þ][^\W\d_]+)?"
_NAME = rf"(?P<name>{_WORD}(?: {_WORD})?)"
_END = (
    r"\b(?=\s*(?:[.,!?;:–-]|$|(?:and|from|by the way|here|speaking|calling|nice|pleased|und|aus|et|de|y|e|en|uit)\b))"
)
"""What may stand behind a name. "I'm Anna's mother" is no Anna."""
_OUTRIGHT = (
    r"[Mm]y name(?:'s|’s| is)",
    r"[Mm]ein Name ist",
    r"[Ii]ch hei(?:ß|ss)e",
    r"[Jj]e m['’]appelle",
    r"[Mm]on (?:nom|prénom) est",
    r"[Mm]e llamo",
    r"[Mm]i nombre es",
    r"[Mm]i chiamo",
    r"[Ii]l mio nome è",
    r"[Mm]eu nome é",
    r"[Ii]k heet",
    r"[Mm]ijn naam is",
    r"[Mm]am na imię",
)
"""Behind these stands a name, whatever it is."""
_MAYBE = (
    r"I(?:'m|’m| am)(?: called)?",
    r"(?:[Yy]ou can |[Pp]lease |[Jj]ust )*[Cc]all me",
    r"[Ii]ch bin(?: die| der)?",
    r"[Jj]e suis",
    r"[Ss]oy",
    r"[Ss]ono",
    r"[Ee]u sou(?: a| o)?",
    r"[Ii]k ben",
)
"""Behind these stands a name only if it is a known one: one may be German, Christian or Tired as well."""
_INTRODUCED = re.compile(rf"\b(?:(?P<outright>{'|'.join(_OUTRIGHT)})|(?:{'|'.join(_MAYBE)}))\s+{_NAME}{_END}")
_ANSWERED = re.compile(rf"\b[Tt]his is {_NAME} (?:speaking|calling|here)\b")
_REPORTED = re.compile(
    r"\b(?:said|says?|goes|went|like|told|tells|thinks?|thought|pretend\w*|if|wish|imagine|where|when|whether|not"
    r"|sagt\w*|meint\w*|wenn|dit|dice|dijo|zegt|zei)\b[^.!?]*$",
    re.IGNORECASE,
)
"""In front of what somebody else says of themselves, or nobody does."""
_NO_NAME_WORDS = """
sie euch ihnen herzlich programm hase christian jordan israel georgia chelsea austin paris madison sandy angel god
jesus santa siri alexa google bixby cortana omi sorry fine good okay done sure ready back home here there very really
just so not also still only the a an
"""
_NO_NAME = frozenset(_NO_NAME_WORDS.split())
"""Words that stand there and name nobody, or too often something else."""


def introduced(text: str) -> str | None:
    """The name by which whoever says this introduces themselves; None where nobody does for sure."""
    for found in (*_INTRODUCED.finditer(text), *_ANSWERED.finditer(text)):
        if _REPORTED.search(text[: found.start()]):
            continue
        name, first = found["name"], found["name"].split()[0]
        if any(word.casefold() in _NO_NAME for word in name.split()) or len(name) > LONGEST_NAME:
            continue
        if found.groupdict().get("outright") or first.casefold() in GIVEN_NAMES:
            return name
    return None
