"""The simulation is true to the vendor: by its specification, its recordings, and its own SDK."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from adapters.inbound.simulators.deepgram import SimulatedDeepgram, serve_deepgram
from adapters.inbound.simulators.faults import Fault, FaultKind, FaultScript, read_script
from adapters.inbound.simulators.http_upload import HttpAnswer, HttpRequest
from adapters.inbound.simulators.server import Listener, SimulatedConnection, listening
from adapters.outbound.batch_speech_to_text.deepgram import (
    DeepgramBatchSpeechToText,
    DeepgramBatchSpeechToTextSettings,
    _wav,
)
from adapters.outbound.speech_to_text.deepgram import DeepgramSpeechToText, DeepgramSpeechToTextSettings
from domain.audio import SAMPLE_RATE, AudioFrame
from domain.transcript import Word
from domain.watermark import WORD_SAMPLES, speech
from ports.speech_to_text import TranscriptionRequest
from tests.support.vendor_data import assert_valid, recorded

PAUSE = 4_800
QUERY = "/v1/listen?model=nova-3&encoding=linear16&sample_rate=16000&interim_results=true&diarize=true&endpointing=200"
HEADERS = {"Authorization": "Token simulated"}
LIVE = "specs/dg_asyncapi.yml"
PRERECORDED = "specs/dg_openapi.yml"


@asynccontextmanager
async def session(
    script: FaultScript | None = None, *, query: str = QUERY
) -> AsyncIterator[tuple[ClientConnection, SimulatedDeepgram]]:
    async with (
        serve_deepgram(script=script) as vendor,
        connect(vendor.url + query, additional_headers=HEADERS, compression=None, close_timeout=0.2) as socket,
    ):
        yield socket, vendor


async def said(socket: ClientConnection) -> list[dict[str, Any]]:
    with anyio.fail_after(5):
        return [json.loads(text) async for text in socket]


def finals(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [message for message in messages if message.get("is_final")]


def words(messages: list[dict[str, Any]]) -> list[str]:
    return [word["word"] for message in finals(messages) for word in message["channel"]["alternatives"][0]["words"]]


async def test_every_message_is_as_the_specification_says() -> None:
    async with session() as (socket, _):
        await socket.send(speech(0, 30, pause=PAUSE))
        await socket.send('{"type": "Finalize"}')
        await socket.send('{"type": "CloseStream"}')
        messages = await said(socket)
    for message in messages:
        assert_valid(message, specification=LIVE, schema=f"ListenV1_ListenV1{message['type']}")
    assert {message["type"] for message in messages} == {"Results", "Metadata"}


async def test_the_specification_would_catch_a_wrong_message() -> None:
    with pytest.raises(Exception, match="required"):
        assert_valid({"type": "Results"}, specification=LIVE, schema="ListenV1_ListenV1Results")


@pytest.mark.parametrize("size", [100, 1_600, 100_000])
async def test_what_is_said_does_not_depend_on_the_size_of_messages(size: int) -> None:
    pcm = speech(0, 20, pause=PAUSE)
    async with session() as (socket, vendor):
        for at in range(0, len(pcm), size):
            await socket.send(pcm[at : at + size])
        await socket.send('{"type": "CloseStream"}')
        messages = await said(socket)
    assert words(messages) == [f"word{number}" for number in range(20)]
    assert [word.number for word in vendor.legs[0].finalized] == list(range(20))


async def test_results_follow_each_other_without_a_gap_and_cover_all_audio() -> None:
    async with session() as (socket, _):
        await socket.send(speech(0, 5, pause=PAUSE) + bytes(5 * SAMPLE_RATE) + speech(5, 5, pause=0))
        await socket.send('{"type": "CloseStream"}')
        *messages, metadata = await said(socket)
    end = 0.0
    for message in finals(messages):
        assert message["start"] == pytest.approx(end)
        end += message["duration"]
    assert metadata["duration"] == pytest.approx(end)
    assert finals(messages)[0]["speech_final"]


async def test_a_finalize_is_answered_at_once() -> None:
    async with session(query=QUERY.replace("=200", "=5000")) as (socket, _):
        await socket.send(speech(0, 2, pause=1_600))
        await socket.send('{"type": "Finalize"}')
        with anyio.fail_after(2):
            while not (message := json.loads(await socket.recv()))["is_final"]:
                pass
    assert message["from_finalize"]
    assert words([message]) == ["word0", "word1"]


async def test_an_empty_message_ends_a_session_like_close_stream() -> None:
    async with session() as (socket, _):
        await socket.send(speech(0, 1, pause=0))
        await socket.send(b"")
        assert words(await said(socket)) == ["word0"]
        assert socket.close_code == 1000


@pytest.mark.parametrize("first", [[], [b"\0\0"]], ids=["without audio", "with audio"])
async def test_who_says_nothing_is_hung_up_on(first: list[bytes]) -> None:
    async with session(FaultScript(idle_seconds=0.05)) as (socket, _):
        for message in first:
            await socket.send(message)
        with anyio.fail_after(2), pytest.raises(ConnectionClosed, match="NET-0001"):
            await socket.recv()


async def test_a_text_that_is_no_message_is_reported() -> None:
    async with session() as (socket, _):
        await socket.send('{"type": "Nonsense"}')
        assert json.loads(await socket.recv())["variant"] == "SchemaError"


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        (QUERY, {}, 401),
        (QUERY, {"Authorization": "Token wrong"}, 401),
        ("/v1/listen?model=nova-3", HEADERS, 400),
        ("/v2/listen", HEADERS, 404),
    ],
)
async def test_a_wrong_request_is_refused_with_a_reason(query: str, headers: dict[str, str], status: int) -> None:
    async with serve_deepgram() as vendor:
        with pytest.raises(InvalidStatus) as caught:
            await connect(vendor.url + query, additional_headers=headers)
    response = caught.value.response
    assert response.status_code == status
    assert response.headers["dg-error"]
    assert json.loads(response.body)["request_id"] == response.headers["dg-request-id"]


async def test_a_fault_strikes_only_the_connections_it_names() -> None:
    fault = Fault(kind=FaultKind.HTTP_STATUS, status=429, connections=(2,))
    async with serve_deepgram(script=FaultScript(faults=(fault,))) as vendor:
        for number in (1, 2, 3):
            try:
                async with connect(vendor.url + QUERY, additional_headers=HEADERS):
                    assert number != 2
            except InvalidStatus:
                assert number == 2
    assert [leg.number for leg in vendor.legs] == [1, 3]


async def test_a_recording_is_answered_as_the_specification_says() -> None:
    async with serve_deepgram() as vendor, httpx.AsyncClient(trust_env=False) as client:
        url = f"{vendor.http_url}/v1/listen?diarize=true"
        response = await client.post(url, content=_wav(speech(0, 9, pause=PAUSE)), headers=HEADERS)
    assert_valid(response.json(), specification=PRERECORDED, schema="ListenV1Response")
    heard = response.json()["results"]["channels"][0]["alternatives"][0]["words"]
    assert [word["word"] for word in heard] == [f"word{number}" for number in range(9)]


async def test_a_recording_that_cannot_be_read_is_refused() -> None:
    async with serve_deepgram() as vendor, httpx.AsyncClient(trust_env=False) as client:
        assert (await client.post(f"{vendor.http_url}/v1/listen", content=b"noise", headers=HEADERS)).status_code == 400
        assert (await client.post(f"{vendor.http_url}/v1/listen", content=b"noise")).status_code == 401


def test_a_script_is_read_from_toml(tmp_path: Any) -> None:
    path = tmp_path / "faults.toml"
    path.write_text('idle_seconds = 2\n[[faults]]\nkind = "close"\nafter_seconds = 3\nconnections = [1]\n')
    expected = Fault(kind=FaultKind.CLOSE, after_seconds=3, connections=(1,))
    assert read_script(path) == FaultScript(faults=(expected,), idle_seconds=2)


class Replay:
    """Deepgram's own recorded messages, played back."""

    def __init__(self, message: Any) -> None:
        self._message = message

    def refuse(self, request: object, fault: Fault | None) -> HttpAnswer | None:  # noqa: ARG002 - of the protocol
        return None

    def answer(self, request: HttpRequest, fault: Fault | None) -> HttpAnswer:  # noqa: ARG002 - of the protocol
        return HttpAnswer(status=200, content=self._message)

    async def converse(self, connection: SimulatedConnection) -> None:
        async for message in connection:
            if isinstance(message, str) and "CloseStream" in message:
                break
        start, length = self._message["start"], self._message["duration"]
        silence = {**self._message, "channel": {"alternatives": []}}
        await connection.send(json.dumps({**silence, "start": 0, "duration": start}))
        await connection.send(json.dumps(self._message))
        await connection.send(json.dumps({**silence, "start": start + length, "duration": 20 - start - length}))
        await connection.send('{"type": "SomethingNew", "of": ["the", "future"]}')
        await connection.send('{"type": "Metadata", "duration": 20}')


