"""The adapter against the simulated vendor and its recorded session: what the contract suite cannot ask for."""

import json
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest

from adapters.inbound.simulators.faults import Fault, FaultKind, FaultScript, Moment
from adapters.inbound.simulators.http_upload import HttpAnswer
from adapters.inbound.simulators.server import SimulatedConnection, listening
from adapters.inbound.simulators.speechmatics import SimulatedSpeechmatics, serve_speechmatics
from adapters.outbound.speech_to_text import vendor_stream
from adapters.outbound.speech_to_text.leg import LegWord
from adapters.outbound.speech_to_text.speechmatics import SpeechmaticsSpeechToText, SpeechmaticsSpeechToTextSettings
from adapters.outbound.speech_to_text.speechmatics_audio import SessionAudio
from adapters.outbound.speech_to_text.speechmatics_languages import choose
from adapters.outbound.speech_to_text.speechmatics_messages import decoded, speaker_number, words_of
from domain.audio import SAMPLE_RATE, AudioFrame, samples
from domain.recognition import FinalWords, InterimWords
from domain.transcript import Word, segments_of
from domain.watermark import WORD_SAMPLES, speech, text_of
from ports.diagnosis import Condition
from ports.errors import Rejected, TemporarilyUnavailable
from ports.speech_to_text import Billing, TranscriptionRequest, TranscriptionStream
from tests.support.vendor_data import vendor_data

