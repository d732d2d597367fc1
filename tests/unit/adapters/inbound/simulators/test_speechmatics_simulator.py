"""The simulation is true to the vendor: by its specification, its recorded session, and its own SDK."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest
from speechmatics.rt import (
    AsyncClient,
    AudioEncoding,
    AudioFormat,
    ConversationConfig,
    Model,
    ServerMessageType,
    TranscriptionConfig,
    TranscriptionError,
)
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from adapters.inbound.simulators.faults import Fault, FaultKind, FaultScript, Moment
from adapters.inbound.simulators.speechmatics import SimulatedSpeechmatics, serve_speechmatics
from domain.audio import SAMPLE_RATE
from domain.watermark import WORD_SAMPLES, speech
from tests.support.vendor_data import assert_valid, vendor_data

SPECIFICATION = "specs/sm_realtime.yaml"
PAUSE = 4_800
HEADERS = {"Authorization": "Bearer simulated"}
RAW = {"type": "raw", "encoding": "pcm_s16le", "sample_rate": SAMPLE_RATE}
CONFIG = {
    "language": "en",
    "model": "enhanced",
    "diarization": "speaker",
    "enable_partials": True,
    "max_delay": 1.0,
    "conversation_config": {"end_of_utterance_silence_trigger": 0.5},
}
FORCE = '{"message": "ForceEndOfUtterance"}'


def start(*, audio_format: object = RAW, **config: object) -> str:
    message = {
        "message": "StartRecognition",
        "audio_format": audio_format,
        "transcription_config": {**CONFIG, **config},
    }
    return json.dumps(message)


def end(number: int) -> str:
    return json.dumps({"message": "EndOfStream", "last_seq_no": number})


@asynccontextmanager
async def dialed(
    *faults: Fault, idle_seconds: float = 3600.0
) -> AsyncIterator[tuple[ClientConnection, SimulatedSpeechmatics]]:
    async with (
        serve_speechmatics(script=FaultScript(faults=faults), idle_seconds=idle_seconds) as vendor,
        connect(vendor.url, additional_headers=HEADERS, compression=None, close_timeout=0.2) as socket,
    ):
        yield socket, vendor


async def said(socket: ClientConnection, *messages: str | bytes) -> list[dict[str, Any]]:
    """What answers messages, to the end of the session."""
    with anyio.fail_after(5):
        for message in messages:
            await socket.send(message)
        answers: list[dict[str, Any]] = []
        try:
            async for text in socket:
                answers.append(json.loads(text))  # noqa: PERF401 - those before a broken connection count too
        except ConnectionClosed:
            pass
        return answers


def of(kind: str, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [message for message in messages if message["message"] == kind]


def contents(messages: list[dict[str, Any]], kind: str = "word") -> list[str]:
    results = [result for message in of("AddTranscript", messages) for result in message["results"]]
    return [result["alternatives"][0]["content"] for result in results if result["type"] == kind]


async def test_every_message_is_as_the_specification_says() -> None:
    pcm = speech(0, 12, pause=PAUSE) + bytes(2 * 2 * SAMPLE_RATE)
    async with dialed() as (socket, _):
        messages = await said(socket, start(), pcm, speech(12, 1, pause=0), FORCE, end(2))
    async with dialed(Fault(kind=FaultKind.ERROR_MESSAGE)) as (socket, _):
        messages += await said(socket, start())
    for message in messages:
        assert_valid(message, specification=SPECIFICATION, schema=message["message"])
    assert {message["message"] for message in messages} == {
        "Info", "RecognitionStarted", "AudioAdded", "AddTranscript", "AddPartialTranscript", "EndOfUtterance",
        "EndOfTranscript", "Error",
    }  # fmt: skip


def test_the_specification_would_catch_a_wrong_message() -> None:
    with pytest.raises(Exception, match="required"):
        assert_valid({"message": "AddTranscript"}, specification=SPECIFICATION, schema="AddTranscript")


def shapes(messages: list[dict[str, Any]], kind: str) -> set[str]:
    """Which fields the messages of a kind have, those of their results included."""
    fields = {name for message in of(kind, messages) for name in message}
    fields |= {f"metadata.{name}" for message in of(kind, messages) for name in message.get("metadata", {})}
    results = [result for message in of(kind, messages) for result in message.get("results", ())]
    fields |= {f"result.{name}" for result in results for name in result}
    return fields | {f"word.{name}" for result in results for best in result["alternatives"] for name in best}


async def test_messages_have_the_fields_of_a_recorded_session() -> None:
    path = vendor_data() / "speechmatics" / "session_audio_01_16kHz.jsonl"
    recorded = [json.loads(line)["payload"] for line in path.read_text().splitlines()]
    async with dialed() as (socket, _):
        simulated = await said(socket, start(), speech(0, 9, pause=PAUSE) + bytes(2 * SAMPLE_RATE), end(1))
    for kind in ("AddTranscript", "EndOfUtterance"):
        assert shapes(simulated, kind) | {"format"} == shapes(recorded, kind)


@pytest.mark.parametrize("size", [100, 1_600, 100_000])
async def test_what_is_said_does_not_depend_on_the_size_of_messages(size: int) -> None:
    pcm = speech(0, 20, pause=PAUSE)
    pieces = [pcm[at : at + size] for at in range(0, len(pcm), size)]
    async with dialed() as (socket, vendor):
        messages = await said(socket, start(), *pieces, end(len(pieces)))
    assert contents(messages) == [f"word{number}" for number in range(20)]
    assert [word.number for word in vendor.legs[0].finalized] == list(range(20))
    assert [message["seq_no"] for message in of("AudioAdded", messages)] == list(range(1, len(pieces) + 1))


async def test_final_words_come_no_later_than_the_delay_asked_for() -> None:
    config = {"max_delay": 0.7, "conversation_config": {}}
    async with dialed() as (socket, _):
        await socket.send(start(**config))
        for _ in range(3):
            await socket.recv()
            await socket.send(speech(5, 1, pause=0) + bytes(2 * 11_200))
        messages = await said(socket, end(3))
    finals = of("AddTranscript", messages)
    assert all(final["metadata"]["end_time"] - final["metadata"]["start_time"] < 1.5 for final in finals)
    assert contents(messages) == ["word5"] * 3
    assert not of("EndOfUtterance", messages)


async def test_an_utterance_ends_with_a_full_stop_after_the_silence_asked_for() -> None:
    async with dialed() as (socket, _):
        messages = await said(socket, start(), speech(0, 2, pause=1_600) + bytes(2 * SAMPLE_RATE), end(1))
    ends = [message["metadata"]["end_time"] for message in of("EndOfUtterance", messages)]
    assert ends == [pytest.approx((2 * WORD_SAMPLES + 1_600) / SAMPLE_RATE + 0.5, abs=0.021)]
    assert contents(messages, "punctuation") == ["."]
    assert "forced" not in of("EndOfUtterance", messages)[0]


async def test_silence_is_accounted_for_in_steps_but_never_to_its_end() -> None:
    async with dialed() as (socket, _):
        messages = await said(socket, start(), bytes(2 * 5 * SAMPLE_RATE), end(1))
    finals = [message["metadata"] for message in of("AddTranscript", messages)]
    assert finals[0]["start_time"] == 0
    assert all(later["start_time"] == earlier["end_time"] for earlier, later in pairwise(finals))
    assert 4.3 < finals[-1]["end_time"] < 4.8


async def test_a_pause_is_answered_once_and_only_behind_speech() -> None:
    async with dialed() as (socket, _):
        messages = await said(socket, start(), FORCE, speech(0, 2, pause=1_600), FORCE, FORCE, end(1))
    forced = [message for message in messages if message.get("forced")]
    assert [message["message"] for message in forced] == ["AddTranscript", "EndOfUtterance"]
    assert contents(forced) == ["word0", "word1"]
    assert forced[1]["metadata"]["end_time"] == pytest.approx(2 * (WORD_SAMPLES + 1_600) / SAMPLE_RATE)


async def test_voices_have_labels_only_where_asked_for() -> None:
    for diarization, labels in (("speaker", {"S1", "S2"}), ("none", {None})):
        async with dialed() as (socket, _):
            messages = await said(socket, start(diarization=diarization), speech(99, 2, pause=PAUSE), end(1))
        results = [result for message in of("AddTranscript", messages) for result in message["results"]]
        assert {result["alternatives"][0].get("speaker") for result in results} == labels


@pytest.mark.parametrize(
    ("messages", "kind"),
    [
        ([b"\0\0"], "protocol_error"),
        ([end(0)], "protocol_error"),
        ([start(audio_format={"type": "file"})], "invalid_audio_type"),
        ([start(max_delay=0.1)], "invalid_config"),
        ([start(), "no message"], "invalid_message"),
        ([start(), '{"message": "Nonsense"}'], "invalid_message"),
        ([start(), b"\0\0", end(2)], "protocol_error"),
    ],
)
async def test_what_the_vendor_does_not_understand_ends_the_session(messages: list[str | bytes], kind: str) -> None:
    async with dialed() as (socket, _):
        answers = await said(socket, *messages)
        assert (answers[-1]["message"], answers[-1]["type"]) == ("Error", kind)
        assert socket.close_code == 1003


async def test_an_idle_session_is_ended_with_a_reason() -> None:
    async with dialed(idle_seconds=0.05) as (socket, _):
        answers = await said(socket, start())
        assert answers[-1]["type"] == "idle_timeout"
        assert socket.close_code == 1008


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [("/v2", {}, 401), ("/v2", {"Authorization": "Bearer wrong"}, 401), ("/v1/listen", HEADERS, 404)],
)
async def test_a_wrong_request_is_refused(path: str, headers: dict[str, str], status: int) -> None:
    async with serve_speechmatics() as vendor:
        with pytest.raises(InvalidStatus) as caught:
            await connect(vendor.url.removesuffix("/v2") + path, additional_headers=headers)
    assert caught.value.response.status_code == status


async def test_recordings_are_not_simulated() -> None:
    async with serve_speechmatics() as vendor, httpx.AsyncClient(trust_env=False) as client:
        url = vendor.url.replace("ws:", "http:").replace("/v2", "/v2/jobs")
        assert (await client.post(url, content=b"noise", headers=HEADERS)).status_code == 404


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(kind=FaultKind.ERROR_MESSAGE, reason="job_error"), 4013),
        (Fault(kind=FaultKind.ERROR_MESSAGE, after_seconds=1.0, reason="of ours", code=4321), 4321),
        (Fault(kind=FaultKind.CLOSE, when=Moment.CLOSING, code=4005), 4005),
        (Fault(kind=FaultKind.CLOSE, when=Moment.SILENCE, code=1011), 1011),
        (Fault(kind=FaultKind.ABORT, after_seconds=1.0), 1006),
    ],
)
async def test_a_session_ends_as_a_script_says(fault: Fault, code: int) -> None:
    async with dialed(fault) as (socket, _):
        with suppress(ConnectionClosed):
            await said(socket, start(), speech(0, 8, pause=PAUSE), FORCE, end(1))
        await socket.wait_closed()
        assert socket.close_code == code


async def test_a_script_takes_final_words_but_not_guesses() -> None:
    async with dialed(Fault(kind=FaultKind.NO_FINALS)) as (socket, _):
        messages = await said(socket, start(), speech(0, 8, pause=PAUSE), FORCE, end(1))
    assert of("AddPartialTranscript", messages)
    assert not of("AddTranscript", messages)
    assert not of("EndOfUtterance", messages)


async def heard_by_the_sdk(vendor: SimulatedSpeechmatics, pcm: bytes) -> list[dict[str, Any]]:
    """What the vendor's own client hears."""
    heard: list[dict[str, Any]] = []
    pieces = [pcm[at : at + 3200] for at in range(0, len(pcm), 3200)]
    async with AsyncClient(api_key="simulated", url=vendor.url) as client:
        for kind in ServerMessageType:
            client.on(kind, heard.append)
        await client.start_session(
            transcription_config=TranscriptionConfig(
                language="en",
                model=Model.ENHANCED,
                diarization="speaker",
                max_delay=1.0,
                conversation_config=ConversationConfig(end_of_utterance_silence_trigger=0.5),
            ),
            audio_format=AudioFormat(encoding=AudioEncoding.PCM_S16LE, sample_rate=SAMPLE_RATE),
        )
        for number, piece in enumerate(pieces, 1):
            await client.send_audio(piece)
            while len(of("AudioAdded", heard)) < number:  # The client counts what was confirmed: it must not be ahead.
                await anyio.lowlevel.checkpoint()
        await client.force_end_of_utterance()
        await client.stop_session()
    return heard


async def test_the_vendors_own_client_is_content() -> None:
    async with serve_speechmatics() as vendor:
        with anyio.fail_after(5):
            heard = await heard_by_the_sdk(vendor, speech(0, 12, pause=PAUSE))
    assert contents(heard) == [f"word{number}" for number in range(12)]
    assert heard[-1]["message"] == "EndOfTranscript"
    assert vendor.legs[0].messages == ["StartRecognition", "ForceEndOfUtterance", "EndOfStream"]


async def test_the_vendors_own_client_hears_of_errors() -> None:
    fault = Fault(kind=FaultKind.ERROR_MESSAGE, reason="quota_exceeded")
    async with serve_speechmatics(script=FaultScript(faults=(fault,))) as vendor:
        with anyio.fail_after(5), pytest.raises(TranscriptionError, match="quota_exceeded"):
            await heard_by_the_sdk(vendor, b"")
