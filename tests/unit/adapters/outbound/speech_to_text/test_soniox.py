"""The vendor's own SDK against the simulated vendor: what the contract suite cannot ask for."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from typing import Any

import anyio
import psutil
import pytest
from soniox.realtime.async_stt import AsyncRealtimeSTTSession
from soniox.types.realtime import RealtimeSTTConfig

from adapters.inbound.simulators.faults import Fault, FaultKind, FaultScript, Moment
from adapters.inbound.simulators.http_upload import HttpAnswer
from adapters.inbound.simulators.server import SimulatedConnection, listening
from adapters.inbound.simulators.soniox import SimulatedSoniox, serve_soniox
from adapters.outbound.speech_to_text.soniox import LANGUAGES, SonioxSpeechToText, SonioxSpeechToTextSettings
from adapters.outbound.speech_to_text.soniox_refusal import refusal
from domain.audio import SAMPLE_RATE, AudioFrame, samples
from domain.recognition import FinalWords, InterimWords, RecognitionEvent
from domain.transcript import Word
from domain.usage import Billing
from domain.watermark import WORD_SAMPLES, speech, text_of, word
from ports.diagnosis import Condition
from ports.errors import Rejected, TemporarilyUnavailable
from ports.speech_to_text import TranscriptionRequest, TranscriptionStream

KEY = "a-key-that-must-not-show"
PAUSE = 8_000
SPACING = WORD_SAMPLES + PAUSE
STEP = 800
TOLERANCE = samples(0.05)


@asynccontextmanager
async def soniox(
    *faults: Fault,
    idle_seconds: float = 20.0,
    longest_seconds: float = 18_000.0,
    most_sessions: int = 10,
    **settings: object,
) -> AsyncIterator[tuple[SonioxSpeechToText, SimulatedSoniox]]:
    script = FaultScript(faults=faults, idle_seconds=idle_seconds)
    async with serve_soniox(
        script=script, key=KEY, longest_seconds=longest_seconds, most_sessions=most_sessions
    ) as vendor:
        chosen = SonioxSpeechToTextSettings(**{"api_key": KEY, "url": vendor.url, **settings})  # type: ignore[arg-type]
        yield SonioxSpeechToText(chosen), vendor


class Scripted:
    """A vendor that listens to the end, and then says what it was told to."""

    def __init__(self, said: list[str]) -> None:
        self._said = said

    def refuse(self, request: object, fault: Fault | None) -> None:  # noqa: ARG002 - of the protocol
        return None

    def answer(self, request: object, fault: Fault | None) -> HttpAnswer:  # noqa: ARG002 - of the protocol
        return HttpAnswer(status=404, content=None)

    async def converse(self, connection: SimulatedConnection) -> None:
        async for message in connection:
            if message == "":
                break
        for text in self._said:
            await connection.send(text)


@asynccontextmanager
async def scripted(*said: Any) -> AsyncIterator[SonioxSpeechToText]:
    texts = [text if isinstance(text, str) else json.dumps(text) for text in said]
    async with listening(Scripted(texts), host="127.0.0.1", port=0, script=FaultScript()) as listener:
        url = f"ws://127.0.0.1:{listener.port}/transcribe-websocket"
        yield SonioxSpeechToText(SonioxSpeechToTextSettings(api_key=KEY, url=url))


def frames(pcm: bytes, *, start: int = 0) -> list[AudioFrame]:
    return [AudioFrame(start + at // 2, pcm[at : at + 2 * STEP]) for at in range(0, len(pcm), 2 * STEP)]


async def send(stream: TranscriptionStream, spoken: list[AudioFrame]) -> None:
    for frame in spoken:
        await stream.send(frame)
    await stream.send_eof()


async def events_of(
    recognizer: SonioxSpeechToText, spoken: list[AudioFrame], **request: object
) -> list[RecognitionEvent]:
    with anyio.fail_after(10):
        opening = recognizer.open_stream(TranscriptionRequest(**request))  # type: ignore[arg-type]
        async with opening as stream, anyio.create_task_group() as tasks:
            tasks.start_soon(send, stream, spoken)
            return [event async for event in stream]


async def heard(
    recognizer: SonioxSpeechToText, spoken: list[AudioFrame], **request: object
) -> tuple[list[Word], list[int]]:
    """Final words and watermarks."""
    finals = [event for event in await events_of(recognizer, spoken, **request) if isinstance(event, FinalWords)]
    return [word for event in finals for word in event.words], [event.through for event in finals]


async def listened(recognizer: SonioxSpeechToText, pcm: bytes = b"", *, interim: bool = True) -> None:
    """Speaks, then listens to the end."""
    with anyio.fail_after(10):
        async with recognizer.open_stream(TranscriptionRequest(interim=interim)) as stream:
            await send(stream, frames(pcm or speech(0, 10, pause=PAUSE)))
            async for _ in stream:
                pass


async def through(stream: TranscriptionStream, position: int) -> list[Word]:
    """Listens until the watermark has reached a position; gives the final words."""
    words: list[Word] = []
    with anyio.fail_after(5):
        async for event in stream:
            if isinstance(event, FinalWords):
                words += event.words
                if event.through >= position:
                    break
    return words


def sockets_to(vendor: SimulatedSoniox) -> list[object]:
    """The client's ends of connections that are open."""
    connections = psutil.Process().net_connections("tcp")
    return [
        connection
        for connection in connections
        if connection.raddr and connection.raddr.port == vendor.listener.port and connection.status == "ESTABLISHED"
    ]


