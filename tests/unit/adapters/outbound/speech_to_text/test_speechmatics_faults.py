"""What goes wrong with Speechmatics, and the error it becomes."""

import anyio
import pytest

from adapters.inbound.simulators.faults import Fault, FaultKind, Moment
from adapters.outbound.speech_to_text.speechmatics import SpeechmaticsSpeechToText, SpeechmaticsSpeechToTextSettings
from adapters.outbound.speech_to_text.speechmatics_errors import KEY_SETTING
from domain.watermark import speech, text_of
from ports.errors import Rejected, TemporarilyUnavailable
from ports.speech_to_text import TranscriptionRequest
from tests.support.speaking import flood, frames, heard, heard_in_turn, listened
from tests.unit.adapters.outbound.speech_to_text.speechmatics_bench import KEY, PAUSE, opened, plain, speechmatics


@pytest.mark.parametrize(
    ("status", "error", "says"),
    [
        (400, Rejected, "refused the request"),
        (401, Rejected, KEY_SETTING),
        (403, Rejected, "does not allow"),
        (429, TemporarilyUnavailable, "overloaded"),
        (503, TemporarilyUnavailable, "failed"),
    ],
)
async def test_a_refused_handshake_names_the_cause(status: int, error: type[Exception], says: str) -> None:
    async with speechmatics(Fault(kind=FaultKind.HTTP_STATUS, status=status)) as (recognizer, _):
        with pytest.raises(error, match=says) as caught:
            await opened(recognizer)
    assert str(status) in str(caught.value)


ERRORS = {
    "not_authorised": Rejected,
    "not_allowed": Rejected,
    "invalid_message": Rejected,
    "invalid_model": Rejected,
    "invalid_language": Rejected,
    "invalid_config": Rejected,
    "invalid_audio_type": Rejected,
    "invalid_output_format": Rejected,
    "protocol_error": Rejected,
    "timelimit_exceeded": Rejected,
    "quota_exceeded": TemporarilyUnavailable,
    "job_error": TemporarilyUnavailable,
    "idle_timeout": TemporarilyUnavailable,
    "session_timeout": TemporarilyUnavailable,
    "unknown_error": TemporarilyUnavailable,
}


@pytest.mark.parametrize(("kind", "error"), ERRORS.items())
@pytest.mark.parametrize("after", [0.0, 2.0], ids=["at the start", "within the session"])
async def test_an_error_of_each_type_has_its_meaning(kind: str, error: type[Exception], after: float) -> None:
    fault = Fault(kind=FaultKind.ERROR_MESSAGE, after_seconds=after, reason=kind)
    async with speechmatics(fault, finish_timeout=1.0) as (recognizer, _):
        with pytest.raises(error, match=KEY_SETTING if kind == "not_authorised" else kind):
            await listened(recognizer)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (1003, Rejected),
        (1008, TemporarilyUnavailable),
        (1011, TemporarilyUnavailable),
        (4001, Rejected),
        (4003, Rejected),
        (4004, Rejected),
        (4005, TemporarilyUnavailable),
        (4006, Rejected),
        (4013, TemporarilyUnavailable),
    ],
)
@pytest.mark.parametrize("after", [0.0, 2.0], ids=["at the start", "within the session"])
async def test_a_close_code_without_an_error_has_its_meaning(code: int, error: type[Exception], after: float) -> None:
    fault = Fault(kind=FaultKind.CLOSE, after_seconds=after, code=code, reason="of ours")
    async with speechmatics(fault) as (recognizer, _):
        with pytest.raises(error, match=KEY_SETTING if code == 4001 else str(code)):
            await listened(recognizer)


async def test_no_error_shows_the_key() -> None:
    async with speechmatics(api_key="wrong-key") as (recognizer, _):
        with pytest.raises(Rejected, match=KEY_SETTING) as caught:
            await opened(recognizer)
    shown, error = "", caught.value
    while error is not None:
        shown += f"{error!r} {error}"
        error = error.__cause__  # type: ignore[assignment]
    assert "wrong-key" not in shown


async def test_without_a_key_nobody_is_called() -> None:
    async with speechmatics(api_key="") as (recognizer, vendor):
        with pytest.raises(Rejected, match=KEY_SETTING):
            await opened(recognizer)
    assert vendor.legs == []


async def test_a_wrong_address_is_refused() -> None:
    chosen = SpeechmaticsSpeechToTextSettings(api_key=KEY, url="https://example.org")
    async with SpeechmaticsSpeechToText(chosen) as recognizer:
        with pytest.raises(Rejected, match="no address"):
            await opened(recognizer)


