"""Who is to do what: commitments and agreed requests, found by rules.

Nothing is learned here. Patterns of promises ("I'll", "I need to"), requests that somebody agrees to ("can you ...?"
"sure"), plans that somebody takes on; against them quotes, conditions, habits, and what only sounds like a promise
("I'll be honest"). What is found comes with a confidence below 1, to be shown and not asserted.

Measured on 40 talks made up for it, each lot before the rules had been mended by it, of the five surest items of a talk
79 % were right, and 77 % of what was to be found was among them. Real meetings are harder: most of what is agreed on in
them is said in no such words.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec import Struct, structs

from adapters.outbound.language_model.commitment_patterns import (
    AGREEMENT,
    REFUSAL,
    TAKEN,
    THANKS,
    WEAK_AGREEMENT,
    WONT_FORGET,
    Form,
)
from adapters.outbound.language_model.commitments import Candidate, candidates_of
from adapters.outbound.language_model.due_dates import due_of
from adapters.outbound.language_model.statements import Statement, content_of, replies
from domain.material import Talk
from domain.memory import ActionItem
from domain.words import words_of

MOST = 10
LEAST_SURE = 0.45
"""Confidence below which nothing is told."""
MOST_SURE = 0.95
AGREED, NODDED, THANKED, TAKEN_ON = 0.35, 0.2, 0.1, 0.35
LATE, CLOSING = 0.05, 0.8
"""What is said in the last fifth of a talk more often is what was agreed on."""
ALIKE = 0.6
"""Share of common words from which two items are one."""
_REPLY = 2
"""Sentences of a reply that are looked at."""
_POINTS_BACK = frozenset(("it", "them", "that", "this", "one", "some"))


class _Found(Struct, frozen=True, kw_only=True):
    """A commitment with who takes it."""

    description: str
    confidence: float
    owner: str
    segments: tuple[int, ...]
    when: tuple[str, ...]
    """Sentences that may tell the deadline."""
    place: int


def action_items_of(
    talk: Talk, statements: Sequence[Statement], *, now: datetime | None = None
) -> tuple[ActionItem, ...]:
    """At most ten action items, the surest first.

    Args:
        talk: English.
        statements: of that talk.
        now: aware, when it took place; None: nothing is given a date.
    """
    found = [_settled(candidate, talk, statements) for candidate in candidates_of(statements)]
    sure = [one for one in _merged([one for one in found if one is not None]) if one.confidence >= LEAST_SURE]
    best = sorted(sure, key=lambda one: (-one.confidence, one.place))[:MOST]
    return tuple(
        ActionItem(
            description=one.description,
            owner=one.owner,
            due=due_of(one.when, now),
            confidence=round(min(one.confidence, MOST_SURE), 2),
            evidence=tuple(talk.segments[index].id for index in one.segments),
        )
        for one in best
    )


def _settled(candidate: Candidate, talk: Talk, statements: Sequence[Statement]) -> _Found | None:
    said = statements[candidate.place]
    answer = list(replies(statements, candidate.place, within=_REPLY))
    confidence = candidate.confidence + (LATE if candidate.place > CLOSING * len(statements) else 0.0)
    match candidate.form:
        case Form.PROMISE:
            owner = candidate.addressed if candidate.is_named else _owner(talk, said)
            if answer and (THANKS.match(answer[0].small) or AGREEMENT.match(answer[0].small)):
                confidence += THANKED
            return _found(candidate, said, confidence, owner=owner)
        case Form.PLAN:
            taken = next((reply for reply in answer if TAKEN.search(reply.small)), None)
            if taken is None:
                return _found(candidate, said, confidence, owner="")
            return _found(candidate, said, confidence + TAKEN_ON, owner=_owner(talk, taken), reply=taken)
        case Form.REQUEST:
            return _asked(candidate, talk, said, answer, confidence)


def _asked(
    candidate: Candidate, talk: Talk, said: Statement, answer: Sequence[Statement], confidence: float
) -> _Found | None:
    """A request is worth something when who was asked agrees."""
    if not answer:
        return _found(candidate, said, confidence, owner=candidate.addressed)
    reply = answer[0]
    forgets_nothing = WONT_FORGET.match(reply.small) and "forget" in said.small
    if any(REFUSAL.search(one.small) for one in answer) and not forgets_nothing:
        return None
    owner = candidate.addressed if candidate.addressed and not reply.is_user else _owner(talk, reply)
    if forgets_nothing or AGREEMENT.match(reply.small):
        return _found(candidate, said, confidence + AGREED, owner=owner, reply=_telling(answer))
    if WEAK_AGREEMENT.match(reply.small):
        more = AGREED if any(TAKEN.search(one.small) or AGREEMENT.match(one.small) for one in answer) else NODDED
        return _found(candidate, said, confidence + more, owner=owner, reply=reply)
    return _found(candidate, said, confidence, owner=candidate.addressed)


def _telling(answer: Sequence[Statement]) -> Statement:
    """The sentence of a reply that says most."""
    return max(answer, key=lambda one: len(one.text))


def _found(
    candidate: Candidate, said: Statement, confidence: float, *, owner: str, reply: Statement | None = None
) -> _Found:
    both = (said,) if reply is None else (said, reply)
    return _Found(
        description=candidate.description,
        confidence=confidence,
        owner=owner,
        segments=tuple(dict.fromkeys(one.segment for one in both)),
        when=(candidate.clause, *(one.text for one in both)),
        place=candidate.place,
    )


def _owner(talk: Talk, said: Statement) -> str:
    return "user" if said.is_user else talk.voice(said.segment)


def _merged(found: Sequence[_Found]) -> Iterator[_Found]:
    """What is said again, or asked and then promised, is one item."""
    kept: list[_Found] = []
    for one in found:
        same = next((place for place, other in enumerate(kept) if _is_same(other, one)), None)
        if same is None:
            kept.append(one)
        else:
            kept[same] = _joined(kept[same], one)
    return iter(kept)


def _is_same(earlier: _Found, later: _Found) -> bool:
    if not words_of(earlier.description) or (earlier.owner and later.owner and earlier.owner != later.owner):
        return False
    one, other = content_of(earlier.description), content_of(later.description)
    if _points_back(later.description) and words_of(later.description)[0] == words_of(earlier.description)[0]:
        return True
    common = one & other
    answers = bool(set(earlier.segments) & set(later.segments)) and earlier.place != later.place
    if answers:
        return bool(common) or _points_back(later.description)
    return bool(common) and len(common) >= ALIKE * min(len(one), len(other)) and len(common) > 1


def _points_back(description: str) -> bool:
    return bool(_POINTS_BACK & set(words_of(description)))


def _joined(earlier: _Found, later: _Found) -> _Found:
    answers = bool(set(earlier.segments) & set(later.segments))
    wordiest = max(earlier, later, key=lambda one: len(content_of(one.description)))
    fuller = earlier if _points_back(later.description) else later if answers else wordiest
    return structs.replace(
        fuller,
        confidence=max(earlier.confidence, later.confidence) + THANKED,
        owner=later.owner or earlier.owner,
        segments=tuple(sorted({*earlier.segments, *later.segments})),
        when=(*later.when, *earlier.when),
    )