def tasks_of_websockets() -> list[str]:
    """The library of the SDK starts tasks of its own on the client's side."""
    names = [getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks()]
    return [name for name in names if "keepalive" in name]


async def test_words_are_exact_and_in_their_place_also_behind_cuts() -> None:
    first, second = frames(speech(0, 5, pause=PAUSE)), frames(speech(5, 5, pause=PAUSE), start=200_000)
    async with soniox() as (recognizer, vendor):
        words, watermarks = await heard(recognizer, first + second)
    starts = [number * SPACING for number in range(5)] + [200_000 + number * SPACING for number in range(5)]
    assert [word.text for word in words] == [text_of(number) for number in range(10)]
    assert [word.start for word in words] == pytest.approx(starts, abs=TOLERANCE)
    assert [word.end for word in words] == pytest.approx([start + WORD_SAMPLES for start in starts], abs=TOLERANCE)
    assert all(word.confidence == pytest.approx(0.97) for word in words)
    assert watermarks == sorted(watermarks)
    assert watermarks[-1] == second[-1].end
    assert vendor.legs[0].samples == 10 * SPACING


@pytest.mark.parametrize("pause", [0, 800, 3_200, 20_000])
@pytest.mark.parametrize("endpoint_detection", [True, False])
async def test_no_word_is_lost_or_doubled_however_they_are_spaced(*, pause: int, endpoint_detection: bool) -> None:
    async with soniox(endpoint_detection=endpoint_detection) as (recognizer, _):
        words, _ = await heard(recognizer, frames(speech(0, 25, pause=pause)), interim=True)
    assert [word.text for word in words] == [text_of(number) for number in range(25)]


async def test_what_is_asked_of_the_vendor_follows_settings_and_request() -> None:
    async with soniox(vocabulary=("Omi",), max_endpoint_delay_ms=700) as (recognizer, vendor):
        await heard(recognizer, frames(speech(0, 1, pause=PAUSE)), language="de-AT", diarize=False)
        await heard(recognizer, frames(speech(0, 1, pause=PAUSE)), language="multi")
    config = vendor.legs[0].config
    assert (config.model, config.audio_format, config.sample_rate, config.num_channels, config.api_key) == (
        "stt-rt-v4", "pcm_s16le", 16_000, 1, "",
    )  # fmt: skip
    assert (config.language_hints, config.context) == (["de"], {"terms": ["Omi"]})
    assert (config.enable_endpoint_detection, config.max_endpoint_delay_ms) == (True, 700)
    assert not config.enable_speaker_diarization
    assert vendor.legs[1].config.language_hints == []


async def test_voices_are_told_apart_where_asked_for() -> None:
    spoken = frames(speech(99, 2, pause=PAUSE))
    async with soniox() as (recognizer, _):
        assert [word.speaker for word in (await heard(recognizer, spoken))[0]] == [0, 1]
        assert [word.speaker for word in (await heard(recognizer, spoken, diarize=False))[0]] == [0, 0]


