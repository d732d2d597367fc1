"""From what was said to a line on a list: where a clause ends, and who "I" and "you" are for its reader."""

import re

from msgspec import Struct

LONGEST = 20
"""Words."""
LONGEST_LETTERS = 300

_BREAK = re.compile(
    r"[.;:!?…—](?=\s|$)|,? (?:but|because|cause|so that|which|although|though|while (?:i|you|we)|otherwise|or else|"
    r"you know|i mean|i guess|i think)\b|,? and (?:i|you|we|he|she|they|then|that|it)(?:'|\b)|, (?:and|so|okay|ok|"
    r"right|alright|if|please|then|you|i|we|he|she|they|it|that|don't|no|yeah|yes|will|can|could|thanks|thank|just|"
    r"unless|it's|that's)\b"
)
_TRAILING = re.compile(
    r"(?:[\s,]+(?:okay|ok|right|until then|by then|then|though|please|too|as well|for sure|alright|now|again|yeah))+$",
    re.IGNORECASE,
)

_CALLING = re.compile(r", [A-Z][a-z]+$")
"""Whom one speaks to, at the end."""

_OF_USER = {"you": "them", "your": "their", "yours": "theirs", "yourself": "themselves", "yourselves": "themselves"}
_OF_OTHER = {
    "me": "them", "my": "their", "mine": "theirs", "myself": "themselves", "us": "them", "our": "their",
}  # fmt: skip
_SUBJECT = re.compile(r"\b(when|while|if|before|after|as|what|where|once|until) (you|i)\b", re.IGNORECASE)
"""In a clause that hangs on these, it is who acts."""
_TO_USER = {"you": "me", "your": "my", "yours": "mine", "yourself": "myself"}


class Seat(Struct, frozen=True):
    """From where something was said."""

    by_user: bool
    to_user: bool
    """The user is who was spoken to: nobody else is there."""


def clause(text: str, small: str) -> str:
    """What a text says before it turns to something else."""
    broken = _BREAK.search(small)
    shown = " ".join(text[: broken.start() if broken else len(text)].split()[:LONGEST])[:LONGEST_LETTERS]
    return _TRAILING.sub("", _CALLING.sub("", shown)).strip(" ,'\"“”")


def as_task(text: str, *, seat: Seat) -> str:
    """A clause that begins with its verb, as the user would note it down."""
    if seat.by_user:
        swapped = _swapped(_acting(text, {"you": "they"}), _OF_USER)
    else:
        to_user = {"you": "I"} if seat.to_user else {}
        swapped = _swapped(_acting(text, {"i": "they"} | to_user), _OF_OTHER | (_TO_USER if seat.to_user else {}))
    return swapped[:1].upper() + swapped[1:]


def _acting(text: str, others: dict[str, str]) -> str:
    return _SUBJECT.sub(lambda found: f"{found[1]} {others.get(found[2].lower(), found[2])}", text)


def _swapped(text: str, others: dict[str, str]) -> str:
    return re.sub(r"[A-Za-z]+(?:['’][a-z]+)?", lambda found: others.get(found[0].lower(), found[0]), text)
