"""When each word was said, where the recognizer tells only what was said."""

from collections.abc import Sequence
from itertools import accumulate, pairwise

import numpy as np

from adapters.outbound.speech_to_text.loudness import loudness, speaking
from domain.audio import SAMPLE_RATE, AudioFrame
from domain.transcript import Word

_FRAME = SAMPLE_RATE // 100


def timed(text: str, *, utterance: AudioFrame) -> tuple[Word, ...]:
    """The words of a text, spread over the speech of the utterance it was heard in.

    Each takes a share of the frames that hold speech, in proportion to its letters; pauses take none. The
    ends of the first and the last word are true to some 0.1 s, the moments between to some 0.3 s.
    """
    words = text.split()
    if not words:
        return ()
    spoken = _spoken(utterance)
    weights = [sum(letter.isalnum() for letter in word) + 1 for word in words]
    total = sum(weights)
    bounds = [len(spoken) * reached // total for reached in accumulate(weights, initial=0)]
    return tuple(
        _word(word, spoken[min(first, len(spoken) - 1) : max(first + 1, last)], utterance)
        for word, (first, last) in zip(words, pairwise(bounds), strict=True)
    )


def _spoken(utterance: AudioFrame) -> Sequence[int]:
    """Numbers of the frames that hold speech; all of them when none does. Never empty."""
    speech = speaking(loudness(utterance.pcm, frame=_FRAME))
    found: list[int] = np.flatnonzero(speech).tolist()
    return found or range(max(len(speech), 1))


def _word(text: str, frames: Sequence[int], utterance: AudioFrame) -> Word:
    start = min(utterance.start + frames[0] * _FRAME, utterance.end)
    return Word(text, start, min(utterance.start + (frames[-1] + 1) * _FRAME, utterance.end))
