"""Where in the text of two utterances, decoded as one, the second one begins."""

import re

_MARKS = re.compile(r"[\W_]+")

_MOST_DIFFERENT = 0.2
"""Share of letters by which the first utterance may read differently than it did alone."""


def continuation(earlier: str, *, both: str) -> str | None:
    """What follows the text of the earlier utterance in the text of both.

    Args:
        earlier: what the earlier utterance was decoded to, alone.
        both: what it and the next one were decoded to, as one.

    Returns:
        The rest; None when it cannot be told, because the earlier words are not there or nothing follows them.
    """
    words, said = both.split(), _letters(earlier)
    distances = _distances_to_prefixes(said, _letters(both))
    reached, best, at = 0, len(said) * _MOST_DIFFERENT, 0
    for count, word in enumerate(words, 1):
        reached += len(_letters(word))
        if distances[reached] < best:
            best, at = distances[reached], count
    return " ".join(words[at:]) if 0 < at < len(words) else None


def _letters(text: str) -> str:
    return _MARKS.sub("", text).lower()


def _distances_to_prefixes(text: str, other: str) -> list[int]:
    """Letters to change, for each length of a prefix of the other text, to turn one into the other (Levenshtein)."""
    row = list(range(len(other) + 1))
    for count, letter in enumerate(text, 1):
        diagonal, row[0] = row[0], count
        for at, found in enumerate(other, 1):
            changed = min(row[at] + 1, row[at - 1] + 1, diagonal + (letter != found))
            diagonal, row[at] = row[at], changed
    return row
