"""What goes wrong with Soniox, the error it becomes, and that nothing stays open."""

from contextlib import suppress

import anyio
import pytest
from soniox.realtime.async_stt import AsyncRealtimeSTTSession
from soniox.types.realtime import RealtimeSTTConfig

from adapters.inbound.simulators.faults import Fault, FaultKind, FaultScript, Moment
from adapters.inbound.simulators.http_upload import HttpAnswer
from adapters.inbound.simulators.server import SimulatedConnection, listening
from adapters.outbound.speech_to_text.soniox import SonioxSpeechToText, SonioxSpeechToTextSettings
from adapters.outbound.speech_to_text.soniox_refusal import refusal
from domain.audio import SAMPLE_RATE, AudioFrame
from domain.transcript import Word
from domain.watermark import speech, text_of, word
from ports.errors import Rejected, TemporarilyUnavailable
from ports.speech_to_text import TranscriptionRequest, TranscriptionStream
from tests.support.speaking import flood, frames, heard, heard_in_turn, listened, send
from tests.unit.adapters.outbound.speech_to_text.soniox_bench import KEY, PAUSE, sockets_to, soniox, tasks_of_websockets


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
        assert sockets_to(vendor.listener) == []
        assert tasks_of_websockets() == []


async def test_a_canceled_opening_leaves_no_socket() -> None:
    async with soniox(Fault(kind=FaultKind.NO_HANDSHAKE)) as (recognizer, vendor):
        with anyio.move_on_after(0.1) as scope:
            await listened(recognizer)
        assert scope.cancelled_caught
        await anyio.wait_all_tasks_blocked()
        assert sockets_to(vendor.listener) == []


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
        assert sockets_to(vendor.listener) == []


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
async def test_a_vendor_that_tells_of_audio_it_was_never_sent_is_not_believed(*, interim: bool) -> None:
    spoken = frames(speech(0, 12, pause=PAUSE))
    async with soniox(Fault(kind=FaultKind.STAMPS_BEYOND)) as (recognizer, _):
        with anyio.fail_after(10), pytest.raises(TemporarilyUnavailable, match="its times cannot be believed"):
            await heard_in_turn(recognizer, spoken, TranscriptionRequest(interim=interim))


async def test_a_vendor_that_reads_nothing_fails_the_sender() -> None:
    fault = Fault(kind=FaultKind.SLOW_READER)
    async with soniox(fault, send_timeout=0.2, close_timeout=0.1) as (recognizer, vendor):
        with anyio.fail_after(10), pytest.raises(TemporarilyUnavailable, match="took no data"):
            await flood(recognizer)
        assert sockets_to(vendor.listener) == []


@pytest.mark.parametrize("kind", [FaultKind.HALF_OPEN, FaultKind.SLOW_READER, FaultKind.SILENT])
async def test_leaving_a_hung_vendor_takes_less_than_two_seconds_and_leaves_nothing(kind: FaultKind) -> None:
    async with soniox(Fault(kind=kind)) as (recognizer, vendor):
        with anyio.move_on_after(0.2) as scope:
            await flood(recognizer)
        assert anyio.current_time() - scope.deadline < 2
        assert sockets_to(vendor.listener) == []
        assert tasks_of_websockets() == []


class Deaf:
    """A vendor that agrees to a session and then reads nothing, not even what it is to be about."""

    def refuse(self, request: object, fault: Fault | None) -> None:  # noqa: ARG002 - of the protocol
        return None

    def answer(self, request: object, fault: Fault | None) -> HttpAnswer:  # noqa: ARG002 - of the protocol
        return HttpAnswer(status=404, content=None)

    async def converse(self, connection: SimulatedConnection) -> None:
        connection.transport.pause_reading()
        await connection.wait_closed()


async def test_a_start_that_is_not_read_leaves_no_socket_open() -> None:
    async with listening(Deaf(), host="127.0.0.1", port=0, script=FaultScript()) as listener:
        settings = SonioxSpeechToTextSettings(
            api_key=KEY,
            url=f"ws://127.0.0.1:{listener.port}/transcribe-websocket",
            vocabulary=("x" * 20_000_000,),
            connect_timeout=0.5,
        )
        with anyio.fail_after(2), pytest.raises(TemporarilyUnavailable, match="did not open"):
            await listened(SonioxSpeechToText(settings))
        assert sockets_to(listener) == []


async def test_leaving_leaves_no_socket_open() -> None:
    fault = Fault(kind=FaultKind.SILENT, when=Moment.CLOSING)
    async with soniox(fault) as (recognizer, vendor):
        for _ in range(3):
            async with recognizer.open_stream(TranscriptionRequest()) as stream:
                await stream.send(AudioFrame(0, word(1)))
        assert sockets_to(vendor.listener) == []


async def test_the_sdk_alone_would_leave_its_socket_open() -> None:
    """When this fails, the vendor has mended it, and the adapter need not hang up by itself any more."""
    fault = Fault(kind=FaultKind.SILENT, when=Moment.CLOSING)
    async with soniox(fault) as (_, vendor):
        config = RealtimeSTTConfig(model="m", audio_format="pcm_s16le", sample_rate=SAMPLE_RATE, num_channels=1)
        async with AsyncRealtimeSTTSession(vendor.url, config, KEY) as session:
            await session.send_byte_chunk(word(1))
        await anyio.wait_all_tasks_blocked()
        assert len(sockets_to(vendor.listener)) == 1
