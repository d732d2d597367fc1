"""What a part of the program can tell about itself in numbers: what `/metrics` asks."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Protocol, runtime_checkable

from msgspec import Struct


class Kind(StrEnum):
    """How a number behaves."""

    COUNTER = "counter"
    """Only grows, until the process ends."""
    GAUGE = "gauge"
    """Stands as it stands now."""
    HISTOGRAM = "histogram"


class Label(StrEnum):
    """What numbers may be told apart by: things of which there are few, whoever uses the service.

    There is none for a user, an identifier or anything that was said, and none may be added.
    """

    ADAPTER = "adapter"
    CODE = "code"
    CONDITION = "condition"
    FATE = "fate"
    KIND = "kind"
    METHOD = "method"
    OUTCOME = "outcome"
    PORT = "port"
    REASON = "reason"
    RECOGNIZER = "recognizer"
    ROUTE = "route"
    STATE = "state"
    STATUS = "status"


Labels = Mapping[Label, str]
NO_LABELS: Labels = {}


class Sample(Struct, frozen=True):
    """One number."""

    value: float
    labels: Labels = NO_LABELS


class Distribution:
    """How often a duration fell below each of some bounds. To note one costs less than a microsecond."""

    def __init__(self, bounds: Sequence[float]) -> None:
        """Nothing noted yet.

        Args:
            bounds: upper bounds in seconds, rising; what is longer than the last one is counted apart.
        """
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(self.bounds) + 1)
        """Durations in each interval; the last one has no end."""
        self.total = 0.0
        """Their sum in seconds."""

    def note(self, seconds: float) -> None:
        """Counts a duration."""
        self.counts[bisect_left(self.bounds, seconds)] += 1
        self.total += seconds


class Spread(Struct, frozen=True):
    """One distribution."""

    distribution: Distribution
    labels: Labels = NO_LABELS


class Measure(Struct, frozen=True, kw_only=True):
    """A number, or several that are told apart by their labels."""

    name: str
    """Words joined by `_`, its unit last: `audio_seconds`. What is in front of all names is added outside."""
    help: str
    """One line."""
    kind: Kind
    samples: tuple[Sample, ...] = ()
    spreads: tuple[Spread, ...] = ()
    """For histograms."""


def counted(name: str, help: str, samples: Iterable[Sample]) -> Measure:
    """A counter."""
    return Measure(name=name, help=help, kind=Kind.COUNTER, samples=tuple(samples))


def standing(name: str, help: str, samples: Iterable[Sample]) -> Measure:
    """A gauge."""
    return Measure(name=name, help=help, kind=Kind.GAUGE, samples=tuple(samples))


def spread(name: str, help: str, spreads: Iterable[Spread]) -> Measure:
    """A histogram."""
    return Measure(name=name, help=help, kind=Kind.HISTOGRAM, spreads=tuple(spreads))


def by(label: Label, counts: Mapping[str, float]) -> tuple[Sample, ...]:
    """A sample for each value of one label."""
    return tuple(Sample(count, {label: name}) for name, count in sorted(counts.items()))


@runtime_checkable
class Measurable(Protocol):
    """Whatever can tell numbers about itself."""

    async def measures(self) -> Sequence[Measure]:
        """The numbers as they are now. Asked every few seconds: reads what is counted anyway.

        Raises:
            TemporarilyUnavailable: they cannot be had now.
        """
        ...
