"""Where two recognizers meet: words that both heard are kept once."""

import re
from collections import deque
from collections.abc import Sequence

import numpy as np

from domain.audio import SAMPLE_RATE, AudioFrame, samples
from domain.transcript import Word

OVERLAP = samples(0.6)
"""Audio that both sides of a seam hear: a word at the edge is heard whole by one of them at least."""

NEAR = samples(0.4)
"""Two recognizers put the same word at most this far apart."""

_REMEMBERED = samples(30.0)
_FRAME = samples(0.03)
_NOT_WORD = re.compile(r"[\W_]+")


class DeliveredWords:
    """What was handed to the client lately, so that nothing is handed to it twice."""

    def __init__(self) -> None:
        self._words: deque[Word] = deque()
        self._end = 0

    def fresh(self, words: Sequence[Word], *, since: int, until: int) -> tuple[Word, ...]:
        """The words of a stretch that were not delivered before; from now on they were.

        A word belongs to the stretch that its middle lies in. Beside the seam, a word that was delivered under
        the same spelling at nearly the same time is the same word, wherever its middle is said to lie.
        """
        kept = tuple(
            word
            for word in words
            if since <= _middle(word) < until and not (self._at_seam(word, since, until) and self._knows(word))
        )
        for word in kept:
            self._words.append(word)
            self._end = max(self._end, word.end)
        while self._words and self._words[0].end < self._end - _REMEMBERED:
            self._words.popleft()
        return kept

    def _at_seam(self, word: Word, since: int, until: int) -> bool:
        return _middle(word) - since < NEAR + OVERLAP or until - _middle(word) < NEAR + OVERLAP

    def _knows(self, word: Word) -> bool:
        spelling = _spelling(word)
        return any(abs(_middle(known) - _middle(word)) < NEAR and _spelling(known) == spelling for known in self._words)


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


def _middle(word: Word) -> int:
    return (word.start + word.end) // 2


def _spelling(word: Word) -> str:
    return _NOT_WORD.sub("", word.text.lower())


SEARCHED_FOR_A_SEAM = 2 * SAMPLE_RATE
"""Samples behind now among which the quietest moment is looked for."""
