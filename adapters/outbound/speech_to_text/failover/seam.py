"""Where two recognizers meet: words that both heard are kept once, and no word falls between them.

```
former   ... she  said   yes |            its words count up to the seam
                             |seam
new            (said   yes)  |   well ... its words count from the seam on; it hears some audio before it
```

Two recognizers do not agree on where a word lies to the sample. A word beside the seam is therefore taken from
whoever reports it, and the other one's is recognized as its twin.
"""

import bisect
import math
import re
from collections.abc import Sequence

import numpy as np
from msgspec import Struct, field

from domain.audio import SAMPLE_RATE, AudioFrame, samples
from domain.transcript import Word

OVERLAP = samples(0.6)
"""Audio that both sides of a seam hear: a word at the edge is heard whole by one of them at least."""

NEAR = samples(0.4)
"""Two recognizers put the same word at most this far apart."""

MARGIN = samples(0.1)
"""So far over the seam, a word counts that nobody else has reported. Less than what a cut word at the beginning of
the overlap needs to be mistaken for a whole one."""

SEARCHED_FOR_A_SEAM = 2 * SAMPLE_RATE
"""Samples behind now among which the quietest moment is looked for."""

_AGAIN = samples(0.1)
"""One recognizer that repeats itself puts the same word at most this far apart."""

_REMEMBERED = samples(30.0)
_FRAME = samples(0.03)
_NOT_WORD = re.compile(r"[\W_]+")


class Territory(Struct, frozen=True):
    """Whose words they are, and where they count."""

    source: object
    """A leg, or a piece of backlog. Its words have twins only from other sources."""
    since: int
    until: float = math.inf
    heard: int = 0
    """Up to here the source has reported everything before: what it says of it now may be a repetition."""


class _Known(Struct, eq=False):
    """A word that was handed to the client."""

    word: Word
    middle: int
    spelling: str
    sources: list[object] = field(default_factory=list)
    """Who has reported it."""


class DeliveredWords:
    """What was handed to the client lately, so that nothing is handed to it twice."""

    def __init__(self) -> None:
        self._known: list[_Known] = []
        """By their middles."""
        self._forgotten = -math.inf

    def fresh(self, words: Sequence[Word], territory: Territory) -> tuple[Word, ...]:
        """The words that were not delivered before; from now on they were.

        Every delivered word is the twin of one word of another recognizer at most: who says `no, no` at a seam
        is not cut short.
        """
        found = [_Known(word, _middle(word), _spelling(word), [territory.source]) for word in words]
        kept = [known for known in found if not self._has_twin(known, territory) and self._counts(known, territory)]
        for known in kept:
            bisect.insort(self._known, known, key=_by_middle)
        return tuple(known.word for known in kept)

    def forget(self, position: int) -> None:
        """Nothing before a position will be reported by another recognizer. Its own repetitions come soon."""
        newest = self._known[-1].middle if self._known else 0
        self._forgotten = max(self._forgotten, min(position, newest - _REMEMBERED))
        del self._known[: bisect.bisect_left(self._known, self._forgotten, key=_by_middle)]

    def _counts(self, found: _Known, territory: Territory) -> bool:
        if not max(territory.since - MARGIN, self._forgotten) <= found.middle < territory.until + MARGIN:
            return False
        return found.middle >= territory.heard or not self._repeats(found)

    def _has_twin(self, found: _Known, territory: Territory) -> bool:
        beside = min(abs(found.middle - territory.since), abs(found.middle - territory.until)) < MARGIN
        twins = [
            known
            for known in self._around(found.middle, NEAR)
            if found.sources[0] not in known.sources
            and (known.spelling == found.spelling or (beside and _same_time(known.word, found.word)))
        ]
        if not twins:
            return False
        twin = min(twins, key=lambda known: abs(known.middle - found.middle))
        twin.sources.append(found.sources[0])
        return True

    def _repeats(self, found: _Known) -> bool:
        return any(
            known.spelling == found.spelling and found.sources[0] in known.sources
            for known in self._around(found.middle, _AGAIN)
        )

    def _around(self, position: int, distance: int) -> list[_Known]:
        first = bisect.bisect_right(self._known, position - distance, key=_by_middle)
        return self._known[first : bisect.bisect_left(self._known, position + distance, key=_by_middle)]


def quietest(frames: Sequence[AudioFrame], *, default: int) -> int:
    """The position in a piece of audio where a cut is least likely to hit a word."""
    best, position = np.inf, default
    for frame in _joined(frames):
        sound = np.frombuffer(frame.pcm, np.int16).astype(np.float32)
        count = len(sound) // _FRAME
        if count == 0:
            continue
        levels = np.abs(sound[: count * _FRAME]).reshape(count, _FRAME).mean(axis=1)
        at = int(levels.argmin())
        if levels[at] < best:
            best, position = float(levels[at]), frame.start + at * _FRAME + _FRAME // 2
    return position


def _joined(frames: Sequence[AudioFrame]) -> list[AudioFrame]:
    """Neighboring frames as one."""
    joined: list[tuple[int, list[bytes]]] = []
    end = -1
    for frame in frames:
        if frame.start != end:
            joined.append((frame.start, []))
        joined[-1][1].append(frame.pcm)
        end = frame.end
    return [AudioFrame(start, b"".join(pieces)) for start, pieces in joined]


def _same_time(one: Word, other: Word) -> bool:
    """Whether two words share more than half of their time: then they are the same, however they are spelled."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    return 2 * shared > max(one.end - one.start, other.end - other.start)


def _by_middle(known: _Known) -> int:
    return known.middle


def _middle(word: Word) -> int:
    return (word.start + word.end) // 2


def _spelling(word: Word) -> str:
    return _NOT_WORD.sub("", word.text.lower())
