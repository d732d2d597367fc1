"""Whose names were mentioned: those the user knows, and those that are used as names are."""

import re
from collections.abc import Iterator, Sequence

from adapters.outbound.language_model.english import SILENT, telling
from adapters.outbound.language_model.statements import Statement
from domain.given_names import GIVEN_NAMES
from domain.grounding import Vocabulary
from domain.material import Background
from domain.transcript import TranscriptSegment

MOST = 20
LONGEST = 60
"""Letters."""

_NAME = r"([A-Z][^\W\d_A-Z]+(?:-[A-Z][^\W\d_]+)?(?: [A-Z][^\W\d_]+(?:-[A-Z][^\W\d_]+)?)?)"
_INTRODUCED = re.compile(
    r"\b(?:[Tt]his is|[Mm]y name is|[Mm]y name's|[Hh]is name is|[Hh]er name is|[Hh]is name's|[Hh]er name's|[Mm]eet "
    r"my \w+|[Mm]y (?:wife|husband|partner|girlfriend|boyfriend|son|daughter|brother|sister|friend|boss|colleague|"
    r"cousin|uncle|aunt|neighbor|neighbour|roommate|doctor|coach|dentist|best friend|teammate|"
    r"co-founder)(?: is(?: called| named)?)?|"
    rf"(?:named|called)|Dr\.|Mr\.|Mrs\.|Ms\.|Professor|[Aa]unt|[Uu]ncle|[Gg]randma|[Gg]randpa),? {_NAME}"
)
_SPOKEN_WITH = re.compile(
    r"\b(?:talk(?:ed|ing)? (?:to|with)|spoke (?:to|with)|speak(?:ing)? (?:to|with)|asked|ask|tell|told|email|text|"
    r"texted|emailed|remind|invite|invited|thanks|thank you|hey|hi|hello|[Tt]hanks|[Tt]hank you|[Hh]ey|[Hh]i|"
    r"[Hh]ello|[Aa]sk|[Tt]ell|met|"
    rf"married|dating|dated|hired|marry|owe|owes|according to),? {_NAME}"
)
_DOING = re.compile(
    rf"(?<![.!?] ){_NAME} (?:said|says|told|asked|thinks|thought|wants|wanted|called|texted|emailed|promised|agreed|"
    r"mentioned|suggested|sent me|is coming|came over|and I\b)"
)
_WORD = re.compile(r"[^\W\d_]+")
_NO_PERSON_WORDS = """
monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
september october november december english german french spanish italian american british chinese christmas
easter god jesus google apple amazon microsoft facebook netflix uber siri alexa zoom slack github twitter
youtube instagram whatsapp europe america africa asia germany france spain italy england china india japan
london paris berlin york mom dad mum internet wifi covid lord santa christ hr it ceo cto
"""
_NO_PERSON = frozenset(_NO_PERSON_WORDS.split())


def people_of(
    segments: Sequence[TranscriptSegment], statements: Sequence[Statement], *, background: Background
) -> tuple[str, ...]:
    """At most twenty names in the order they were mentioned, without the user's own.

    A name that stands alone somewhere and with a surname elsewhere is one.
    """
    said = Vocabulary(segments)
    known = [name for name in background.people if name in said]
    found: dict[str, None] = dict.fromkeys(known)
    for statement in statements:
        found.update(dict.fromkeys(_named(statement.text)))
    own = {background.user_name.casefold(), *background.user_name.casefold().split()}
    names = [name for name in found if name.casefold() not in own and len(name) <= LONGEST]
    return tuple(name for name in names if not _is_part(name, names))[:MOST]


def _named(text: str) -> Iterator[str]:
    for pattern in (_INTRODUCED, _SPOKEN_WITH, _DOING):
        for match in pattern.finditer(text):
            if name := _without_others(match[1]):
                yield name
    for word in _WORD.finditer(text):
        if word[0].lower() in GIVEN_NAMES and word[0][0].isupper() and not word[0].isupper():
            yield _with_surname(text, word)


def _with_surname(text: str, first: re.Match[str]) -> str:
    following = _WORD.match(text, first.end() + 1) if text[first.end() : first.end() + 1] == " " else None
    if following is None or not following[0][0].isupper() or not _may_be_name(following[0]):
        return first[0]
    return f"{first[0]} {following[0]}"


def _without_others(name: str) -> str:
    """The name up to where a word is none: "Ben On" is Ben."""
    words = name.split()
    if not _may_be_name(words[0]):
        return ""
    return " ".join(words) if len(words) == 1 or _may_be_name(words[1]) else words[0]


def _may_be_name(word: str) -> bool:
    small = word.lower()
    return len(word) > 1 and small not in _NO_PERSON and (telling(small) > SILENT or small in GIVEN_NAMES)


def _is_part(name: str, names: Sequence[str]) -> bool:
    words = set(name.casefold().split())
    return any(words < set(other.casefold().split()) for other in names)
