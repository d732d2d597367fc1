"""Words that were said side by side, ranked by how much a talk is about them."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from msgspec import Struct

from adapters.outbound.language_model.english import SILENT
from adapters.outbound.language_model.sentences import Sentence, Talk, Token, counts

LONGEST = 3
"""Words of a phrase."""
EARLY = 0.25
"""How much more the first mention at the very start counts than one at the end."""
REPETITION = 0.7
"""Exponent: a word said ten times is five times as much a topic as one said once."""
CLOSING_COMMON = 0.5
"""A phrase of words that tell less than this is none."""

Stems = tuple[str, ...]


class Phrase(Struct):
    """Words that were said side by side."""

    count: int
    first: int
    """Index of the sentence in which it was said first."""
    weight: float
    """Of the words, together."""
    spellings: Counter[str]


class Ranked(Struct, frozen=True):
    """A phrase as it is shown."""

    stems: Stems
    text: str
    score: float
    count: int
    """How often it was said."""


def ranked_phrases(talk: Talk) -> list[Ranked]:
    """The phrases of a talk, those it is about most first."""
    phrases = {stems: phrase for stems, phrase in _phrases(talk.sentences).items() if _is_sure(phrase, stems, talk)}
    said = counts(talk.sentences)
    last = max((sentence.index for sentence in talk.sentences), default=0) or 1
    scores = {stems: _score(stems, phrase, said, phrase.first / last) for stems, phrase in phrases.items()}
    proper = _proper(talk.sentences)
    return [
        Ranked(
            stems, _spelled(phrases[stems].spellings.most_common(1)[0][0], proper), scores[stems], phrases[stems].count
        )
        for stems in sorted(scores, key=lambda stems: (-scores[stems], phrases[stems].first, stems))
    ]


def _phrases(sentences: Sequence[Sentence]) -> dict[Stems, Phrase]:
    phrases: dict[Stems, Phrase] = {}
    for sentence in sentences:
        for tokens in _runs(sentence.tokens):
            stems = tuple(token.stem for token in tokens)
            weight = sum(token.weight for token in tokens)
            if weight <= CLOSING_COMMON or len(set(stems)) < len(stems):
                continue
            phrase = phrases.setdefault(stems, Phrase(0, sentence.index, weight, Counter()))
            phrase.count += 1
            phrase.spellings[" ".join(token.text for token in tokens)] += 1
    return phrases


def _is_sure(phrase: Phrase, stems: Stems, talk: Talk) -> bool:
    """Without a background, words that stood side by side once need not belong together."""
    return talk.is_english or len(stems) == 1 or phrase.count > 1


def _runs(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """All stretches of telling words without a mark between them."""
    for start in range(len(tokens)):
        for end in range(start + 1, min(start + LONGEST, len(tokens)) + 1):
            run = tokens[start:end]
            if run[-1].weight <= SILENT or run[-1].phrase != run[0].phrase:
                break
            yield run


def _score(stems: Stems, phrase: Phrase, said: Counter[str], lateness: float) -> float:
    """Telling words that were said often, and that belong together because they are seldom apart."""
    together = phrase.count / min(said[stem] for stem in stems)
    often = sum(math.pow(said[stem], REPETITION) for stem in stems) / len(stems)
    return phrase.weight / math.sqrt(len(stems)) * often * math.sqrt(together) * (1 + EARLY * (1 - lateness))


def _proper(sentences: Sequence[Sentence]) -> set[str]:
    """Words that are mostly capitalized within sentences."""
    seen: defaultdict[str, list[bool]] = defaultdict(list)
    for sentence in sentences:
        for token in sentence.tokens:
            if not token.opens:
                seen[token.word].append(token.text[0].isupper())
    return {word for word, capitals in seen.items() if 2 * sum(capitals) > len(capitals)}


def _spelled(phrase: str, proper: set[str]) -> str:
    return " ".join(word if word.lower() in proper or word[1:].isupper() else word.lower() for word in phrase.split())
