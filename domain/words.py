"""Words as search sees them: without case, without endings, and those that tell nothing set aside."""

import re
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_ENDINGS = (("es", "s"), ("ing", "ed"), ("e",))
"""One of each group goes: "meetings" loses two, and "moves" and "moved" become the same."""
_SHORTEST = 3
"""Letters that are left at least."""

STOP_WORDS = frozenset(
    word
    for line in (
        "a about after all also am an and any are as at be been before being but by can could did do does doing for",
        "from had has have having he her here hers him his how i if in into is it its just me more most my no nor not",
        "of off on or our ours out over own she should so some such than that the their theirs them then there these",
        "they this those through to too under until up very was we were what when where which while who whom why will",
        "with would you your yours i'm i've i'd i'll you're you've it's he's she's we're we've they're that's there's",
        "what's who's don't doesn't didn't isn't wasn't aren't weren't can't couldn't won't wouldn't shouldn't",
    )
    for word in line.split()
)
"""English words that are in nearly every passage and tell none from another."""


def words_of(text: str) -> list[str]:
    """The words of a text in order, lower-case. An apostrophe joins."""
    return _WORD.findall(text.lower().replace("’", "'"))


def telling(words: list[str]) -> list[str]:
    """The words that are no stop words; all of them where there are none but those."""
    return [word for word in words if word not in STOP_WORDS] or words


@lru_cache(maxsize=8_192)
def stem(word: str) -> str:
    """A word without its English ending, roughly."""
    for group in _ENDINGS:
        ending = next((ending for ending in group if word.endswith(ending)), "")
        if len(word) - len(ending) >= _SHORTEST:
            word = word.removesuffix(ending)
    return word


def coverage(text: str, *, query: str) -> float:
    """How many of the telling words of a query a text has: 0 to 1."""
    wanted = {stem(word) for word in telling(words_of(query))}
    return len(wanted & {stem(word) for word in words_of(text)}) / len(wanted) if wanted else 0.0
