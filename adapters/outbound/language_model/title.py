"""What a talk was about, in a few of its own words."""

from collections.abc import Sequence

from adapters.outbound.language_model.phrases import ranked_phrases
from adapters.outbound.language_model.sentences import Sentence, Talk

LONGEST = 8
"""Words."""
LONGEST_LETTERS = 80
"""For languages without spaces."""
MOST_PHRASES = 3
WORTH_ADDING = 0.55
"""Of the best phrase's score: what is below does not enter the title."""


def title_of(talk: Talk) -> str:
    """A title of at most eight words, starting with a capital; empty only when there are no words."""
    chosen = _chosen(talk)
    title = _listed(chosen, " and " if talk.is_english else ", ") if chosen else _opening(talk.sentences)
    return title[:1].upper() + title[1:LONGEST_LETTERS]


def _chosen(talk: Talk) -> list[str]:
    ranked = ranked_phrases(talk)
    shown: list[str] = []
    used: set[str] = set()
    for phrase in ranked:
        if len(shown) == MOST_PHRASES or phrase.score < WORTH_ADDING * ranked[0].score:
            break
        if used.isdisjoint(phrase.stems) and len(" ".join(shown).split()) + len(phrase.stems) < LONGEST:
            shown.append(phrase.text)
            used.update(phrase.stems)
    return shown


def _listed(phrases: list[str], conjunction: str) -> str:
    return conjunction.join(filter(None, [", ".join(phrases[:-1]), phrases[-1]]))


def _opening(sentences: Sequence[Sentence]) -> str:
    """For talk without a topic: how it began."""
    words = sentences[0].text.split()[:LONGEST] if sentences else []
    return " ".join(words).rstrip(",;:.!?… ")
