"""What was talked about, in a word or two each."""

from collections.abc import Iterable

from adapters.outbound.language_model.english import stem
from adapters.outbound.language_model.phrases import ranked_phrases
from adapters.outbound.language_model.sentences import Talk
from domain.words import words_of

MOST = 8
WORTH_TELLING = 0.3
"""Of the best phrase's score."""
LONG_TALK = 40
"""Sentences from which what was said once is no topic."""
LONGEST = 2
"""Words."""


def topics_of(talk: Talk, *, people: Iterable[str] = ()) -> tuple[str, ...]:
    """At most eight phrases of at most two words, the most talked about first; names of people are none."""
    used = {stem(word) for name in people for word in words_of(name)}
    ranked = [phrase for phrase in ranked_phrases(talk) if len(phrase.stems) <= LONGEST]
    shown: list[str] = []
    for phrase in ranked:
        if len(shown) == MOST or phrase.score < WORTH_TELLING * ranked[0].score:
            break
        is_said_enough = phrase.count > 1 or len(talk.sentences) < LONG_TALK
        if is_said_enough and used.isdisjoint(phrase.stems):
            shown.append(phrase.text)
            used.update(phrase.stems)
    return tuple(shown)
