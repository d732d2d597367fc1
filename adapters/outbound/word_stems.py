"""Words without their endings, roughly: enough for adapters that stand in for the real ones."""

import re
from collections.abc import Iterator

_WORD = re.compile(r"[^\W_]+")
_ENDINGS = (("es", "s"), ("ing", "ed"))
"""One of each group goes: "meetings" loses both."""
_SHORTEST = 3
"""Letters that are left at least."""


def stems(text: str) -> Iterator[str]:
    """The words of a text in order, lower-case, without English endings."""
    return (_stem(word) for word in _WORD.findall(text.lower()))


def _stem(word: str) -> str:
    for group in _ENDINGS:
        ending = next((ending for ending in group if word.endswith(ending)), "")
        if len(word) - len(ending) >= _SHORTEST:
            word = word.removesuffix(ending)
    return word