async def test_finalize_moves_the_watermark_past_the_silence_at_the_end() -> None:
    pcm = speech(0, 3, pause=0) + bytes(2 * samples(0.7))
    async with soniox(endpoint_detection=False) as (recognizer, vendor):
        async with recognizer.open_stream(TranscriptionRequest()) as stream:
            for frame in frames(pcm, start=50_000):
                await stream.send(frame)
            await stream.finalize()
            words = await through(stream, 50_000 + len(pcm) // 2)
        assert [word.text for word in words] == [text_of(number) for number in range(3)]
        assert vendor.legs[0].messages[0] == "finalize"


async def test_each_of_many_pauses_is_finalized_where_it_was_made() -> None:
    async with (
        soniox(endpoint_detection=False) as (recognizer, _),
        recognizer.open_stream(TranscriptionRequest()) as stream,
    ):
        position = 0
        for number in range(5):
            pcm = speech(number, 1, pause=PAUSE)
            for frame in frames(pcm, start=position):
                await stream.send(frame)
            position += len(pcm) // 2
            await stream.finalize()
            assert [word.text for word in await through(stream, position)] == [text_of(number)]
            position += 100_000


async def test_what_was_finalized_already_is_not_asked_for_again() -> None:
    async with soniox() as (recognizer, vendor), recognizer.open_stream(TranscriptionRequest()) as stream:
        await stream.finalize()
        for frame in frames(speech(0, 1, pause=PAUSE)):
            await stream.send(frame)
        for _ in range(3):
            await stream.finalize()
        await stream.send_eof()
        assert len([event async for event in stream if isinstance(event, FinalWords) and event.words]) == 1
    assert vendor.legs[0].messages == ["finalize", ""]


async def test_the_watermark_waits_for_the_rest_of_a_word() -> None:
    async with soniox(endpoint_detection=False) as (recognizer, _):
        events = await events_of(recognizer, frames(speech(0, 40, pause=0)))
    words = [word for event in events if isinstance(event, FinalWords) for word in event.words]
    assert [word.text for word in words] == [text_of(number) for number in range(40)]
    for before, event in pairwise(events):
        assert isinstance(before, FinalWords)
        assert isinstance(event, FinalWords)
        assert all(word.start >= before.through - 16 for word in event.words)


async def test_guesses_hold_whole_words_within_the_audio() -> None:
    spoken = frames(speech(0, 20, pause=1_600))
    async with soniox() as (recognizer, _):
        events = await events_of(recognizer, spoken, interim=True)
    guessed = [word for event in events if isinstance(event, InterimWords) for word in event.words]
    assert {word.text for word in guessed} <= {text_of(number) for number in range(20)}
    assert all(0 <= word.start < word.end <= spoken[-1].end for word in guessed)
    assert guessed


@pytest.mark.parametrize("first", [b"", speech(0, 1, pause=PAUSE)], ids=["before any audio", "behind audio"])
async def test_a_silent_line_is_kept_alive_and_times_stay_exact(first: bytes) -> None:
    async with (
        soniox(keep_alive_seconds=0.05, idle_seconds=0.3) as (recognizer, vendor),
        recognizer.open_stream(TranscriptionRequest()) as stream,
    ):
        for frame in frames(first):
            await stream.send(frame)
        with anyio.fail_after(5):
            while not vendor.legs or vendor.legs[0].messages.count("keepalive") < 10:
                await anyio.sleep(0.01)
            await send(stream, frames(speech(7, 1, pause=PAUSE), start=500_000))
            words = [word async for event in stream for word in event.words]
    assert words[-1].text == text_of(7)
    assert words[-1].start == pytest.approx(500_000, abs=TOLERANCE)


async def test_a_line_that_is_not_kept_alive_is_lost_with_the_vendors_reason() -> None:
    async with (
        soniox(keep_alive_seconds=60.0, idle_seconds=0.05) as (recognizer, _),
        recognizer.open_stream(TranscriptionRequest()) as stream,
    ):
        with anyio.fail_after(5), pytest.raises(TemporarilyUnavailable, match=r"\(408\).*Timed out"):
            await anext(aiter(stream))


async def test_a_capture_without_audio_ends_without_an_error() -> None:
    async with soniox() as (recognizer, _):
        words, _ = await heard(recognizer, [])
    assert words == []


@pytest.mark.parametrize(
    ("status", "error", "says"),
    [
        (400, Rejected, "refused the request"),
        (401, Rejected, "set OMI_SPEECH_TO_TEXT__SONIOX__API_KEY"),
        (402, Rejected, "no credit left for the key in OMI_SPEECH_TO_TEXT__SONIOX__API_KEY"),
        (403, Rejected, "does not allow the key in OMI_SPEECH_TO_TEXT__SONIOX__API_KEY"),
        (408, TemporarilyUnavailable, "waited too long"),
        (429, TemporarilyUnavailable, "too many requests"),
        (500, TemporarilyUnavailable, "failed"),
        (503, TemporarilyUnavailable, "failed"),
    ],
)
@pytest.mark.parametrize("kind", [FaultKind.HTTP_STATUS, FaultKind.ERROR_MESSAGE])
async def test_a_refusal_names_the_cause_in_the_handshake_and_in_the_session(
    kind: FaultKind, status: int, error: type[Exception], says: str
) -> None:
    async with soniox(Fault(kind=kind, status=status, reason="as scripted")) as (recognizer, _):
        with pytest.raises(error, match=says) as caught:
            await listened(recognizer)
    assert f"({status})" in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("unauthenticated", Rejected),
        ("project_monthly_budget_exhausted", Rejected),
        ("permission_denied", Rejected),
        ("model_not_available", Rejected),
        ("max_concurrent_connections_reached", TemporarilyUnavailable),
        ("request_timeout", TemporarilyUnavailable),
        ("max_duration_reached", TemporarilyUnavailable),
        ("something_new", TemporarilyUnavailable),
    ],
)
def test_the_kind_of_an_error_is_enough(kind: str, error: type[Exception]) -> None:
    assert type(refusal(None, kind=kind, detail="")) is error


