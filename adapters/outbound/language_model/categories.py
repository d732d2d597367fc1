"""What kind of talk it was, by words that give it away."""

from collections import Counter
from collections.abc import Sequence
from math import log1p

from adapters.outbound.language_model.category_words import HINTS, SURE
from adapters.outbound.language_model.english import stem
from adapters.outbound.language_model.sentences import Sentence
from domain.memory import Category

SURE_WEIGHT = 2.0
HINT_WEIGHT = 1.0
THRESHOLD = 1.3
"""Least score. One sure word said once has 1.39, one other word said twice 1.10, two others 1.39."""

EMOJI: dict[Category, str] = {
    Category.PERSONAL: "🏠",
    Category.EDUCATION: "🎓",
    Category.HEALTH: "🩺",
    Category.FINANCE: "💰",
    Category.LEGAL: "⚖️",
    Category.PHILOSOPHY: "🤔",
    Category.SPIRITUAL: "🙏",
    Category.SCIENCE: "🔬",
    Category.ENTREPRENEURSHIP: "🚀",
    Category.PARENTING: "👶",
    Category.ROMANTIC: "💕",
    Category.TRAVEL: "✈️",
    Category.INSPIRATION: "✨",
    Category.TECHNOLOGY: "💻",
    Category.BUSINESS: "📈",
    Category.SOCIAL: "🎉",
    Category.WORK: "💼",
    Category.SPORTS: "⚽",
    Category.POLITICS: "🗳️",
    Category.LITERATURE: "📚",
    Category.HISTORY: "🏛️",
    Category.ARCHITECTURE: "🏗️",
    Category.OTHER: "🧠",
}


def _prototypes() -> dict[str, dict[Category, float]]:
    found: dict[str, dict[Category, float]] = {}
    for words, weight in ((HINTS, HINT_WEIGHT), (SURE, SURE_WEIGHT)):
        for category, listed in words.items():
            for word in listed.split():
                found.setdefault(stem(word), {})[category] = weight
    return found


_PROTOTYPES = _prototypes()


def category_of(sentences: Sequence[Sentence]) -> Category:
    """The category whose words were said most; `OTHER` when no category was said enough of."""
    said = Counter(token.stem for sentence in sentences for token in sentence.tokens)
    scores = dict.fromkeys(Category, 0.0)
    for word, count in said.items():
        for category, weight in _PROTOTYPES.get(word, {}).items():
            scores[category] += weight * log1p(count)
    best = max(scores, key=lambda category: scores[category])
    return best if scores[best] >= THRESHOLD else Category.OTHER