@asynccontextmanager
async def replayed(message: Any) -> AsyncIterator[Listener]:
    async with listening(Replay(message), host="127.0.0.1", port=0, script=FaultScript()) as listener:
        yield listener


def expected(spoken: list[dict[str, Any]], *, start: int) -> list[Word]:
    return [
        Word(
            word["punctuated_word"],
            start + round(word["start"] * SAMPLE_RATE),
            start + round(word["end"] * SAMPLE_RATE),
            word["confidence"],
            word.get("speaker", 0),
        )
        for word in spoken
    ]


@pytest.mark.parametrize("name", ["a6d1b12d_42fc5ed9", "a6d1b12d_d7334c26", "ed5bfd21_42fc5ed9", "ed5bfd21_d7334c26"])
async def test_recorded_live_results_come_through_the_sdk_word_for_word(name: str) -> None:
    message = recorded(f"deepgram/websocket_{name}-response.json")
    assert_valid(message, specification=LIVE, schema="ListenV1_ListenV1Results")
    async with replayed(message) as listener:
        settings = DeepgramSpeechToTextSettings(api_key="any", url=f"ws://127.0.0.1:{listener.port}")
        async with (
            DeepgramSpeechToText(settings) as recognizer,
            recognizer.open_stream(TranscriptionRequest()) as stream,
        ):
            await stream.send(AudioFrame(1_000, bytes(2 * 20 * SAMPLE_RATE)))
            await stream.send_eof()
            with anyio.fail_after(5):
                heard = [word async for event in stream for word in event.words]
    assert heard == expected(message["channel"]["alternatives"][0]["words"], start=1_000)


@pytest.mark.parametrize(
    "name",
    [
        "rest_a231370d_29e7c810-response",
        "rest_b00dc103_a17f4880-response",
        "rest_c4e1c003_29e7c810-response",
        "rest_f3b6208a_a17f4880-response",
        "captions_dg_speakers",
    ],
)
async def test_recorded_answers_for_recordings_come_through_the_sdk_word_for_word(name: str) -> None:
    message = recorded(f"deepgram/{name}.json")
    spoken = message["results"]["channels"][0]["alternatives"][0]["words"]
    length = round(message["metadata"]["duration"] * SAMPLE_RATE) + WORD_SAMPLES
    async with replayed(message) as listener:
        settings = DeepgramBatchSpeechToTextSettings(api_key="any", url=f"http://127.0.0.1:{listener.port}")
        async with DeepgramBatchSpeechToText(settings) as recognizer:
            heard = await recognizer.transcribe(AudioFrame(500, bytes(2 * length)), TranscriptionRequest())
    assert list(heard) == expected(spoken, start=500)
    assert len(heard) > 10
