from collections.abc import Sequence

import anyio
import pytest

from adapters.outbound.batch_speech_to_text.fake import FakeBatchSpeechToText
from adapters.outbound.clock.system import SystemClock
from adapters.outbound.speech_to_text.failover.failover import FailoverSpeechToText
from domain import watermark
from domain.audio import SAMPLE_BYTES, AudioFrame
from domain.ledger import CaptureLedger
from domain.recognition import FinalWords, RecognitionEvent, RecognizerChanged
from domain.transcript import Word
from ports.speech_to_text import SpeechToText, TranscriptionRequest
from tests.support.faulty_recognizer import REFUSED, REJECTED, Fault, FaultyRecognizer

PACKET = 320
PAUSE = 1_600
WORD = watermark.WORD_SAMPLES + PAUSE
SPEED = 20
"""Times real time at which the tests speak."""


async def relayed(
    *chain: SpeechToText, words: int = 20, batch: Sequence[FakeBatchSpeechToText] = ()
) -> list[RecognitionEvent]:
    """Speaks numbered words over a chain."""
    pcm = watermark.speech(0, words, pause=PAUSE)
    with anyio.fail_after(30):
        async with (
            FailoverSpeechToText(chain, batch=batch, clock=SystemClock()) as recognizer,
            recognizer.open_stream(TranscriptionRequest()) as stream,
            anyio.create_task_group() as tasks,
        ):

            async def speak() -> None:
                for start in range(0, len(pcm) // SAMPLE_BYTES, PACKET):
                    await stream.send(AudioFrame(start, pcm[start * 2 : (start + PACKET) * 2]))
                    if start % (5 * WORD) == 5 * WORD - PACKET:
                        await stream.finalize()
                    await anyio.sleep(PACKET / 16_000 / SPEED)
                await stream.send_eof()

            tasks.start_soon(speak)
            return [event async for event in stream]


def assert_nothing_lost(events: list[RecognitionEvent], *, words: int = 20) -> None:
    """Every word once, where it was said; every sample finalized once."""
    found: list[Word] = []
    ledger = CaptureLedger()
    ledger.capture(words * WORD)
    ledger.send(0, words * WORD)
    settled = 0
    for event in events:
        if isinstance(event, FinalWords):
            found += event.words
            settled += ledger.finalize(event.through, recognizer=event.recognizer, since=event.since)
    found.sort(key=lambda word: word.start)
    assert [word.text for word in found] == [watermark.text_of(number) for number in range(words)]
    for number, word in enumerate(found):
        assert abs(word.start - number * WORD) <= 320, word
        assert abs(word.end - number * WORD - watermark.WORD_SAMPLES) <= 320, word
    assert settled == words * WORD
    assert not ledger.pending()


def changes(events: list[RecognitionEvent]) -> list[str | None]:
    return [event.recognizer for event in events if isinstance(event, RecognizerChanged)]


async def test_a_healthy_chain_hears_everything_with_its_first_recognizer() -> None:
    spare = FaultyRecognizer("spare")
    events = await relayed(FaultyRecognizer("first"), spare)
    assert_nothing_lost(events)
    assert spare.connections == 0
    assert changes(events) == []


@pytest.mark.parametrize("after", [0, 1_000, 3_000, 20_000, 50_001, 95_000])
async def test_a_recognizer_that_breaks_off_loses_nothing(after: int) -> None:
    events = await relayed(FaultyRecognizer("first", Fault(dies_after=after)), FaultyRecognizer("spare"))
    assert_nothing_lost(events)


@pytest.mark.parametrize("after", [0, 10_000, 50_000])
async def test_a_recognizer_that_falls_silent_loses_nothing(after: int) -> None:
    events = await relayed(FaultyRecognizer("first", Fault(silent_after=after)), FaultyRecognizer("spare"))
    assert_nothing_lost(events)


async def test_a_recognizer_that_never_finishes_anything_is_left() -> None:
    events = await relayed(FaultyRecognizer("first", otherwise=Fault(no_finals=True)), FaultyRecognizer("spare"))
    assert_nothing_lost(events)
    assert {event.recognizer for event in events if isinstance(event, FinalWords)} == {"spare"}


@pytest.mark.parametrize("fault", [REFUSED, REJECTED], ids=["unreachable", "wrong key"])
async def test_a_recognizer_that_cannot_be_had_is_passed_over_and_said_why(fault: Fault) -> None:
    events = await relayed(FaultyRecognizer("first", otherwise=fault), FaultyRecognizer("spare"))
    assert_nothing_lost(events)
    [change] = [event for event in events if isinstance(event, RecognizerChanged)]
    assert change.recognizer == "spare"
    assert str(fault.refuse) in change.reason


async def test_long_backlog_is_heard_in_a_lane_of_its_own() -> None:
    events = await relayed(
        FaultyRecognizer("first", Fault(silent_after=0)),
        FaultyRecognizer("spare"),
        words=40,
        batch=[FakeBatchSpeechToText()],
    )
    assert_nothing_lost(events, words=40)


async def test_one_failure_after_the_other_loses_nothing() -> None:
    faults = [Fault(dies_after=number) for number in (5_000, 9_000, 2_000, 30_000)]
    chain = [FaultyRecognizer(f"recognizer {number}", fault) for number, fault in enumerate(faults)]
    assert_nothing_lost(await relayed(*chain, FaultyRecognizer("last")))


async def test_nothing_is_connected_while_nothing_is_said() -> None:
    first = FaultyRecognizer("first")
    events = await relayed(first, words=0)
    assert events == []
    assert first.connections == 0
