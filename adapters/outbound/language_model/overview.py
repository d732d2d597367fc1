"""A few sentences of a talk that stand for the whole. They are quoted, not written."""

import re
from collections import Counter
from collections.abc import Sequence
from math import sqrt

from adapters.outbound.language_model.sentences import Sentence, counts

LONGEST = 60
"""Words."""
LONG_TALK = 1_500
"""Words from which the beginning says little about the whole."""
CANDIDATES = 300
"""Of a long talk, the most central sentences that are compared with each other."""
SUBSTANCE = 1.5
"""Least weight of the distinct words of a sentence that says something."""
SHORTEST = 5
"""Words."""
QUESTION = 0.6
"""A question is worth less than a statement: it says what was not known."""
REDUNDANCY = 0.6
"""How much being like what is chosen already counts against a sentence."""

LONGEST_LETTERS = 500
"""For languages without spaces."""

_HESITATION = re.compile(
    r"(?:(?:um+|uh+|hm+|mhm|oh|ah|yeah|yes|yep|okay|ok|so|well|right|sure|alright|great|nice|agreed),\s+)+"
    r"(?:(?:so|and|but)\s+)?",
    re.IGNORECASE,
)

Vector = dict[str, float]


def overview_of(sentences: Sequence[Sentence]) -> str:
    """At most sixty words, in the order of the talk; empty only when there are no sentences.

    Short talks are opened by what they are about: the first sentence with substance, then the most central
    others. In long ones sentences are chosen that are close to the whole and far from each other.
    """
    substantial = [sentence for sentence in sentences if _has_substance(sentence)] or list(sentences)
    if not substantial:
        return ""
    words = sum(sentence.length for sentence in sentences)
    opening = substantial[:1] if words < LONG_TALK else []
    chosen = _chosen(substantial, opening, counts(sentences))
    return _cut(" ".join(_closed(s.text) for s in sorted(chosen, key=lambda s: s.index)))


def _chosen(sentences: Sequence[Sentence], opening: list[Sentence], said: Counter[str]) -> list[Sentence]:
    whole: Vector = {stem: sqrt(count) for stem, count in said.items()}
    vectors = {sentence.index: _vector(sentence, said) for sentence in sentences}
    central = {s.index: _worth(s) * _likeness(vectors[s.index], whole) for s in sentences}
    left = sorted(sentences, key=lambda s: -central[s.index])[:CANDIDATES]
    left = [sentence for sentence in left if sentence not in opening]
    closest = {
        s.index: max((_likeness(vectors[s.index], vectors[o.index]) for o in opening), default=0.0) for s in left
    }
    chosen, room = list(opening), LONGEST - sum(sentence.length for sentence in opening)
    while left := [sentence for sentence in left if sentence.length <= room or not chosen]:
        best = max(left, key=lambda s: central[s.index] - REDUNDANCY * closest[s.index] * central[left[0].index])
        left.remove(best)
        chosen.append(best)
        room -= best.length
        for s in left:
            closest[s.index] = max(closest[s.index], _likeness(vectors[s.index], vectors[best.index]))
    return chosen


def _has_substance(sentence: Sentence) -> bool:
    return sentence.length >= SHORTEST and sum(sentence.stems.values()) >= SUBSTANCE


def _worth(sentence: Sentence) -> float:
    return QUESTION if sentence.is_question else 1.0


def _vector(sentence: Sentence, said: Counter[str]) -> Vector:
    return {stem: weight * sqrt(said[stem]) for stem, weight in sentence.stems.items()}


def _likeness(one: Vector, other: Vector) -> float:
    """Cosine."""
    small, large = (one, other) if len(one) <= len(other) else (other, one)
    product = sum(value * large.get(stem, 0.0) for stem, value in small.items())
    return product / (_norm(one) * _norm(other)) if product else 0.0


def _norm(vector: Vector) -> float:
    return sqrt(sum(value * value for value in vector.values()))


def _closed(text: str) -> str:
    """A sentence without "um, yeah, so" in front, that starts with a capital and ends with a mark."""
    text = text.removeprefix(hesitation[0]) if (hesitation := _HESITATION.match(text)) else text
    text = text[:1].upper() + text[1:]
    return text if text[-1] in ".!?…。！？" else f"{text.rstrip(',;:')}."


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_LETTERS else text[:LONGEST_LETTERS].rstrip(" ,;:.") + "…"
