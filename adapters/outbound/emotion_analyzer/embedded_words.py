"""Words of English that tell of feelings, unless they are denied."""

import re

_WORDS = {
    "anger": "angry annoyed furious hate mad outraged pissed unacceptable unfair ridiculous",
    "anxiety": "afraid anxious nervous panic panicking scared stressed stress worried worry worrying overwhelmed",
    "sadness": "alone cried cry crying depressed grief heartbroken hopeless lonely miss sad tired upset worthless",
    "joy": "amazing awesome delighted excited fantastic glad great happy love loved wonderful",
}
FEELINGS = tuple(_WORDS)
_FEELING_OF = {word: feeling for feeling, words in _WORDS.items() for word in words.split()}
_DENIED = "no not never hardly without isn't wasn't don't doesn't didn't aren't can't won't"
_DENIALS = frozenset(_DENIED.split())
_REACH = 3
"""Words that a denial reaches over: "not all that sad"."""


def cues(text: str) -> dict[str, int]:
    """How often words of each feeling are said, denied ones left out. Only words of English are known."""
    words = re.findall(r"[a-z']+", text.lower().replace("\u2019", "'"))
    counts = dict.fromkeys(FEELINGS, 0)
    for place, word in enumerate(words):
        feeling = _FEELING_OF.get(word)
        if feeling is not None and not _DENIALS & set(words[max(0, place - _REACH) : place]):
            counts[feeling] += 1
    return counts
