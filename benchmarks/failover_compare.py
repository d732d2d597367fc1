"""What the memories of two runs of the same speech differ in."""

from collections.abc import Sequence
from itertools import groupby

from benchmarks.failover_play import Remembered, Script
from benchmarks.word_alignment import Fate, fates
from benchmarks.word_error_rate import WordErrors, normalized, total, word_errors

IN_A_ROW = 4
"""So many words missing in a row are not a recognizer's whim."""


def missing(before: str, *, after: str) -> list[str]:
    """Passages of one transcript that another one has nothing for."""
    words = normalized(before)
    found = groupby(zip(words, fates(words, normalized(after)), strict=True), key=lambda pair: pair[1])
    passages = [[word for word, _ in pairs] for fate, pairs in found if fate is Fate.DELETED]
    return [" ".join(passage) for passage in passages if len(passage) >= IN_A_ROW]


def compared(one: Sequence[Remembered], other: Sequence[Remembered]) -> WordErrors:
    """How far the memories of one run are from those of another, normalized as everywhere."""
    return total(word_errors(before.text, heard=after.text) for before, after in zip(one, other, strict=True))


def against_truth(users: Sequence[Script], heard: Sequence[Remembered]) -> WordErrors:
    """How far the memories are from what was said."""
    return total(word_errors(user.reference, heard=one.text) for user, one in zip(users, heard, strict=True))


def told(name: str, users: Sequence[Script], heard: Sequence[Remembered]) -> None:
    """Prints what became of a run."""
    shares: dict[str, float] = {}
    for one in heard:
        for recognizer, duration in one.transcribed.items():
            shares[recognizer] = shares.get(recognizer, 0.0) + duration
    who = ", ".join(f"{recognizer} {duration:.0f} s" for recognizer, duration in sorted(shares.items()))
    rate = against_truth(users, heard).rate
    gaps, changes = sum(one.gaps for one in heard), sum(one.changes for one in heard)
    print(f"{name}: error against the truth {rate:.2%}; heard by {who}; gaps {gaps:.1f} s; {changes} changes told")
