"""Sentences that may be commitments, with how likely each is by its own words."""

from collections.abc import Iterator, Sequence
from itertools import chain

from msgspec import Struct

from adapters.outbound.language_model.commitment_patterns import (
    CALLED,
    CALLED_LAST,
    CONDITION,
    DEADLINE,
    DEEDS,
    HABIT,
    HEDGE,
    NAMED,
    NO_DEED,
    NOTED,
    OFFERED,
    ON_THE_SPOT,
    OPENINGS,
    PHRASAL,
    REPORTED,
    TAKEN,
    VAGUE,
    WONDERING,
    Form,
)
from adapters.outbound.language_model.english import SILENT, telling
from adapters.outbound.language_model.rephrase import Seat, as_task, clause
from adapters.outbound.language_model.statements import Statement, content_of
from domain.words import words_of

NAMED_BASE = 0.45
DATED, DEED, HEDGED = 0.15, 0.1, -0.15
CONDITIONAL, HABITUAL, OFFER_ONLY = -0.4, -0.4, -0.3
OFFER = 0.32
"""An offer ("let me", "I can") says little as long as nobody asked, and nothing is dated."""
REMINDER = 0.7
"""Whoever asks to be reminded means it, whatever it is."""
NOTED_DOWN = 0.4
_BEFORE = 30
"""Characters before a promise that tell whether it is quoted."""


class Candidate(Struct, frozen=True, kw_only=True):
    """A clause that may tell what somebody is to do."""

    form: Form
    place: int
    """Of its statement."""
    clause: str
    """As it was said, from the verb on."""
    description: str
    """The same, as the user would note it down."""
    confidence: float
    addressed: str = ""
    """The name of who is asked, or who is said to do it."""
    is_named: bool = False
    """Somebody else is said to do it."""


class _Clause(Struct, frozen=True):
    """Where a commitment begins, and of which kind it is."""

    first: int
    verb: int
    form: Form
    base: float
    named: str = ""


def candidates_of(statements: Sequence[Statement]) -> Iterator[Candidate]:
    """All clauses that begin like a commitment and are none of the known exceptions."""
    voices = {statement.voice for statement in statements}
    for place, said in enumerate(statements):
        to_user = not said.is_user and len(voices) == 2 and any(is_user for is_user, _ in voices)
        found = sorted(_clauses(said, is_alone=len(voices) == 1), key=lambda one: one.first)
        for number, one in enumerate(found, start=1):
            behind = found[number].first if number < len(found) else len(said.text)
            if one.verb >= behind or _is_no_commitment(said, one):
                continue
            text = clause(said.text[one.verb : behind], said.small[one.verb : behind])
            confidence = _confidence(said, one, text)
            if confidence is None:
                continue
            called = _called(said) if one.form is Form.REQUEST else ""
            yield Candidate(
                form=one.form,
                place=place,
                clause=text,
                description=as_task(text, seat=Seat(said.is_user, to_user)),
                confidence=confidence,
                addressed=one.named or called,
                is_named=bool(one.named),
            )


def _called(said: Statement) -> str:
    """The name of who is addressed."""
    match = CALLED.match(said.text) or CALLED_LAST.search(said.text)
    return match[1] if match and telling(match[1].lower()) > SILENT else ""


def _clauses(said: Statement, *, is_alone: bool) -> Iterator[_Clause]:
    taken: set[int] = set()
    for opening in OPENINGS:
        for match in opening.pattern.finditer(said.small):
            if match.end() not in taken:
                taken.add(match.end())
                yield _Clause(match.start(), match.end(), opening.form, opening.base)
    noted = NOTED.match(said.small) if is_alone and not taken else None
    if noted is not None:
        yield _Clause(noted.start(), noted.end(), Form.PROMISE, NOTED_DOWN)
    for match in NAMED.finditer(said.text):
        if telling(match[1].lower()) > SILENT:
            yield _Clause(match.start(), match.end(), Form.PROMISE, NAMED_BASE, match[1])


def _is_no_commitment(said: Statement, one: _Clause) -> bool:
    before = said.small[max(one.first - _BEFORE, 0) : one.first].rstrip()
    is_own = one.form is Form.PROMISE and not one.named
    return bool(
        REPORTED.search(before)
        or (is_own and said.is_question and WONDERING.match(said.small))
        or (is_own and TAKEN.search(said.small[one.first :]))
        or VAGUE.search(said.small)
    )


def _confidence(said: Statement, one: _Clause, text: str) -> float | None:
    """By the words alone; None where they are no deed."""
    words = words_of(text)
    if not words or words[0] in NO_DEED or not _says_something(words, one.form):
        return None
    dated = bool(DEADLINE.search(said.small, one.verb))
    is_deed = words[0] in DEEDS or words[0].removesuffix("ing") in DEEDS or tuple(words[:2]) in PHRASAL
    if words[0] in ON_THE_SPOT and not (dated or is_deed or one.base >= REMINDER):
        return None
    if one.base <= OFFER and one.form is Form.PROMISE and not dated:
        return None
    signals = (
        DATED if dated else 0.0,
        DEED if is_deed else 0.0,
        HEDGED if HEDGE.search(said.small) else 0.0,
        CONDITIONAL if CONDITION.search(said.small[: one.first]) else 0.0,
        HABITUAL if HABIT.search(said.small) else 0.0,
        OFFER_ONLY if OFFERED.search(said.small, one.verb) else 0.0,
    )
    return sum(chain((one.base,), signals))


def _says_something(words: Sequence[str], form: Form) -> bool:
    """A promise is more than a verb; a request may point to what was said."""
    return len(words) > 1 and (form is not Form.PROMISE or len(content_of(" ".join(words))) > 0)
