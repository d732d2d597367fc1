"""How far the start of what somebody says is from where it was placed."""

from collections.abc import Sequence

SAME_TURN = 1.0
"""Seconds. A segment that starts further away from a turn is another one's, or the middle of it."""


def deviations(turns: Sequence[float], *, starts: Sequence[float]) -> tuple[float, ...]:
    """For each turn but the first that a segment starts near: the segment's start minus the turn's, seconds.

    Args:
        turns: when somebody begins to speak, on any clock.
        starts: when segments start, on any clock; the first one starts with the first turn, which ties the two.
    """
    if not turns or not starts:
        return ()
    placed = [start - starts[0] + turns[0] for start in starts]
    nearest = [min((start - turn for start in placed), key=abs) for turn in turns[1:]]
    return tuple(distance for distance in nearest if abs(distance) <= SAME_TURN)
