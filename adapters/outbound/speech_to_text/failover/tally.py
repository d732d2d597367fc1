"""What the sessions of this process had of a recognizer: counted by connection and by result, never by packet."""

from collections import Counter
from collections.abc import Iterable

from adapters.outbound.speech_to_text.failover.breaker import BreakerState
from domain.audio import seconds
from ports.measures import Distribution, Label, Labels, Measure, Sample, Spread, by, counted, spread, standing

ANSWER_BOUNDS = (0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0, 15.0)
"""Seconds that a recognizer takes."""
DELIVERY_BOUNDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1)
"""Seconds that we take."""


class Tally:
    """Counts for one recognizer."""

    def __init__(self) -> None:
        self.connections = 0
        """That were opened and worked with."""
        self.failures: Counter[str] = Counter()
        """`rejected` and `unavailable`."""
        self.taken_over = 0
        """Sessions whose live audio it took over from another one, or from none."""
        self.replayed = 0
        """Samples that it heard because somebody else had not finished them."""
        self.answered = Distribution(ANSWER_BOUNDS)
        """From when it could know the words, to the words: after a pause the pause, else the audio."""
        self.delivered = Distribution(DELIVERY_BOUNDS)
        """From its message to where the client's is on its way."""


Row = tuple[str, BreakerState, Tally]
"""Name of a recognizer, whether it may be tried, and what was counted."""


def measured(rows: Iterable[Row]) -> tuple[Measure, ...]:
    """The numbers of all recognizers of a chain."""
    rows = list(rows)
    tallies = [({Label.RECOGNIZER: name}, tally) for name, _, tally in rows]
    states = (
        Sample(state is held, {Label.RECOGNIZER: name, Label.STATE: held.value})
        for name, state, _ in rows
        for held in BreakerState
    )
    available = sum(state is not BreakerState.OPEN for _, state, _ in rows)
    return (
        standing("recognizer_state", "1 for the state that the breaker of a recognizer is in", states),
        standing("recognizers_available", "Recognizers that are worth trying", [Sample(available)]),
        _counts("recognizer_connections", "Connections that were opened", ((of, t.connections) for of, t in tallies)),
        counted("recognizer_failures", "Connections that failed, or could not be had", _failures(tallies)),
        _counts(
            "recognizer_takeovers", "Live audio taken over from another", ((of, t.taken_over) for of, t in tallies)
        ),
        _counts(
            "recognizer_replayed_seconds",
            "Audio heard because somebody else had not finished it",
            ((of, seconds(t.replayed)) for of, t in tallies),
        ),
        spread(
            "recognizer_answer_seconds",
            "From the pause, or the audio where there was none, to its final words",
            (Spread(t.answered, of) for of, t in tallies),
        ),
        spread(
            "recognizer_delivery_seconds",
            "From the message of a recognizer to where the client's is on its way",
            (Spread(t.delivered, of) for of, t in tallies),
        ),
    )


def measured_batch(rows: Iterable[tuple[str, BreakerState]]) -> tuple[Measure, ...]:
    """Of recognizers of recordings only whether they are worth trying."""
    states = {name: state is not BreakerState.OPEN for name, state in rows}
    return (standing("batch_recognizer_available", "1 for one that is worth trying", by(Label.RECOGNIZER, states)),)


def _counts(name: str, help: str, values: Iterable[tuple[Labels, float]]) -> Measure:
    return counted(name, help, (Sample(value, labels) for labels, value in values))


def _failures(tallies: Iterable[tuple[Labels, Tally]]) -> Iterable[Sample]:
    for labels, tally in tallies:
        for reason, count in sorted(tally.failures.items()):
            yield Sample(count, {**labels, Label.REASON: reason})
