"""Who speaks when."""

from collections.abc import Iterable
from itertools import pairwise
from typing import TypeVar

from msgspec import Struct, structs

from domain.ids import PersonId


class Turn(Struct, frozen=True, gc=False):
    """Somebody speaks."""

    start: int
    """Samples, on the clock of the capture."""
    end: int
    speaker: int
    """Number of the voice."""
    is_overlap: bool = False
    """Somebody else speaks at the same time. A turn is cut where that begins or ends."""


class LocalTurn(Turn, frozen=True, gc=False):
    """One of the voices in a short piece of audio speaks. Their numbers, from 0, say nothing outside the piece."""


class SpokenTurn(Turn, frozen=True, gc=False):
    """One of the voices of a recording speaks.

    They are numbered from 1 in order of their first words; 0 is said where nobody can tell whose voice it is.
    """

    person: PersonId | None = None
    """Who it is; None for a stranger."""


AnyTurn = TypeVar("AnyTurn", bound=Turn)


def cut_at_overlap(turns: Iterable[AnyTurn]) -> list[AnyTurn]:
    """The turns in order of time, cut where others begin and end, and marked where several speak.

    Args:
        turns: in any order; those of one voice do not overlap.
    """
    ordered = sorted(turns, key=_start)
    edges = sorted({turn.start for turn in ordered} | {turn.end for turn in ordered})
    speaking: list[AnyTurn] = []
    cut: list[AnyTurn] = []
    upcoming = 0
    for at, until in pairwise(edges):
        speaking = [turn for turn in speaking if turn.end > at]
        while upcoming < len(ordered) and ordered[upcoming].start == at:
            speaking.append(ordered[upcoming])
            upcoming += 1
        several = len(speaking) > 1
        cut += [structs.replace(turn, start=at, end=until, is_overlap=several) for turn in speaking]
    return _touching_joined(cut)


def whole_turns(turns: Iterable[SpokenTurn]) -> list[SpokenTurn]:
    """The turns of each voice from its first word to its last, whoever speaks meanwhile; in order of time."""
    return _touching_joined(structs.replace(turn, is_overlap=False) for turn in sorted(turns, key=_start))


def _touching_joined(turns: Iterable[AnyTurn]) -> list[AnyTurn]:
    """Those of one voice that touch each other become one."""
    last: dict[int, AnyTurn] = {}
    done: list[AnyTurn] = []
    for turn in turns:
        before = last.get(turn.speaker)
        if before is not None and before.end == turn.start and before.is_overlap == turn.is_overlap:
            last[turn.speaker] = structs.replace(before, end=turn.end)
            continue
        if before is not None:
            done.append(before)
        last[turn.speaker] = turn
    return sorted([*done, *last.values()], key=_start)


def _start(turn: Turn) -> tuple[int, int, int]:
    return turn.start, turn.end, turn.speaker