def test_a_session_that_became_too_long_may_be_followed_by_another() -> None:
    assert type(refusal(400, kind="", detail="Audio is too long.")) is TemporarilyUnavailable
    assert type(refusal(400, kind="max_duration_reached", detail="")) is TemporarilyUnavailable


async def test_a_wrong_key_is_refused_and_no_error_shows_it() -> None:
    async with soniox(api_key="wrong-key") as (recognizer, _):
        with pytest.raises(Rejected, match="OMI_SPEECH_TO_TEXT__SONIOX__API_KEY") as caught:
            await listened(recognizer)
    shown, error = "", caught.value
    while error is not None:
        shown += f"{error!r} {error}"
        error = error.__cause__  # type: ignore[assignment]
    assert "wrong-key" not in shown


async def test_without_a_key_nobody_is_called() -> None:
    async with soniox(api_key="") as (recognizer, vendor):
        with pytest.raises(Rejected, match="OMI_SPEECH_TO_TEXT__SONIOX__API_KEY"):
            await listened(recognizer)
    assert vendor.legs == []


async def test_an_address_that_is_none_is_rejected() -> None:
    recognizer = SonioxSpeechToText(SonioxSpeechToTextSettings(api_key=KEY, url="soniox"))
    with pytest.raises(Rejected, match="is no address"):
        await listened(recognizer)


@pytest.mark.parametrize("kind", [FaultKind.REFUSE, FaultKind.NO_HANDSHAKE])
async def test_a_vendor_that_does_not_open_is_unavailable_in_time(kind: FaultKind) -> None:
    async with soniox(Fault(kind=kind), connect_timeout=0.2) as (recognizer, vendor):
        with anyio.fail_after(1), pytest.raises(TemporarilyUnavailable):
            await listened(recognizer)
        await anyio.wait_all_tasks_blocked()
        assert sockets_to(vendor) == []
        assert tasks_of_websockets() == []


async def test_a_canceled_opening_leaves_no_socket() -> None:
    async with soniox(Fault(kind=FaultKind.NO_HANDSHAKE)) as (recognizer, vendor):
        with anyio.move_on_after(0.1) as scope:
            await listened(recognizer)
        assert scope.cancelled_caught
        await anyio.wait_all_tasks_blocked()
        assert sockets_to(vendor) == []


