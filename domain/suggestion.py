"""What a client heard by itself, checked: a client that is wrong or hostile makes no words that could not be."""

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from domain.transcript import Word

MOST_SEGMENTS = 100
"""At once."""
LONGEST_TEXT = 5_000
"""Characters of a segment."""
MOST_SPEAKERS = 100
_PROVIDER = re.compile(r"[^a-z0-9_.-]+")


class SuggestedSegment(Struct, frozen=True, kw_only=True):
    """What one voice said, as the client heard it."""

    id: str
    """What the client calls it; empty for nothing."""
    text: str
    start: int
    """Samples from the first audio of the connection."""
    end: int
    speaker: int = 0


def source_of(provider: str) -> str:
    """What the words of a client's own recognizer are marked with."""
    name = _PROVIDER.sub("-", provider.lower()[:40]).strip("-")
    return f"client:{name or 'unknown'}"


class Suggestions:
    """Takes segments, each word of them once.

    A segment that comes again under its name has grown: what is behind the words that were taken is new. Words that
    were taken stand, as those of any recognizer do once they are final.
    """

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}
        """Name of a segment -> words of it that were taken."""

    def words(self, segments: Iterable[SuggestedSegment], *, position: int) -> tuple[Word, ...]:
        """New words in order of time, on the clock of the capture.

        Args:
            segments: what the client heard.
            position: where the first audio of the connection lies.
        """
        found = [word for segment in list(segments)[:MOST_SEGMENTS] for word in self._new(segment, position)]
        return tuple(sorted(found, key=lambda word: word.start))

    def _new(self, segment: SuggestedSegment, position: int) -> Iterator[Word]:
        texts = "".join(c for c in segment.text[:LONGEST_TEXT] if c.isprintable() or c.isspace()).split()
        known = self._taken.get(segment.id, 0) if segment.id else 0
        if segment.id:
            self._taken[segment.id] = max(known, len(texts))
        each = max(0, segment.end - segment.start) / max(1, len(texts))
        for number, text in enumerate(texts[known:], start=known):
            start = position + segment.start + round(number * each)
            end = position + segment.start + round((number + 1) * each)
            yield Word(text, start, end, 1.0, segment.speaker % MOST_SPEAKERS)
