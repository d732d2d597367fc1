"""What a chain tells of its recognizers in numbers."""

from collections.abc import Sequence

import anyio

from adapters.outbound.clock.system import SystemClock
from adapters.outbound.speech_to_text.failover.breaker import BreakerState
from adapters.outbound.speech_to_text.failover.failover import FailoverSpeechToText
from adapters.outbound.speech_to_text.failover.tally import Tally, measured
from domain import watermark
from domain.audio import AudioFrame
from domain.recognition import FinalWords
from ports.diagnosis import Condition
from ports.measures import Label, Measure
from ports.speech_to_text import TranscriptionRequest
from tests.support.faulty_recognizer import REJECTED, FaultyRecognizer


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


async def test_a_failover_shows_in_the_numbers_and_in_the_diagnosis() -> None:
    chain = (FaultyRecognizer("first", otherwise=REJECTED), FaultyRecognizer("spare"))
    pcm = watermark.speech(0, 4, pause=1_600)
    with anyio.fail_after(20):
        async with FailoverSpeechToText(chain, clock=SystemClock()) as recognizer:
            assert (await recognizer.diagnose()).condition is Condition.WORKING
            async with recognizer.open_stream(TranscriptionRequest()) as stream:
                await stream.send(AudioFrame(0, pcm))
                await stream.finalize()
                async for event in stream:
                    if isinstance(event, FinalWords):
                        await stream.send_eof()
            told = await recognizer.measures()
            diagnosis = await recognizer.diagnose()
    assert samples(told, "recognizer_failures") == {("first", "rejected"): 1}
    assert samples(told, "recognizer_takeovers") == {("first",): 0, ("spare",): 1}
    assert samples(told, "recognizer_connections") == {("first",): 0, ("spare",): 1}
    assert samples(told, "recognizers_available") == {(): 1}
    assert samples(told, "recognizer_state")["first", "open"] == 1
    answered = next(measure for measure in told if measure.name == "recognizer_answer_seconds")
    assert sum(answered.spreads[1].distribution.counts) >= 1
    assert diagnosis.condition is Condition.DEGRADED
    assert diagnosis.finding.startswith("first: ")


def samples(told: Sequence[Measure], name: str) -> dict[tuple[str, ...], float]:
    (found,) = [measure for measure in told if measure.name == name]
    return {tuple(sample.labels.values()): sample.value for sample in found.samples}
