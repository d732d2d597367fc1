"""A set of labeled talks: `Labeled`, and how one is read."""

from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from domain.ids import SegmentId
from domain.transcript import TranscriptSegment

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=ZoneInfo("Europe/Berlin"))
"""When all of them took place: a Monday."""


class Labeled(Struct, frozen=True):
    """A talk, and what is to be found in it."""

    talk: str
    """Turns as `U: words`, divided by ` / `. U is the user."""
    wanted: tuple[str, ...] = ()
    """For each finding, words that stand in it."""

    @property
    def segments(self) -> tuple[TranscriptSegment, ...]:
        """The turns."""
        return turns(self.talk)


def turns(talk: str) -> tuple[TranscriptSegment, ...]:
    """Segments `s0`, `s1`, ... of turns as `U: words`, divided by ` / `. U is the user."""
    return tuple(
        TranscriptSegment(
            id=SegmentId(f"s{n}"),
            text=turn[3:],
            start=n * 80_000,
            end=n * 80_000 + 70_000,
            speaker=ord(turn[0]) - ord("A"),
            is_user=turn.startswith("U"),
        )
        for n, turn in enumerate(talk.split(" / "))
    )


class Score(Struct, frozen=True):
    """How findings compare with labels."""

    right: int
    found: int
    wanted: int

    @property
    def precision(self) -> float:
        """Of what was found, how much was wanted."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Of what was wanted, how much was found."""
        return self.right / self.wanted if self.wanted else 1.0

    def __add__(self, other: "Score") -> "Score":
        return Score(self.right + other.right, self.found + other.found, self.wanted + other.wanted)


def score(found: list[str], labeled: Labeled) -> Score:
    """Each label is met once: what is found twice is wrong once."""
    left = list(labeled.wanted)
    for text in found:
        met = next((label for label in left if all(word in text.lower() for word in label.split())), None)
        if met is not None:
            left.remove(met)
    return Score(len(labeled.wanted) - len(left), len(found), len(labeled.wanted))