KEY = "a-key-that-must-not-show"
KEY_SETTING = "OMI_SPEECH_TO_TEXT__SPEECHMATICS__API_KEY"
PAUSE = 6_400
SPACING = WORD_SAMPLES + PAUSE
STEP = 800
ALMOST = samples(0.05)


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The local server says its last words at once, or never."""
    monkeypatch.setattr(vendor_stream, "_LAST_WORDS", 0.1)


@asynccontextmanager
async def speechmatics(
    *faults: Fault, idle_seconds: float = 3600.0, **settings: object
) -> AsyncIterator[tuple[SpeechmaticsSpeechToText, SimulatedSpeechmatics]]:
    async with serve_speechmatics(script=FaultScript(faults=faults), key=KEY, idle_seconds=idle_seconds) as vendor:
        chosen = SpeechmaticsSpeechToTextSettings(**{"api_key": KEY, "url": vendor.url, **settings})  # type: ignore[arg-type]
        async with SpeechmaticsSpeechToText(chosen) as recognizer:
            yield recognizer, vendor


def frames(pcm: bytes, *, start: int = 0) -> list[AudioFrame]:
    return [AudioFrame(start + at // 2, pcm[at : at + 2 * STEP]) for at in range(0, len(pcm), 2 * STEP)]


def plain(words: list[Word]) -> list[str]:
    """The words without punctuation."""
    return [text for word in words if (text := word.text.rstrip("."))]


async def send(stream: TranscriptionStream, spoken: list[AudioFrame]) -> None:
    for frame in spoken:
        await stream.send(frame)
    await stream.send_eof()


async def heard(
    recognizer: SpeechmaticsSpeechToText, spoken: list[AudioFrame], **request: object
) -> tuple[list[Word], list[int]]:
    """Final words and watermarks."""
    words: list[Word] = []
    watermarks: list[int] = []
    with anyio.fail_after(10):
        opening = recognizer.open_stream(TranscriptionRequest(**request))  # type: ignore[arg-type]
        async with opening as stream, anyio.create_task_group() as tasks:
            tasks.start_soon(send, stream, spoken)
            async for event in stream:
                if isinstance(event, FinalWords):
                    words += event.words
                    watermarks.append(event.through)
    return words, watermarks


async def listened(recognizer: SpeechmaticsSpeechToText, pcm: bytes = b"") -> None:
    """Speaks, then listens to the end."""
    with anyio.fail_after(10):
        async with recognizer.open_stream(TranscriptionRequest(interim=True)) as stream:
            await send(stream, frames(pcm or speech(0, 10, pause=PAUSE)))
            async for _ in stream:
                pass


async def opened(recognizer: SpeechmaticsSpeechToText) -> None:
    async with recognizer.open_stream(TranscriptionRequest()):
        pass


async def passed(stream: TranscriptionStream, position: int) -> list[Word]:
    """The final words until the watermark is at a position."""
    words: list[Word] = []
    with anyio.fail_after(5):
        async for event in stream:
            if isinstance(event, FinalWords):
                words += event.words
                if event.through >= position:
                    return words
    raise AssertionError(f"the watermark never came to {position}")


async def test_words_are_exact_and_their_times_almost_also_behind_cuts() -> None:
    first, second = frames(speech(0, 5, pause=PAUSE)), frames(speech(5, 5, pause=PAUSE), start=200_000)
    async with speechmatics() as (recognizer, vendor):
        words, watermarks = await heard(recognizer, first + second)
    said = [word for word in words if word.text != "."]
    starts = [number * SPACING for number in range(5)] + [200_000 + number * SPACING for number in range(5)]
    assert plain(said) == [text_of(number) for number in range(10)]
    assert [word.start for word in said] == pytest.approx(starts, abs=ALMOST)
    assert [word.end for word in said] == pytest.approx([start + WORD_SAMPLES for start in starts], abs=ALMOST)
    assert watermarks == sorted(watermarks)
    assert watermarks[-1] == second[-1].end
    assert vendor.legs[0].samples == 10 * SPACING


async def test_what_is_asked_of_the_vendor_follows_settings_and_request() -> None:
    async with speechmatics(max_delay=2.0, end_of_utterance=0.7, model="standard") as (recognizer, vendor):
        await heard(recognizer, frames(speech(0, 1, pause=PAUSE)), language="en-US", interim=True, diarize=False)
    config = vendor.legs[0].config
    assert config is not None
    assert (config.language, config.output_locale, config.model) == ("en", "en-US", "standard")
    assert (config.max_delay, config.conversation_config.end_of_utterance_silence_trigger) == (2.0, 0.7)
    assert (config.enable_partials, config.diarization) == (True, "none")


def test_the_terms_are_those_of_the_vendor() -> None:
    terms = SpeechmaticsSpeechToText.terms
    assert (terms.billing, terms.most_sessions) == (Billing.AUDIO, 50)
    assert terms.longest_session == 48 * 3600
    assert 1 < terms.replay_speed < math.inf


async def test_voices_are_told_apart_where_asked_for() -> None:
    spoken = frames(speech(99, 2, pause=PAUSE))
    async with speechmatics() as (recognizer, _):
        apart, _ = await heard(recognizer, spoken)
        together, _ = await heard(recognizer, spoken, diarize=False)
    assert [word.speaker for word in apart if word.text != "."] == [0, 1]
    assert {word.speaker for word in together} == {0}


async def test_guesses_come_before_final_words() -> None:
    async with speechmatics() as (recognizer, _), recognizer.open_stream(TranscriptionRequest(interim=True)) as stream:
        for frame in frames(speech(4, 2, pause=0)):
            await stream.send(frame)
        with anyio.fail_after(5):
            event = await anext(aiter(stream))
    assert isinstance(event, InterimWords)
    assert event.words[0].text == text_of(4)


async def test_a_pause_moves_the_watermark_past_silence_behind_the_words() -> None:
    spoken = frames(speech(0, 3, pause=PAUSE) + bytes(2 * 9_600))
    async with speechmatics(answer_timeout=60.0) as (recognizer, vendor):
        async with recognizer.open_stream(TranscriptionRequest()) as stream:
            for frame in spoken:
                await stream.send(frame)
            await stream.finalize()
            words = await passed(stream, spoken[-1].end)
        assert plain(words) == [text_of(number) for number in range(3)]
        assert vendor.legs[0].samples == spoken[-1].end


async def test_a_pause_without_an_answer_is_passed_by_a_little_silence_and_times_stay_exact() -> None:
    silence, behind = frames(bytes(2 * SAMPLE_RATE)), frames(speech(7, 2, pause=PAUSE), start=500_000)
    async with speechmatics(answer_timeout=0.1) as (recognizer, vendor):
        async with recognizer.open_stream(TranscriptionRequest()) as stream:
            for frame in silence:
                await stream.send(frame)
            await stream.finalize()
            assert await passed(stream, silence[-1].end) == []
            await anyio.sleep(0.3)
            await send(stream, behind)
            words = [word async for event in stream for word in event.words if word.text != "."]
        assert vendor.legs[0].samples == SAMPLE_RATE + samples(2.0) + 2 * SPACING
    assert plain(words) == [text_of(7), text_of(8)]
    assert [word.start for word in words] == pytest.approx([500_000, 500_000 + SPACING], abs=ALMOST)


async def test_pauses_told_twice_or_before_any_audio_are_asked_about_once() -> None:
    async with speechmatics() as (recognizer, vendor), recognizer.open_stream(TranscriptionRequest()) as stream:
        await stream.finalize()
        for frame in frames(speech(0, 1, pause=PAUSE)):
            await stream.send(frame)
        await stream.finalize()
        await stream.finalize()
        await stream.send_eof()
        with anyio.fail_after(5):
            assert [word.text async for event in stream for word in event.words] == [f"{text_of(0)}."]
    assert vendor.legs[0].messages == ["StartRecognition", "ForceEndOfUtterance", "EndOfStream"]


class Unanswering:
    """A server that says what it is told to, in place of answers."""

    def __init__(self, *said: dict[str, Any], confirms: bool = True) -> None:
        self._said = said
        self._confirms = confirms
        self.received: list[str | bytes] = []

    def refuse(self, request: object, fault: Fault | None) -> HttpAnswer | None:  # noqa: ARG002 - of the protocol
        return None

    def answer(self, request: object, fault: Fault | None) -> HttpAnswer:  # noqa: ARG002 - of the protocol
        return HttpAnswer(status=404, content={})

    async def converse(self, connection: SimulatedConnection) -> None:
        await connection.recv()
        await connection.send('{"message": "Info", "type": "recognition_quality", "reason": ""}')
        await connection.send('{"message": "RecognitionStarted"}')
        async for message in connection:
            self.received.append(message)
            if isinstance(message, bytes) and self._confirms:
                number = sum(isinstance(received, bytes) for received in self.received)
                await connection.send(json.dumps({"message": "AudioAdded", "seq_no": number}))
            elif isinstance(message, str) and "EndOfStream" in message:
                for said in self._said:
                    await connection.send(json.dumps(said))
                await connection.send('{"message": "EndOfTranscript"}')
            elif isinstance(message, str) and "ForceEndOfUtterance" in message:
                for said in self._said:
                    if said["message"] == "EndOfUtterance":
                        await connection.send(json.dumps(said))


@asynccontextmanager
async def facing(server: Unanswering, **settings: object) -> AsyncIterator[SpeechmaticsSpeechToText]:
    async with listening(server, host="127.0.0.1", port=0, script=FaultScript()) as listener:
        url = f"ws://127.0.0.1:{listener.port}/v2"
        chosen = SpeechmaticsSpeechToTextSettings(**{"api_key": KEY, "url": url, **settings})  # type: ignore[arg-type]
        async with SpeechmaticsSpeechToText(chosen) as recognizer:
            yield recognizer


async def test_an_answer_settles_no_more_than_the_position_it_names() -> None:
    early = {"message": "EndOfUtterance", "metadata": {"start_time": 0.5, "end_time": 0.5}, "forced": True}
    async with (
        facing(Unanswering(early), answer_timeout=60.0) as recognizer,
        recognizer.open_stream(TranscriptionRequest()) as stream,
    ):
        for frame in frames(bytes(2 * SAMPLE_RATE)):
            await stream.send(frame)
        await stream.finalize()
        with anyio.move_on_after(0.2) as waited:
            await anext(aiter(stream))
    assert waited.cancelled_caught


async def test_a_pause_is_asked_about_only_when_the_audio_before_was_read() -> None:
    server = Unanswering(confirms=False)
    async with facing(server, send_timeout=0.2) as stt, stt.open_stream(TranscriptionRequest()) as stream:
        await stream.send(AudioFrame(0, bytes(1600)))
        await stream.finalize()
        with anyio.fail_after(5), pytest.raises(TemporarilyUnavailable, match="took no data"):
            await anext(aiter(stream))
    assert [type(received) for received in server.received] == [bytes]


async def test_no_more_audio_is_on_its_way_than_allowed() -> None:
    server = Unanswering(confirms=False)
    async with facing(server, send_timeout=0.2, most_in_flight=0.5) as recognizer:
        with anyio.fail_after(5), pytest.raises(TemporarilyUnavailable, match="took no data"):
            await listened(recognizer)
    assert sum(len(received) for received in server.received) == pytest.approx(SAMPLE_RATE, abs=3200)


async def test_the_end_names_the_number_of_messages_sent() -> None:
    server = Unanswering()
    async with facing(server) as recognizer:
        await heard(recognizer, frames(bytes(2 * 8_000)))
    last = server.received[-1]
    assert isinstance(last, str)
    sent = sum(isinstance(received, bytes) for received in server.received)
    assert json.loads(last) == {"message": "EndOfStream", "last_seq_no": sent}


def recorded_session() -> list[dict[str, Any]]:
    path = vendor_data() / "speechmatics" / "session_audio_01_16kHz.jsonl"
    return [json.loads(line)["payload"] for line in path.read_text().splitlines()]


def spoken_in(session: list[dict[str, Any]]) -> list[tuple[str, float, int]]:
    """Text, start and voice of each word of a session, by hand."""
    words: list[tuple[str, float, int]] = []
    for message in session:
        fresh = True
        for result in message["results"] if message["message"] == "AddTranscript" else ():
            best = result["alternatives"][0]
            if result["type"] == "punctuation" and not fresh:
                text, *rest = words[-1]
                words[-1] = (text + best["content"], *rest)  # type: ignore[assignment]
            else:
                words.append((best["content"], result["start_time"], int(best["speaker"][1:]) - 1))
            fresh = False
    return words


async def test_a_recorded_session_comes_through_word_for_word_and_voice_for_voice() -> None:
    session = recorded_session()
    async with facing(Unanswering(*(message for message in session if message["message"] != "EndOfUtterance"))) as stt:
        words, watermarks = await heard(stt, frames(bytes(2 * int(27.9 * SAMPLE_RATE)), start=1_000))
    expected = spoken_in(session)
    assert [(word.text, word.speaker) for word in words] == [(text, voice) for text, _, voice in expected]
    starts = [1_000 + round(start * SAMPLE_RATE) for _, start, _ in expected]
    assert [word.start for word in words] == pytest.approx(starts, abs=1)
    assert len(words) == 58 + 1  # a full stop comes behind the message of its word
    assert {word.speaker for word in words} == {0, 1}
    assert watermarks == sorted(watermarks)


async def test_a_recorded_session_reads_well() -> None:
    session = recorded_session()
    async with facing(Unanswering(*(message for message in session if message["message"] != "EndOfUtterance"))) as stt:
        words, _ = await heard(stt, frames(bytes(2 * int(27.9 * SAMPLE_RATE))))
    text = " ".join(segment.text for segment in segments_of(words))
    assert text.startswith("Welcome to speech. We're delighted that you've decided to try our speech to text software.")


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


async def test_stamps_beyond_the_audio_lose_no_word_and_leave_no_frame() -> None:
    spoken = frames(speech(0, 12, pause=PAUSE))
    async with speechmatics(Fault(kind=FaultKind.STAMPS_BEYOND)) as (recognizer, _):
        words, watermarks = await heard(recognizer, spoken)
    assert plain(words) == [text_of(number) for number in range(12)]
    assert all(word.end <= spoken[-1].end for word in words)
    assert watermarks[-1] == spoken[-1].end


async def flood(recognizer: SpeechmaticsSpeechToText) -> None:
    """More audio than fits between two machines."""
    async with recognizer.open_stream(TranscriptionRequest()) as stream:
        for number in range(1_000):
            await stream.send(AudioFrame(number * SAMPLE_RATE, bytes(2 * SAMPLE_RATE)))


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


async def test_a_diagnosis_tells_what_to_do() -> None:
    async with speechmatics() as (recognizer, vendor):
        assert (await recognizer.diagnose()).condition is Condition.WORKING
        assert vendor.legs[0].samples == 0
    async with speechmatics(api_key="wrong") as (recognizer, _):
        diagnosis = await recognizer.diagnose()
    assert (diagnosis.condition, diagnosis.remedy) == (Condition.BROKEN, f"set {KEY_SETTING}")
    busy = Fault(kind=FaultKind.ERROR_MESSAGE, reason="quota_exceeded")
    async with speechmatics(busy) as (recognizer, _):
        diagnosis = await recognizer.diagnose()
    assert diagnosis.condition is Condition.DEGRADED
    assert "quota_exceeded" in diagnosis.finding


@pytest.mark.parametrize(
    ("language", "chosen"),
    [
        ("en", ("en", None)),
        ("en-US", ("en", "en-US")),
        ("en-IN", ("en", None)),
        ("de-AT", ("de", None)),
        ("zh", ("cmn", None)),
        ("zh-CN", ("cmn", "cmn-Hans")),
        ("zh-Hant-TW", ("cmn", "cmn-Hant")),
        ("zh-HK", ("yue", None)),
        ("nb-NO", ("no", None)),
        ("cmn_en", ("cmn_en", None)),
        ("multi", None),
        ("tlh", None),
        ("", None),
    ],
)
def test_a_pack_is_chosen_that_knows_the_language(language: str, chosen: tuple[str, str | None] | None) -> None:
    choice = choose(language)
    assert (choice and (choice.language, choice.output_locale)) == chosen


@pytest.mark.parametrize(
    ("label", "number"), [("S1", 0), ("S12", 11), ("UU", 0), (None, 0), ("Sam", 0), ("", 0), ("S", 0), ("S0", 0)]
)
def test_a_voice_has_a_number(label: str | None, number: int) -> None:
    assert speaker_number(label) == number


def results(*parts: tuple[str, str, str | None]) -> tuple[LegWord, ...]:
    """Words of results given as type, content and what they attach to; each lasts a second."""
    told = [
        {"type": kind, "start_time": at, "end_time": at + 1, "alternatives": [{"content": content, "confidence": 0.5}]}
        | ({"attaches_to": attached} if attached else {})
        for at, (kind, content, attached) in enumerate(parts)
    ]
    message = decoded(json.dumps({"message": "AddTranscript", "results": told}))
    return words_of(message.results, at=lambda time: time)


def test_marks_attach_as_they_say() -> None:
    said = results(
        ("punctuation", "¿", "next"),
        ("word", "qué", None),
        ("punctuation", "?", "previous"),
        ("word", "mother", None),
        ("punctuation", "-", "both"),
        ("word", "in", None),
        ("entity", "5th", None),
    )
    assert [word.text for word in said] == ["¿qué?", "mother-in", "5th"]
    assert [(word.start, word.end) for word in said] == [(0, 2), (3, 6), (6, 7)]


def test_a_mark_without_its_word_stands_alone() -> None:
    assert [word.text for word in results(("punctuation", ".", "previous"), ("word", "next", None))] == [".", "next"]


def test_what_is_no_message_is_a_failure_of_the_vendor() -> None:
    for text in ("[]", "{", '{"message": 5}', b"\xff"):
        with pytest.raises(TemporarilyUnavailable, match="not understood"):
            decoded(text)


def test_silence_of_ours_does_not_count_on_the_leg() -> None:
    audio = SessionAudio()
    for _ in range(100):
        audio.add(SAMPLE_RATE)
        audio.add_silence(SAMPLE_RATE // 2)
    assert audio.sent == 150 * SAMPLE_RATE
    assert audio.on_leg(150.0) == 100.0
    assert audio.on_leg(148.5) == 99.0
    assert audio.on_leg(147.5) == 98.5
    assert audio.on_leg(149.75) == 100.0
