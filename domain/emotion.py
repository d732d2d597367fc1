"""Feelings in a voice, and when they are worth a word."""

from collections import defaultdict
from collections.abc import Sequence

from msgspec import Struct

LEAST_WINDOWS = 3
"""Stretches of the user's voice that have to be measured before anything is concluded."""
THRESHOLD = 0.5
"""Mean score from which on a feeling is there."""
MOST_NAMED = 3

_TROUBLED = """
anger anguish anxiety despair disappointment distress embarrassment empathic_pain exhaustion fear frustration grief
guilt helplessness horror hurt loneliness overwhelm pain panic sadness shame stress tiredness worry
"""
TROUBLED = frozenset(_TROUBLED.split())
"""Feelings that a kind word is for, in small letters."""


class MeasuredEmotions(Struct, frozen=True, kw_only=True):
    """What was measured in a stretch of speech."""

    start: int
    """Samples, on the clock of the recording."""
    end: int
    scores: dict[str, float] = {}
    """Name of a feeling in small letters -> 0 to 1. Empty where nothing could be measured."""


def troubles(measured: Sequence[MeasuredEmotions]) -> tuple[str, ...]:
    """Feelings that weigh on somebody, the strongest first; none where too little was measured.

    A feeling counts by the mean of the three stretches where it is strongest: one outburst makes no mood, and an hour
    of small talk does not drown what was felt for a minute.
    """
    told = [window for window in measured if window.scores]
    if len(told) < LEAST_WINDOWS:
        return ()
    scores: defaultdict[str, list[float]] = defaultdict(list)
    for window in told:
        for name, score in window.scores.items():
            scores[name.casefold().replace(" ", "_")].append(score)
    means = {name: sum(sorted(found)[-LEAST_WINDOWS:]) / LEAST_WINDOWS for name, found in scores.items()}
    felt = [name for name in means if name in TROUBLED and means[name] >= THRESHOLD]
    return tuple(sorted(felt, key=lambda name: (-means[name], name))[:MOST_NAMED])
