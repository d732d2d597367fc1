"""What a chain tells of its recognizers in numbers."""

from adapters.outbound.speech_to_text.failover.breaker import BreakerState
from adapters.outbound.speech_to_text.failover.tally import Tally, measured
from ports.measures import Label


def test_a_recognizer_is_in_one_state() -> None:
    told = {measure.name: measure for measure in measured([("deepgram", BreakerState.OPEN, Tally())])}
    states = {sample.labels[Label.STATE]: sample.value for sample in told["recognizer_state"].samples}
    assert states == {"closed": 0, "open": 1, "half open": 0}
    assert told["recognizers_available"].samples[0].value == 0


def test_failures_are_told_by_their_reason() -> None:
    tally = Tally()
    tally.failures["rejected"] += 2
    told = {measure.name: measure for measure in measured([("soniox", BreakerState.CLOSED, tally)])}
    (failed,) = told["recognizer_failures"].samples
    assert (failed.value, failed.labels) == (2, {Label.RECOGNIZER: "soniox", Label.REASON: "rejected"})


def test_replayed_audio_is_told_in_seconds() -> None:
    tally = Tally()
    tally.replayed = 24_000
    told = {measure.name: measure for measure in measured([("soniox", BreakerState.CLOSED, tally)])}
    assert told["recognizer_replayed_seconds"].samples[0].value == 1.5
