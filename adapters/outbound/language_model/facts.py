"""What users tell of themselves that lasts: sentences of a few kinds, said plainly, in their own voice.

Rules, not learned, and careful ones: a fact that is missed will be said again, a wrong one stays. Left out are quotes,
conditions, doubts, jokes, what passes, what was once, and questions.
"""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from adapters.outbound.language_model.fact_doubts import (
    DOUBTED,
    OBJECT_END,
    PASSING,
    QUOTED,
    START,
    TAKEN_BACK,
    UNSURE,
)
from adapters.outbound.language_model.fact_patterns import OF_ONESELF, OF_YOU, Telling
from adapters.outbound.language_model.fact_sentences import sentence_of
from adapters.outbound.language_model.statements import Statement, content_of
from domain.grounding import of_the_user
from domain.material import Background
from domain.memory import FactDraft
from domain.transcript import TranscriptSegment

MOST = 3
LONGEST = 9
"""Words of what a fact says of its subject. Longer ones are stories."""
LONGEST_LETTERS = 200
_BEFORE = 40
_NEXT = 2
"""Sentences behind one that may take it back."""
_HALF_SAID = re.compile(r"(?:^|\s)(?:the|a|an|my|their|to|of|in|at|for|with|and|or|on|as|from|very|really|is)$")


class _Told(Struct, frozen=True, kw_only=True):
    """A fact, and how much it is worth."""

    draft: FactDraft
    weight: float
    place: int


def facts_of(
    segments: Sequence[TranscriptSegment], statements: Sequence[Statement], *, background: Background
) -> tuple[FactDraft, ...]:
    """At most three facts about the user that are not known yet, the weightiest first.

    Args:
        segments: of an English talk.
        statements: of that talk.
        background: facts that are known, and the user's name.
    """
    known = [content_of(fact) for fact in background.facts]
    told: list[_Told] = []
    for one in sorted(_told(segments, statements, background), key=lambda one: (-one.weight, one.place)):
        content = content_of(one.draft.content)
        if content not in known:
            known.append(content)
            told.append(one)
    return tuple(one.draft for one in told[:MOST])


def _told(
    segments: Sequence[TranscriptSegment], statements: Sequence[Statement], background: Background
) -> Iterator[_Told]:
    voices = {statement.voice for statement in statements}
    face_to_face = len(voices) == 2 and any(is_user for is_user, _ in voices)
    for place, said in enumerate(statements):
        tellings = OF_ONESELF if said.is_user else OF_YOU if face_to_face else ()
        if not tellings or _is_doubtful(place, statements):
            continue
        for telling, match in _clauses(said, tellings):
            content = sentence_of(telling, match, said.text)
            evidence = (
                of_the_user(content, evidence=[said.segment], segments=segments, user_name=background.user_name)
                if content
                else ()
            )
            if evidence:
                draft = FactDraft(content=content, category=telling.category, evidence=evidence)
                yield _Told(draft=draft, weight=telling.weight, place=place)


def _is_doubtful(place: int, statements: Sequence[Statement]) -> bool:
    said = statements[place]
    small = said.small.rstrip()
    is_checked = small.endswith((", right?", ", don't you?", ", aren't you?")) and not said.is_user
    if (said.is_question and not is_checked) or DOUBTED.search(small):
        return True
    following = (one for one in statements[place + 1 : place + 1 + _NEXT] if one.voice == said.voice)
    return any(TAKEN_BACK.search(one.small) for one in following)


def _clauses(said: Statement, tellings: Sequence[Telling]) -> Iterator[tuple[Telling, re.Match[str]]]:
    for start in START.finditer(said.small):
        before = said.small[max(start.end() - _BEFORE, 0) : start.end()]
        if QUOTED.search(before):
            return
        end = OBJECT_END.search(said.small, start.end() + 2)
        behind = end.start() if end else len(said.small)
        clause = said.small[start.end() : behind]
        if (
            UNSURE.search(said.small[:behind])
            or PASSING.search(clause)
            or len(clause) > LONGEST_LETTERS
            or len(clause.split()) > LONGEST + 2
            or _HALF_SAID.search(clause)
        ):
            continue
        match = next(
            (
                (telling, found)
                for telling in tellings
                if (found := telling.pattern.match(said.small, start.end(), behind))
            ),
            None,
        )
        if match is not None:
            yield match
