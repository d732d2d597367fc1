"""What a talk was about, in a few of its own words."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from msgspec import Struct

from adapters.outbound.language_model.english import SILENT
from adapters.outbound.language_model.sentences import Sentence, Talk, Token, counts

LONGEST = 8
"""Words."""
LONGEST_LETTERS = 80
"""For languages without spaces."""
LONGEST_PHRASE = 3
MOST_PHRASES = 3
WORTH_ADDING = 0.55
"""Of the best phrase's score: what is below does not enter the title."""
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


def title_of(talk: Talk) -> str:
    """A title of at most eight words, starting with a capital; empty only when there are no words."""
    chosen = _chosen(talk)
    title = _listed(chosen, " and " if talk.is_english else ", ") if chosen else _opening(talk.sentences)
    return title[:1].upper() + title[1:LONGEST_LETTERS]


def _chosen(talk: Talk) -> list[str]:
    phrases = {stems: phrase for stems, phrase in _phrases(talk.sentences).items() if _is_sure(phrase, stems, talk)}
    said = counts(talk.sentences)
    last = max((sentence.index for sentence in talk.sentences), default=0) or 1
    scores = {stems: _score(stems, phrase, said, phrase.first / last) for stems, phrase in phrases.items()}
    ranked = sorted(scores, key=lambda stems: (-scores[stems], phrases[stems].first, stems))
    proper = _proper(talk.sentences)
    shown: list[str] = []
    used: set[str] = set()
    for stems in ranked:
        if len(shown) == MOST_PHRASES or scores[stems] < WORTH_ADDING * scores[ranked[0]]:
            break
        if used.isdisjoint(stems) and len(" ".join(shown).split()) + len(stems) < LONGEST:
            shown.append(_spelled(phrases[stems].spellings.most_common(1)[0][0], proper))
            used.update(stems)
    return shown


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
        for end in range(start + 1, min(start + LONGEST_PHRASE, len(tokens)) + 1):
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


def _listed(phrases: list[str], conjunction: str) -> str:
    return conjunction.join(filter(None, [", ".join(phrases[:-1]), phrases[-1]]))


def _opening(sentences: Sequence[Sentence]) -> str:
    """For talk without a topic: how it began."""
    words = sentences[0].text.split()[:LONGEST] if sentences else []
    return " ".join(words).rstrip(",;:.!?… ")
