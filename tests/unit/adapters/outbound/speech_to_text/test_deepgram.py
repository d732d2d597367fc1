"""The vendor's own SDK against the simulated vendor: what the contract suite cannot ask for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest

from adapters.inbound.simulators.deepgram import SimulatedDeepgram, serve_deepgram
from adapters.inbound.simulators.faults import Fault, FaultKind, FaultScript, Moment
from adapters.outbound.deepgram_api import choose
from adapters.outbound.speech_to_text.deepgram import DeepgramSpeechToText, DeepgramSpeechToTextSettings
from domain.audio import SAMPLE_RATE, AudioFrame
from domain.watermark import WORD_SAMPLES, speech, text_of
from ports.diagnosis import Condition
from ports.errors import Rejected, TemporarilyUnavailable
from ports.speech_to_text import TranscriptionRequest
from tests.support.speaking import flood, frames, heard, heard_in_turn, listened, send

KEY = "a-key-that-must-not-show"
PAUSE = 6_400
SPACING = WORD_SAMPLES + PAUSE


@asynccontextmanager
async def deepgram(
    *faults: Fault, idle_seconds: float = 10.0, **settings: object
) -> AsyncIterator[tuple[DeepgramSpeechToText, SimulatedDeepgram]]:
    script = FaultScript(faults=faults, idle_seconds=idle_seconds)
    async with serve_deepgram(script=script, key=KEY) as vendor:
        chosen = DeepgramSpeechToTextSettings(**{"api_key": KEY, "url": vendor.url, **settings})  # type: ignore[arg-type]
        async with DeepgramSpeechToText(chosen) as recognizer:
            yield recognizer, vendor


def tasks_of_the_sdk() -> list[str]:
    """The SDK starts tasks of its own, which anyio does not know."""
    names = [getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks()]
    return [name for name in names if name.startswith("WebSocketCommonProtocol")]


async def test_words_and_their_times_are_exact_also_behind_cuts() -> None:
    first, second = frames(speech(0, 5, pause=PAUSE)), frames(speech(5, 5, pause=PAUSE), start=200_000)
    async with deepgram() as (recognizer, vendor):
        words, watermarks = await heard(recognizer, first + second)
    starts = [number * SPACING for number in range(5)] + [200_000 + number * SPACING for number in range(5)]
    assert [word.text for word in words] == [text_of(number) for number in range(10)]
    assert [word.start for word in words] == pytest.approx(starts, abs=1)
    assert [word.end for word in words] == pytest.approx([start + WORD_SAMPLES for start in starts], abs=1)
    assert watermarks == sorted(watermarks)
    assert watermarks[-1] == second[-1].end
    assert vendor.legs[0].samples == 10 * SPACING


async def test_what_is_asked_of_the_vendor_follows_settings_and_request() -> None:
    async with deepgram(tags=("a", "b"), no_delay=True, endpointing=500) as (recognizer, vendor):
        await heard(recognizer, frames(speech(0, 1, pause=PAUSE)), language="de-AT", interim=True, diarize=False)
    assert vendor.legs[0].options == {
        "model": "nova-3", "language": "de", "encoding": "linear16", "sample_rate": "16000", "channels": "1",
        "punctuate": "true", "smart_format": "true", "endpointing": "500", "diarize": "false",
        "interim_results": "true", "tag": "b", "no_delay": "true",
    }  # fmt: skip


async def test_voices_are_told_apart_where_asked_for() -> None:
    spoken = frames(speech(99, 2, pause=PAUSE))
    async with deepgram() as (recognizer, _):
        assert [word.speaker for word in (await heard(recognizer, spoken))[0]] == [0, 1]
        assert [word.speaker for word in (await heard(recognizer, spoken, diarize=False))[0]] == [0, 0]


async def test_small_frames_are_joined_to_messages_of_fifty_milliseconds() -> None:
    small = [AudioFrame(at, bytes(2 * 160)) for at in range(0, SAMPLE_RATE, 160)]
    async with deepgram() as (recognizer, vendor):
        await heard(recognizer, small)
    assert set(vendor.legs[0].audio_messages) == {1600}


async def test_a_lone_small_frame_leaves_without_company() -> None:
    async with deepgram() as (recognizer, vendor), recognizer.open_stream(TranscriptionRequest()) as stream:
        await stream.send(AudioFrame(0, bytes(320)))
        with anyio.fail_after(2):
            while not vendor.legs or not vendor.legs[0].audio_messages:
                await anyio.sleep(0.005)


@pytest.mark.parametrize("first", [b"", speech(0, 1, pause=PAUSE)], ids=["before any audio", "behind audio"])
async def test_a_silent_line_is_kept_alive_and_times_stay_exact(first: bytes) -> None:
    async with (
        deepgram(keep_alive_seconds=0.05, idle_seconds=0.3) as (recognizer, vendor),
        recognizer.open_stream(TranscriptionRequest()) as stream,
    ):
        for frame in frames(first):
            await stream.send(frame)
        with anyio.fail_after(5):
            while not vendor.legs or vendor.legs[0].messages.count("KeepAlive") < 10:
                await anyio.sleep(0.01)
            await send(stream, frames(speech(7, 1, pause=PAUSE), start=500_000))
            words = [word async for event in stream for word in event.words]
    assert (words[-1].text, words[-1].start) == (text_of(7), 500_000)


async def test_a_line_that_is_not_kept_alive_is_lost_with_the_vendors_reason() -> None:
    async with (
        deepgram(keep_alive_seconds=60.0, idle_seconds=0.05) as (recognizer, _),
        recognizer.open_stream(TranscriptionRequest()) as stream,
    ):
        with anyio.fail_after(5), pytest.raises(TemporarilyUnavailable, match="NET-0001"):
            await anext(aiter(stream))


@pytest.mark.parametrize(
    ("status", "error", "says"),
    [
        (400, Rejected, "refused the request"),
        (401, Rejected, "set OMI_SPEECH_TO_TEXT__DEEPGRAM__API_KEY"),
        (402, Rejected, "no credit"),
        (403, Rejected, "does not allow"),
        (429, TemporarilyUnavailable, "too many requests"),
        (503, TemporarilyUnavailable, "failed"),
    ],
)
async def test_a_refused_handshake_names_the_cause(status: int, error: type[Exception], says: str) -> None:
    async with deepgram(Fault(kind=FaultKind.HTTP_STATUS, status=status)) as (recognizer, _):
        with pytest.raises(error, match=says) as caught:
            async with recognizer.open_stream(TranscriptionRequest()):
                pass
    assert str(status) in str(caught.value)


async def test_no_error_shows_the_key() -> None:
    async with deepgram(api_key="wrong-key") as (recognizer, _):
        with pytest.raises(Rejected) as caught:
            async with recognizer.open_stream(TranscriptionRequest()):
                pass
    shown, error = "", caught.value
    while error is not None:
        shown += f"{error!r} {error}"
        error = error.__cause__  # type: ignore[assignment]
    assert "wrong-key" not in shown


async def test_without_a_key_nobody_is_called() -> None:
    async with deepgram(api_key="") as (recognizer, vendor):
        with pytest.raises(Rejected, match="OMI_SPEECH_TO_TEXT__DEEPGRAM__API_KEY"):
            async with recognizer.open_stream(TranscriptionRequest()):
                pass
    assert vendor.legs == []


@pytest.mark.parametrize("kind", [FaultKind.REFUSE, FaultKind.NO_HANDSHAKE])
async def test_a_vendor_that_does_not_open_is_unavailable_in_time(kind: FaultKind) -> None:
    async with deepgram(Fault(kind=kind), connect_timeout=0.2) as (recognizer, _):
        with anyio.fail_after(1), pytest.raises(TemporarilyUnavailable):
            async with recognizer.open_stream(TranscriptionRequest()):
                pass
        await anyio.wait_all_tasks_blocked()
        assert tasks_of_the_sdk() == []


@pytest.mark.parametrize(
    ("fault", "error", "says"),
    [
        (Fault(kind=FaultKind.CLOSE), TemporarilyUnavailable, "NET-0000"),
        (Fault(kind=FaultKind.CLOSE, code=1008, reason="DATA-0000"), Rejected, "DATA-0000"),
        (Fault(kind=FaultKind.CLOSE, after_seconds=2.0, code=1000, reason=""), TemporarilyUnavailable, "summary"),
        (Fault(kind=FaultKind.ABORT, after_seconds=2.0), TemporarilyUnavailable, "connection"),
        (Fault(kind=FaultKind.ERROR_MESSAGE, after_seconds=2.0, reason="of ours"), TemporarilyUnavailable, "of ours"),
        (Fault(kind=FaultKind.SILENT), TemporarilyUnavailable, "did not finish"),
        (Fault(kind=FaultKind.SILENT, when=Moment.CLOSING), TemporarilyUnavailable, "did not finish"),
        (Fault(kind=FaultKind.CLOSE, when=Moment.CLOSING), TemporarilyUnavailable, "NET-0000"),
        (Fault(kind=FaultKind.HALF_OPEN, after_seconds=2.0), TemporarilyUnavailable, "did not finish"),
        (Fault(kind=FaultKind.NO_FINALS), TemporarilyUnavailable, "no final words for the last"),
        (Fault(kind=FaultKind.NO_FINALS, after_seconds=4.0), TemporarilyUnavailable, "no final words for the last"),
    ],
)
async def test_a_session_that_fails_raises_one_error_of_the_right_kind(
    fault: Fault, error: type[Exception], says: str
) -> None:
    async with deepgram(fault, finish_timeout=0.2, close_timeout=0.2) as (recognizer, _):
        with pytest.raises(error, match=says):
            await listened(recognizer)


@pytest.mark.parametrize("kind", [FaultKind.DUPLICATE_FINALS, FaultKind.SWAPPED_FINALS])
async def test_disordered_results_lose_and_double_no_word(kind: FaultKind) -> None:
    async with deepgram(Fault(kind=kind)) as (recognizer, _):
        words, watermarks = await heard(recognizer, frames(speech(0, 30, pause=PAUSE)))
    assert [word.text for word in words] == [text_of(number) for number in range(30)]
    assert [word.start for word in words] == sorted(word.start for word in words)
    assert watermarks == sorted(watermarks)


async def test_a_vendor_that_tells_of_audio_it_was_never_sent_is_not_believed() -> None:
    spoken = frames(speech(0, 12, pause=PAUSE))
    async with deepgram(Fault(kind=FaultKind.STAMPS_BEYOND)) as (recognizer, _):
        with anyio.fail_after(10), pytest.raises(TemporarilyUnavailable, match="its times cannot be believed"):
            await heard_in_turn(recognizer, spoken, TranscriptionRequest())


async def test_a_vendor_that_reads_nothing_fails_the_sender() -> None:
    fault = Fault(kind=FaultKind.SLOW_READER)
    async with deepgram(fault, send_timeout=0.2, close_timeout=0.1) as (recognizer, _):
        with anyio.fail_after(10), pytest.raises(TemporarilyUnavailable, match="took no data"):
            await flood(recognizer)


@pytest.mark.parametrize("kind", [FaultKind.HALF_OPEN, FaultKind.SLOW_READER, FaultKind.SILENT])
async def test_leaving_a_hung_vendor_takes_less_than_two_seconds_and_leaves_no_task(kind: FaultKind) -> None:
    async with deepgram(Fault(kind=kind)) as (recognizer, _):
        with anyio.move_on_after(0.2) as scope:
            await flood(recognizer)
        assert anyio.current_time() - scope.deadline < 2
        assert tasks_of_the_sdk() == []


async def test_a_diagnosis_tells_what_to_do() -> None:
    async with deepgram() as (recognizer, _):
        assert (await recognizer.diagnose()).condition is Condition.WORKING
    async with deepgram(api_key="wrong") as (recognizer, _):
        diagnosis = await recognizer.diagnose()
    assert (diagnosis.condition, diagnosis.remedy) == (
        Condition.BROKEN, "set OMI_SPEECH_TO_TEXT__DEEPGRAM__API_KEY",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("language", "model", "chosen"),
    [
        ("en", "nova-3", ("nova-3", "en")),
        ("en-us", "nova-3-medical", ("nova-3-medical", "en-US")),
        ("de-AT", "nova-3", ("nova-3", "de")),
        ("multi", "nova-2", ("nova-3", "multi")),
        ("ta", "nova-2", ("nova-3", "ta")),
        ("tlh", "nova-3", None),
        ("", "nova-3", None),
    ],
)
def test_a_model_is_chosen_that_knows_the_language(language: str, model: str, chosen: tuple[str, str] | None) -> None:
    choice = choose(language, model=model)
    assert (choice and (choice.model, choice.language)) == chosen