@pytest.mark.parametrize("interim", [True, False])
@pytest.mark.parametrize(
    ("fault", "error", "says"),
    [
        (Fault(kind=FaultKind.CLOSE), TemporarilyUnavailable, r"closed the stream \(1011\).*NET-0000"),
        (
            Fault(kind=FaultKind.CLOSE, after_seconds=2.0, code=1000, reason=""),
            TemporarilyUnavailable,
            r"closed the stream \(1000\) before it had finished",
        ),
        (Fault(kind=FaultKind.CLOSE, when=Moment.CLOSING), TemporarilyUnavailable, "before it had finished"),
        (Fault(kind=FaultKind.ABORT, after_seconds=2.0), TemporarilyUnavailable, "broke off"),
        (
            Fault(kind=FaultKind.ERROR_MESSAGE, after_seconds=2.0, reason="Cannot continue request (code 1)."),
            TemporarilyUnavailable,
            r"\(503\): service_unavailable: Cannot continue request \(code 1\)\.",
        ),
        (Fault(kind=FaultKind.ERROR_MESSAGE, status=402, after_seconds=2.0), Rejected, "no credit"),
        (Fault(kind=FaultKind.ERROR_MESSAGE, when=Moment.CLOSING), TemporarilyUnavailable, "failed"),
        (Fault(kind=FaultKind.SILENT), TemporarilyUnavailable, "did not finish"),
        (Fault(kind=FaultKind.SILENT, when=Moment.CLOSING), TemporarilyUnavailable, "did not finish"),
        (Fault(kind=FaultKind.HALF_OPEN, after_seconds=2.0), TemporarilyUnavailable, "did not finish"),
        (Fault(kind=FaultKind.NO_FINALS), TemporarilyUnavailable, "without final words"),
        (Fault(kind=FaultKind.NO_FINALS, after_seconds=4.0), TemporarilyUnavailable, "without final words"),
    ],
)
async def test_a_session_that_fails_raises_one_error_of_the_right_kind(
    *, fault: Fault, error: type[Exception], says: str, interim: bool
) -> None:
    async with soniox(fault, finish_timeout=0.2, close_timeout=0.2) as (recognizer, vendor):
        with pytest.raises(error, match=says):
            await listened(recognizer, interim=interim)
        assert sockets_to(vendor) == []


