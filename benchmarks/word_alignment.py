"""Which words of a reference were heard: the alignment with the fewest errors."""

from collections.abc import Sequence
from enum import Enum


class Fate(Enum):
    """What became of a word that was said."""

    HEARD = "heard"
    SUBSTITUTED = "substituted"
    DELETED = "deleted"


def fates(reference: Sequence[str], heard: Sequence[str]) -> list[Fate]:
    """One for each word of the reference."""
    table = _distances(reference, heard)
    found: list[Fate] = []
    at, along = len(reference), len(heard)
    while at:
        best = table[at][along]
        if along and best == table[at - 1][along - 1] + (reference[at - 1] != heard[along - 1]):
            at, along = at - 1, along - 1
            found.append(Fate.HEARD if reference[at] == heard[along] else Fate.SUBSTITUTED)
        elif best == table[at - 1][along] + 1:
            at -= 1
            found.append(Fate.DELETED)
        else:
            along -= 1
    return found[::-1]


def lost(reference: Sequence[str], *, before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Words of a reference that one transcript has and another one has nothing for."""
    pairs = zip(reference, fates(reference, before), fates(reference, after), strict=True)
    return [word for word, had, has in pairs if had is Fate.HEARD and has is Fate.DELETED]


def _distances(reference: Sequence[str], heard: Sequence[str]) -> list[list[int]]:
    """Row r, column c: errors between the first r words of one and the first c of the other."""
    table = [list(range(len(heard) + 1))]
    for at, said in enumerate(reference, 1):
        above, row = table[-1], [at]
        for along, word in enumerate(heard, 1):
            row.append(min(above[along] + 1, row[-1] + 1, above[along - 1] + (said != word)))
        table.append(row)
    return table
