"""From "I run every morning" to "Runs every morning."."""

import re
from collections.abc import Mapping

from adapters.outbound.language_model.english import SILENT, telling
from adapters.outbound.language_model.fact_patterns import Telling

_PLACE = re.compile(r"\{(\d)?(s|h|v)?(:name)?(verb)?\}")
_OWN = {"my": "their", "our": "their", "mine": "theirs", "me": "them", "us": "them", "your": "their", "i": "they"}
_ES = ("s", "sh", "ch", "x", "z", "o")


def sentence_of(told: Telling, match: re.Match[str], text: str) -> str:
    """The sentence that a pattern makes of what it matched; empty where it would say nothing.

    Args:
        told: the pattern.
        match: in small letters.
        text: the same as it was written: names keep their capitals.
    """
    pieces = {str(number): _spoken(text, match, number) for number in range(1, match.re.groups + 1)}
    if ":name" in told.sentence and not _is_name(pieces[str(match.re.groups)]):
        return ""
    filled = _PLACE.sub(lambda place: _filled(place, pieces, match), told.sentence).strip()
    if not any(telling(word.lower()) > SILENT for word in filled.split()) and len(filled.split()) < 3:
        return ""
    return f"{filled[:1].upper()}{filled[1:].rstrip(' ,')}."


def _filled(place: re.Match[str], pieces: Mapping[str, str], match: re.Match[str]) -> str:
    if place[4]:
        return "was born" if "was born" in match[0] else "grew up"
    piece = pieces[str(int(place[1]) + 1)]
    match place[2]:
        case "h":
            adverb, verb, *rest = piece.split()
            return " ".join((adverb.lower(), third_person(verb), *rest))
        case "s" | "v":
            verb, *rest = piece.split()
            return " ".join((third_person(verb.lower()), *rest))
        case _:
            return piece


def third_person(verb: str) -> str:
    """The form of a verb behind "she"."""
    if verb == "have":
        return "has"
    if verb.endswith("y") and verb[-2:-1] not in set("aeiou"):
        return f"{verb[:-1]}ies"
    return f"{verb}es" if verb.endswith(_ES) else f"{verb}s"


def _spoken(text: str, match: re.Match[str], number: int) -> str:
    spoken = text[match.start(number) : match.end(number)].strip()
    return re.sub(r"[A-Za-z]+", lambda word: _OWN.get(word[0].lower(), word[0]), spoken)


def _is_name(word: str) -> bool:
    return word[:1].isupper() and telling(word.lower()) > SILENT
