"""How two sentences about the user go together, told from their words alone."""

import re
from enum import StrEnum

from domain.words import STOP_WORDS, stem, words_of

_SUBJECTS = frozenset(("user", "they", "the", "user's", "their"))
_NUMBER = re.compile(r"\d")
_VALUE = re.compile(
    r"^(?P<subject>.*?\b(?:lives? in|works? (?:at|for|as)|is (?:a|an)|drives? (?:a|an)|is married to|is dating|"
    r"is (?:allergic|engaged) to|studies at|studies|moved to|"
    r"(?:favou?rite \w+|name|birthday|job|phone number|address|boss|wife|husband|partner|doctor|dentist|car|employer|"
    r"home town|hometown|age|weight|height) (?:is|are)))"
    r"\s+(?P<value>.+)$"
)
"""Sentences that tell one value of something: only of these can a newer one take the place of an older one."""
_ONE_AT_A_TIME = re.compile(
    r"\b(?:lives? in|works? (?:at|for|as)|drives? an?|is married to|is dating|is engaged to|moved to|(?:is|are))$"
)
_SEVERAL = re.compile(r"\b(?:is (?:a|an)|is allergic to|studies)$")
"""One may be a father and an engineer, and allergic to more than one thing."""
_NEAR = 0.6
_SAME_PLACE = {"moved to": "lives in", "live in": "lives in", "work at": "works at", "works for": "works at"}


class Agreement(StrEnum):
    """What one sentence says to another."""

    SAME = "same"
    """The same words, but for order and endings."""
    NEAR = "near"
    """Most words are the same; only their meaning can tell."""
    CHANGED = "changed"
    """The same thing has another value."""
    OTHER = "other"
    """They have nothing to do with each other, as far as words tell."""


def agreement_of(newer: str, older: str) -> Agreement:
    """How a sentence goes together with an earlier one. Careful: in doubt both hold."""
    one, other = _content(newer), _content(older)
    if one == other and bool(_negated(newer)) == bool(_negated(older)):
        return Agreement.SAME
    if _changed(newer, older):
        return Agreement.CHANGED
    union = one | other
    has_other_numbers = _numbers(newer) != _numbers(older)
    if union and len(one & other) / len(union) >= _NEAR and not has_other_numbers:
        return Agreement.NEAR if bool(_negated(newer)) == bool(_negated(older)) else Agreement.OTHER
    return Agreement.OTHER


def _changed(newer: str, older: str) -> bool:
    one, other = _VALUE.match(_plain(newer)), _VALUE.match(_plain(older))
    if one is None or other is None or _SEVERAL.search(one["subject"]):
        return False
    if not _ONE_AT_A_TIME.search(one["subject"]) or _negated(newer) or _negated(older):
        return False
    return _thing(one["subject"]) == _thing(other["subject"]) and not _content(one["value"]) & _content(other["value"])


def _thing(subject: str) -> str:
    for words, canonical in _SAME_PLACE.items():
        subject = re.sub(rf"\b{words}$", canonical, subject)
    return " ".join(word for word in words_of(subject) if word not in {"the", "now", "currently"})


def _plain(sentence: str) -> str:
    return " ".join(word for word in words_of(sentence) if word not in {"now", "currently", "recently", "has", "have"})


def _content(sentence: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words_of(sentence) if word not in STOP_WORDS and word not in _SUBJECTS)


def _numbers(sentence: str) -> frozenset[str]:
    return frozenset(word for word in words_of(sentence) if _NUMBER.search(word))


def _negated(sentence: str) -> bool:
    return bool({"not", "no", "never", "doesn't", "don't", "isn't", "didn't", "longer"} & set(words_of(sentence)))
