"""Feelings by rules: how far somebody departs from their own way of speaking, together with the words they choose."""

import math
from collections.abc import Sequence

import anyio
import anyio.to_thread
import numpy as np

from adapters.outbound.emotion_analyzer.embedded_prosody import Prosody, prosody
from adapters.outbound.emotion_analyzer.embedded_words import cues
from domain.emotion import LEAST_WINDOWS, MeasuredEmotions
from ports.diagnosis import Condition, Diagnosis
from ports.emotion_analyzer import VoiceWindow

_AT_ONCE = 1
_SPREAD = {"loudness": 3.0, "pitch": 1.5, "range": 2.0, "rate": 0.6, "pauses": 0.1}
"""Below this a departure from one's usual way of speaking is within what everybody does."""
_EXCITED = {"loudness": 1, "pitch": 1, "range": 1, "rate": 1, "pauses": -1}
_FURTHEST = 3.0
_STEEPNESS = 1.5
_OF_WORDS = (0.0, 0.8, 1.0)
"""Weight of no, one, and several words of a feeling."""
_AT_REST, _OF_VOICE = 0.1, 0.6
"""So that several words in a usual voice come to 0.4, and one word needs a voice that is far from usual."""
_QUIET_FEELINGS = frozenset({"sadness"})


class EmbeddedEmotionAnalyzer:
    """Needs neither a model nor a network, and claims little.

    Of each stretch it measures loudness, pitch, its range, pace and pauses, and compares them with the middle of all
    stretches of the call: that is the speaker's own baseline. A feeling is scored where words of it are said *and* the
    voice departs the way that goes with it. Neither words nor voice alone reach 0.5, the threshold of the domain, so
    what is read out calmly, or shouted across a street, leaves it silent.

    The weights were set by hand so that this holds. They were not fitted to labeled speech, and how often it is right
    was not measured. It misses feelings that are not put into words, irony, and every language but English; somebody
    who is upset from the first word to the last looks calm to it.
    """

    name = "embedded"

    def __init__(self) -> None:
        self._limiter: anyio.CapacityLimiter | None = None

    async def measure(self, windows: Sequence[VoiceWindow]) -> tuple[MeasuredEmotions, ...]:
        """Scores for anger, anxiety, sadness and joy; see the port. Nothing for fewer than three windows."""
        self._limiter = self._limiter or anyio.CapacityLimiter(_AT_ONCE)
        return await anyio.to_thread.run_sync(_measured, tuple(windows), limiter=self._limiter)

    async def diagnose(self) -> Diagnosis:
        """There is nothing that could be missing."""
        return Diagnosis(condition=Condition.WORKING, finding="rules for English, without a model")


def _measured(windows: Sequence[VoiceWindow]) -> tuple[MeasuredEmotions, ...]:
    spoken = [prosody(window.audio.pcm, words=len(window.text.split())) for window in windows]
    heard = [how for how in spoken if how is not None]
    enough = len(heard) >= LEAST_WINDOWS
    return tuple(
        MeasuredEmotions(
            start=window.audio.start,
            end=window.audio.end,
            scores=_scores(window.text, excitement=_excitement(how, heard)) if enough and how is not None else {},
        )
        for window, how in zip(windows, spoken, strict=True)
    )


def _excitement(how: Prosody, all_of_them: Sequence[Prosody]) -> float:
    """0 to 1: 0.5 is how this speaker usually speaks."""
    departures = [
        direction * _departure(getattr(how, name), [getattr(each, name) for each in all_of_them], floor=_SPREAD[name])
        for name, direction in _EXCITED.items()
    ]
    return 1 / (1 + math.exp(-_STEEPNESS * sum(departures) / len(departures)))


def _departure(value: float, usual: Sequence[float], *, floor: float) -> float:
    """In spreads from the middle, at most three either way."""
    middle = float(np.median(usual))
    spread = max(floor, 1.4826 * float(np.median(np.abs(np.asarray(usual) - middle))))
    return max(-_FURTHEST, min(_FURTHEST, (value - middle) / spread))


def _scores(text: str, *, excitement: float) -> dict[str, float]:
    return {
        feeling: round(
            _OF_WORDS[min(count, len(_OF_WORDS) - 1)]
            * (_AT_REST + _OF_VOICE * (1 - excitement if feeling in _QUIET_FEELINGS else excitement)),
            4,
        )
        for feeling, count in cues(text).items()
    }