async def test_words_that_became_final_before_a_failure_are_kept() -> None:
    words: list[Word] = []

    async def send_until_broken(stream: TranscriptionStream) -> None:
        with suppress(TemporarilyUnavailable):
            await send(stream, frames(speech(0, 10, pause=PAUSE)))

    async def listen(stream: TranscriptionStream) -> None:
        async for event in stream:
            words.extend(event.words)

    async with (
        soniox(Fault(kind=FaultKind.CLOSE, after_seconds=5.0)) as (recognizer, vendor),
        recognizer.open_stream(TranscriptionRequest()) as stream,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(send_until_broken, stream)
        with anyio.fail_after(5), pytest.raises(TemporarilyUnavailable):
            await listen(stream)
    assert [word.text for word in words] == [word.text for word in vendor.legs[0].finalized]
    assert len(words) >= 5


async def test_a_session_has_a_greatest_length_and_another_may_follow() -> None:
    async with soniox(longest_seconds=2.0) as (recognizer, _):
        with pytest.raises(TemporarilyUnavailable, match="greatest length"):
            await listened(recognizer)
        assert recognizer.terms.longest_session == 18_000


async def test_more_sessions_than_allowed_are_refused_for_now() -> None:
    async with soniox(most_sessions=1) as (recognizer, _), recognizer.open_stream(TranscriptionRequest()) as stream:
        await stream.send(AudioFrame(0, bytes(3_200)))
        with pytest.raises(TemporarilyUnavailable, match="max_concurrent_connections_reached"):
            await listened(recognizer)


async def test_results_that_come_twice_double_no_word() -> None:
    async with soniox(Fault(kind=FaultKind.DUPLICATE_FINALS)) as (recognizer, _):
        words, watermarks = await heard(recognizer, frames(speech(0, 30, pause=1_600)))
    assert [word.text for word in words] == [text_of(number) for number in range(30)]
    assert watermarks == sorted(watermarks)


@pytest.mark.parametrize("interim", [True, False])
async def test_stamps_beyond_the_audio_lose_no_word_and_leave_no_frame(*, interim: bool) -> None:
    spoken = frames(speech(0, 12, pause=PAUSE))
    async with soniox(Fault(kind=FaultKind.STAMPS_BEYOND)) as (recognizer, _):
        words, watermarks = await heard(recognizer, spoken, interim=interim)
    assert [word.text for word in words] == [text_of(number) for number in range(12)]
    assert all(word.end <= spoken[-1].end for word in words)
    assert watermarks[-1] == spoken[-1].end


@pytest.mark.parametrize(
    "said",
    ["no message", '{"tokens": [{"text": 7}]}', {"tokens": "none"}, b"\xff".decode("latin-1")],
)
async def test_a_message_that_is_not_understood_fails_the_session(said: object) -> None:
    async with scripted(said) as recognizer:
        with pytest.raises(TemporarilyUnavailable, match="not understood"):
            await listened(recognizer)


async def test_fields_that_are_new_or_missing_change_nothing() -> None:
    spoken = {"text": "Hi", "start_ms": 100.5, "end_ms": 300.0, "is_final": True, "language": "en", "mood": "good"}
    ending = {"tokens": [spoken], "finished": True, "of": "the future"}
    async with scripted(ending) as recognizer:
        words, watermarks = await heard(recognizer, frames(bytes(2 * SAMPLE_RATE // 2)))
    assert words == [Word("Hi", 1_608, 4_800)]
    assert watermarks[-1] == SAMPLE_RATE // 2


async def test_a_guess_that_is_withdrawn_is_no_failure() -> None:
    guess = {"tokens": [{"text": " hm", "start_ms": 300, "end_ms": 400, "is_final": False}], "total_audio_proc_ms": 500}
    nothing = {"tokens": [], "final_audio_proc_ms": 0, "total_audio_proc_ms": 500}
    async with scripted(guess, nothing, {**nothing, "finished": True}) as recognizer:
        assert await heard(recognizer, frames(bytes(SAMPLE_RATE))) == ([], [SAMPLE_RATE // 2])


async def flood(recognizer: SonioxSpeechToText) -> None:
    """More audio than fits between two machines."""
    async with recognizer.open_stream(TranscriptionRequest()) as stream:
        for number in range(1_000):
            await stream.send(AudioFrame(number * SAMPLE_RATE, bytes(2 * SAMPLE_RATE)))


async def test_a_vendor_that_reads_nothing_fails_the_sender() -> None:
    fault = Fault(kind=FaultKind.SLOW_READER)
    async with soniox(fault, send_timeout=0.2, close_timeout=0.1) as (recognizer, vendor):
        with anyio.fail_after(10), pytest.raises(TemporarilyUnavailable, match="took no data"):
            await flood(recognizer)
        assert sockets_to(vendor) == []


@pytest.mark.parametrize("kind", [FaultKind.HALF_OPEN, FaultKind.SLOW_READER, FaultKind.SILENT])
async def test_leaving_a_hung_vendor_takes_less_than_two_seconds_and_leaves_nothing(kind: FaultKind) -> None:
    async with soniox(Fault(kind=kind)) as (recognizer, vendor):
        with anyio.move_on_after(0.2) as scope:
            await flood(recognizer)
        assert anyio.current_time() - scope.deadline < 2
        assert sockets_to(vendor) == []
        assert tasks_of_websockets() == []


async def test_leaving_leaves_no_socket_open() -> None:
    fault = Fault(kind=FaultKind.SILENT, when=Moment.CLOSING)
    async with soniox(fault) as (recognizer, vendor):
        for _ in range(3):
            async with recognizer.open_stream(TranscriptionRequest()) as stream:
                await stream.send(AudioFrame(0, word(1)))
        assert sockets_to(vendor) == []


async def test_the_sdk_alone_would_leave_its_socket_open() -> None:
    """When this fails, the vendor has mended it, and the adapter need not hang up by itself any more."""
    fault = Fault(kind=FaultKind.SILENT, when=Moment.CLOSING)
    async with soniox(fault) as (_, vendor):
        config = RealtimeSTTConfig(model="m", audio_format="pcm_s16le", sample_rate=SAMPLE_RATE, num_channels=1)
        async with AsyncRealtimeSTTSession(vendor.url, config, KEY) as session:
            await session.send_byte_chunk(word(1))
        await anyio.wait_all_tasks_blocked()
        assert len(sockets_to(vendor)) == 1


async def test_a_diagnosis_tells_what_to_do() -> None:
    async with soniox() as (recognizer, _):
        assert (await recognizer.diagnose()).condition is Condition.WORKING
    async with soniox(api_key="wrong") as (recognizer, _):
        diagnosis = await recognizer.diagnose()
    assert (diagnosis.condition, diagnosis.remedy) == (Condition.BROKEN, "set OMI_SPEECH_TO_TEXT__SONIOX__API_KEY")
    async with soniox(Fault(kind=FaultKind.REFUSE)) as (recognizer, _):
        assert (await recognizer.diagnose()).condition is Condition.DEGRADED


def test_the_whole_time_of_a_connection_is_paid_for() -> None:
    assert SonioxSpeechToText.terms.billing is Billing.CONNECTION
    assert SonioxSpeechToText.terms.most_sessions == 10


@pytest.mark.parametrize(
    ("language", "known"),
    [("en", True), ("en-US", True), ("pt_BR", True), ("nb-NO", True), ("multi", True), ("tlh", False), ("", False)],
)
def test_languages_are_known_by_their_primary_tag(*, language: str, known: bool) -> None:
    assert SonioxSpeechToText(SonioxSpeechToTextSettings()).supports(language) is known


def test_sixty_languages_are_known() -> None:
    assert len(LANGUAGES) == 60