@pytest.mark.parametrize("kind", [FaultKind.REFUSE, FaultKind.NO_HANDSHAKE, FaultKind.SILENT, FaultKind.HALF_OPEN])
async def test_a_vendor_that_does_not_start_is_unavailable_in_time(kind: FaultKind) -> None:
    before = set(anyio.get_running_tasks())
    async with speechmatics(Fault(kind=kind), connect_timeout=0.2, close_timeout=0.2) as (recognizer, _):
        with anyio.fail_after(1), pytest.raises(TemporarilyUnavailable):
            await opened(recognizer)
    await anyio.wait_all_tasks_blocked()
    assert set(anyio.get_running_tasks()) == before


async def test_canceling_an_opening_takes_no_time() -> None:
    async with speechmatics(Fault(kind=FaultKind.SILENT)) as (recognizer, _):
        with anyio.move_on_after(0.1) as scope:
            await opened(recognizer)
        assert anyio.current_time() - scope.deadline < 1


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (Fault(kind=FaultKind.CLOSE, after_seconds=2.0, code=1000, reason=""), "without the end of the transcript"),
        (Fault(kind=FaultKind.ABORT, after_seconds=2.0), "connection"),
        (Fault(kind=FaultKind.SILENT, after_seconds=2.0), "took no data"),
        (Fault(kind=FaultKind.SILENT, when=Moment.SILENCE), "did not finish"),
        (Fault(kind=FaultKind.SILENT, when=Moment.CLOSING), "did not finish"),
        (Fault(kind=FaultKind.CLOSE, when=Moment.CLOSING), "NET-0000"),
        (Fault(kind=FaultKind.HALF_OPEN, after_seconds=2.0), "took no data"),
        (Fault(kind=FaultKind.NO_FINALS, after_seconds=0.1), "no final words for the last"),
        (Fault(kind=FaultKind.NO_FINALS, after_seconds=4.0), "no final words for the last"),
    ],
)
async def test_a_session_that_fails_raises_one_error(fault: Fault, says: str) -> None:
    async with speechmatics(fault, finish_timeout=0.3, send_timeout=0.3, close_timeout=0.2) as (recognizer, _):
        with pytest.raises(TemporarilyUnavailable, match=says):
            await listened(recognizer)


async def test_a_vendor_that_ends_an_idle_session_tells_so() -> None:
    async with (
        speechmatics(idle_seconds=0.05) as (recognizer, _),
        recognizer.open_stream(TranscriptionRequest()) as stream,
    ):
        with anyio.fail_after(5), pytest.raises(TemporarilyUnavailable, match="idle_timeout"):
            await anext(aiter(stream))


@pytest.mark.parametrize("kind", [FaultKind.DUPLICATE_FINALS, FaultKind.SWAPPED_FINALS])
async def test_disordered_results_lose_and_double_no_word(kind: FaultKind) -> None:
    async with speechmatics(Fault(kind=kind)) as (recognizer, _):
        words, watermarks = await heard(recognizer, frames(speech(0, 30, pause=PAUSE)))
    assert plain(words) == [text_of(number) for number in range(30)]
    assert [word.start for word in words] == sorted(word.start for word in words)
    assert watermarks == sorted(watermarks)


async def test_a_vendor_that_tells_of_audio_it_was_never_sent_is_not_believed() -> None:
    spoken = frames(speech(0, 12, pause=PAUSE))
    async with speechmatics(Fault(kind=FaultKind.STAMPS_BEYOND)) as (recognizer, _):
        with anyio.fail_after(10), pytest.raises(TemporarilyUnavailable, match="its times cannot be believed"):
            await heard_in_turn(recognizer, spoken, TranscriptionRequest())


@pytest.mark.parametrize("most_in_flight", [4.0, 1e6], ids=["by what is confirmed", "by the network"])
async def test_a_vendor_that_reads_nothing_fails_the_sender(most_in_flight: float) -> None:
    fault = Fault(kind=FaultKind.SLOW_READER, after_seconds=0.1)
    settings = {"send_timeout": 0.2, "close_timeout": 0.1, "most_in_flight": most_in_flight}
    async with speechmatics(fault, **settings) as (recognizer, _):
        with anyio.fail_after(10), pytest.raises(TemporarilyUnavailable, match="took no data"):
            await flood(recognizer)


@pytest.mark.parametrize("kind", [FaultKind.HALF_OPEN, FaultKind.SLOW_READER, FaultKind.SILENT])
async def test_leaving_a_hung_vendor_takes_less_than_two_seconds_and_leaves_no_task(kind: FaultKind) -> None:
    async with speechmatics(Fault(kind=kind, after_seconds=0.1), most_in_flight=1e6) as (recognizer, _):
        before = set(anyio.get_running_tasks())
        with anyio.move_on_after(0.2) as scope:
            await flood(recognizer)
        assert anyio.current_time() - scope.deadline < 2
        await anyio.wait_all_tasks_blocked()
        ours = [task for task in anyio.get_running_tasks() if task not in before and "client" in (task.name or "")]
        assert ours == []
