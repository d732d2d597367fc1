"""Words to speakers: who said each word, when it is known who spoke when."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate

from msgspec import structs

from domain.audio import samples
from domain.transcript import Word
from domain.turns import SpokenTurn

NEAR = samples(0.5)
"""A word that no turn covers is said by whoever speaks no further away: borders of words and turns are not exact."""


def attributed(words: Iterable[Word], turns: Sequence[SpokenTurn]) -> list[Word]:
    """The words, each with the number of the voice that said it; 0 where nobody can tell.

    A word is said by the voice that speaks during most of it. Where none does, it belongs to the voice that speaks
    before and after it, else to the nearest one that is near.

    Args:
        words: on the clock of the turns.
        turns: in order of their starts; those of different voices may overlap.
    """
    told = [turn for turn in turns if turn.speaker]
    starts = [turn.start for turn in told]
    last_ended = list(
        accumulate(told, _later_ended)
    )  # for each turn, the one that ends last of it and all earlier ones
    return [structs.replace(word, speaker=_speaker(word, told, starts, last_ended)) for word in words]


def _speaker(word: Word, turns: Sequence[SpokenTurn], starts: Sequence[int], last_ended: Sequence[SpokenTurn]) -> int:
    begun = bisect_left(starts, max(word.end, word.start + 1))
    shared: dict[int, int] = {}
    at = begun - 1
    while at >= 0 and last_ended[at].end > word.start:
        turn = turns[at]
        during = min(turn.end, word.end) - max(turn.start, word.start)
        if turn.end > word.start:
            shared[turn.speaker] = shared.get(turn.speaker, 0) + during
        at -= 1
    if shared:
        return max(shared, key=lambda speaker: (shared[speaker], -speaker))
    before = last_ended[begun - 1] if begun else None
    after = turns[begun] if begun < len(turns) else None
    return _between(word, before, after)


def _between(word: Word, before: SpokenTurn | None, after: SpokenTurn | None) -> int:
    if before is not None and after is not None and before.speaker == after.speaker:
        return before.speaker
    gaps = [(word.start - before.end, before.speaker)] if before is not None else []
    gaps += [(after.start - word.end, after.speaker)] if after is not None else []
    gap, speaker = min(gaps, default=(NEAR + 1, 0))
    return speaker if gap <= NEAR else 0


def _later_ended(one: SpokenTurn, other: SpokenTurn) -> SpokenTurn:
    return other if other.end >= one.end else one
