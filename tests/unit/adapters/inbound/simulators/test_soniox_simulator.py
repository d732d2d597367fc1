"""The simulation is true to the vendor: by its documentation and its SDK. There is no specification for machines."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx
import pytest
from soniox.types.realtime import RealtimeEvent
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from adapters.inbound.simulators.faults import Fault, FaultKind, FaultScript
from adapters.inbound.simulators.soniox import SimulatedSoniox, serve_soniox
from domain.audio import SAMPLE_RATE
from domain.watermark import speech

PAUSE = 8_000
HEADERS = {"Authorization": "Bearer simulated"}
CONFIG = {
    "model": "stt-rt-v4",
    "audio_format": "pcm_s16le",
    "sample_rate": 16_000,
    "num_channels": 1,
    "enable_endpoint_detection": True,
    "enable_speaker_diarization": True,
}


@asynccontextmanager
async def session(
    script: FaultScript | None = None,
    *,
    config: object = CONFIG,
    headers: dict[str, str] = HEADERS,
    idle_seconds: float = 20.0,
    longest_seconds: float = 18_000.0,
) -> AsyncIterator[tuple[ClientConnection, SimulatedSoniox]]:
    async with (
        serve_soniox(script=script, idle_seconds=idle_seconds, longest_seconds=longest_seconds) as vendor,
        connect(vendor.url, additional_headers=headers, compression=None, close_timeout=0.2) as socket,
    ):
        await socket.send(config if isinstance(config, str | bytes) else json.dumps(config))
        yield socket, vendor


async def said(socket: ClientConnection) -> list[dict[str, Any]]:
    """All messages to the end."""
    with anyio.fail_after(5):
        return [json.loads(text) async for text in socket]


def tokens(messages: list[dict[str, Any]], *, final: bool) -> list[dict[str, Any]]:
    return [token for message in messages for token in message["tokens"] if token["is_final"] is final]


def text_of(messages: list[dict[str, Any]]) -> str:
    return "".join(token["text"] for token in tokens(messages, final=True))


def words(first: int, last: int) -> str:
    return " ".join(f"word{number}" for number in range(first, last))


async def test_every_message_is_read_by_the_vendors_own_sdk_without_a_field_it_does_not_know() -> None:
    async with session() as (socket, _):
        await socket.send(speech(0, 10, pause=PAUSE))
        await socket.send('{"type": "finalize"}')
        await socket.send("")
        texts = [text async for text in socket]
    events = [RealtimeEvent.validate_event(text) for text in texts]
    assert all(not event.model_extra for event in events)
    assert all(not token.model_extra for event in events for token in event.tokens)
    assert [event.finished for event in events] == [False] * (len(events) - 1) + [True]
    assert events[-1].tokens == []


@pytest.mark.parametrize("size", [100, 1_600, 100_000])
async def test_what_is_said_does_not_depend_on_the_size_of_messages(size: int) -> None:
    pcm = speech(0, 20, pause=1_600)
    async with session() as (socket, vendor):
        for at in range(0, len(pcm), size):
            await socket.send(pcm[at : at + size])
        await socket.send("")
        messages = await said(socket)
    assert text_of(messages).replace("<end>", "") == words(0, 20)
    assert [word.number for word in vendor.legs[0].finalized] == list(range(20))


async def test_final_pieces_come_once_in_order_and_before_the_guesses_of_a_message() -> None:
    async with session() as (socket, _):
        await socket.send(speech(0, 12, pause=1_600))
        await socket.send("")
        messages = await said(socket)
    for message in messages:
        flags = [token["is_final"] for token in message["tokens"]]
        assert flags == sorted(flags, reverse=True)
    starts = [token["start_ms"] for token in tokens(messages, final=True) if "start_ms" in token]
    assert starts == sorted(set(starts))
    guessed = [token["text"] for token in tokens(messages, final=False)]
    assert guessed.count("wo") + guessed.count("wor") > 1


async def test_words_come_in_two_or_three_pieces_with_their_space_in_front() -> None:
    async with session() as (socket, _):
        await socket.send(speech(0, 2, pause=1_600))
        await socket.send("")
        spoken = [token["text"] for token in tokens(await said(socket), final=True)]
    assert spoken == ["wo", "rd0", " w", "or", "d1"]


async def test_progress_never_goes_back_and_the_total_covers_all_audio() -> None:
    async with session() as (socket, _):
        await socket.send(speech(0, 5, pause=PAUSE) + bytes(5 * SAMPLE_RATE) + speech(5, 5, pause=0))
        await socket.send("")
        messages = await said(socket)
    finals = [message["final_audio_proc_ms"] for message in messages]
    totals = [message["total_audio_proc_ms"] for message in messages]
    assert finals == sorted(finals)
    assert totals == sorted(totals)
    assert totals[-1] == 5 * 700 + 2_500 + 5 * 200
    assert all(final <= total for final, total in zip(finals, totals, strict=True))


async def test_a_finalize_is_answered_at_once_and_does_not_reach_over_silence() -> None:
    async with session(config={**CONFIG, "enable_endpoint_detection": False}) as (socket, _):
        await socket.send(speech(0, 2, pause=1_600))
        await socket.send('{"type": "finalize"}')
        messages: list[dict[str, Any]] = []
        with anyio.fail_after(2):
            while not messages or messages[-1]["tokens"][-1]["text"] != "<fin>":
                messages.append(json.loads(await socket.recv()))
    assert text_of(messages) == words(0, 2) + "<fin>"
    assert "start_ms" not in messages[-1]["tokens"][-1]
    assert messages[-1]["final_audio_proc_ms"] == 500
    assert messages[-1]["total_audio_proc_ms"] == 600


@pytest.mark.parametrize("detected", [True, False])
async def test_an_endpoint_is_told_where_it_was_asked_for(*, detected: bool) -> None:
    async with session(config={**CONFIG, "enable_endpoint_detection": detected}) as (socket, _):
        await socket.send(speech(0, 3, pause=PAUSE))
        await socket.send("")
        assert text_of(await said(socket)).count("<end>") == (3 if detected else 0)


async def test_voices_are_numbered_from_one_where_asked_for() -> None:
    for diarize, voices in ((True, {"1", "2"}), (False, {None})):
        async with session(config={**CONFIG, "enable_speaker_diarization": diarize}) as (socket, _):
            await socket.send(speech(99, 2, pause=0))
            await socket.send("")
            assert {token.get("speaker") for token in tokens(await said(socket), final=True)} == voices


async def test_an_empty_binary_message_ends_a_session_too() -> None:
    async with session() as (socket, _):
        await socket.send(speech(0, 1, pause=0))
        await socket.send(b"")
        assert text_of(await said(socket)) == words(0, 1)
        assert socket.close_code == 1000


async def failure(socket: ClientConnection) -> tuple[int, str, str]:
    """The error that ends a session."""
    (*_, last) = await said(socket)
    assert last["tokens"] == []
    assert last["request_id"]
    return last["error_code"], last["error_type"], last["error_message"]


@pytest.mark.parametrize(
    ("config", "headers", "expected"),
    [
        (CONFIG, {}, (401, "unauthenticated", "Missing API key.")),
        (CONFIG, {"Authorization": "Bearer wrong"}, (401, "unauthenticated", "Invalid API key.")),
        ({**CONFIG, "api_key": "simulated"}, HEADERS, (400, "invalid_request", "The API key was given twice.")),
        ("nonsense", HEADERS, (400, "invalid_request", "Start request is malformed.")),
        ({**CONFIG, "model": 7}, HEADERS, (400, "invalid_request", "Start request is malformed.")),
        (b"\0\0", HEADERS, (400, "invalid_request", "Start request must be a text message.")),
        (
            {**CONFIG, "sample_rate": 8_000},
            HEADERS,
            (400, "invalid_request", "only pcm_s16le, 16000 Hz, 1 channel is simulated"),
        ),
    ],
)
async def test_a_wrong_start_is_refused_within_the_session(
    config: object, headers: dict[str, str], expected: tuple[int, str, str]
) -> None:
    async with session(config=config, headers=headers) as (socket, vendor):
        assert await failure(socket) == expected
    assert vendor.legs == []


async def test_the_old_place_for_the_key_is_still_good() -> None:
    async with session(config={**CONFIG, "api_key": "simulated"}, headers={}) as (socket, _):
        await socket.send(speech(0, 1, pause=0))
        await socket.send("")
        assert text_of(await said(socket)) == words(0, 1)


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([], (408, "request_timeout", "Timed out while waiting for the first audio chunk")),
        (['{"type": "keepalive"}'], (408, "request_timeout", "Timed out while waiting for the first audio chunk")),
        ([b"\0\0"], (408, "request_timeout", "Audio data decode timeout")),
        ([""], (400, "invalid_request", "No audio received.")),
        (['{"type": "nonsense"}'], (400, "invalid_request", "Control request invalid type.")),
        (["nonsense"], (400, "invalid_request", "Control request is malformed.")),
        ([bytes(2 * SAMPLE_RATE)], (400, "max_duration_reached", "Audio is too long.")),
    ],
)
async def test_what_a_session_does_not_bear_ends_it_with_the_reason(
    messages: list[str | bytes], expected: tuple[int, str, str]
) -> None:
    async with session(idle_seconds=0.05, longest_seconds=0.5) as (socket, _):
        for message in messages:
            await socket.send(message)
        assert await failure(socket) == expected


async def test_a_start_that_never_comes_is_not_waited_for() -> None:
    async with (
        serve_soniox(idle_seconds=0.05) as vendor,
        connect(vendor.url, additional_headers=HEADERS) as socket,
    ):
        assert await failure(socket) == (408, "request_timeout", "Start request timeout")


async def test_keep_alives_keep_a_session_that_has_had_audio() -> None:
    async with session(idle_seconds=0.2) as (socket, vendor):
        await socket.send(speech(0, 1, pause=0))
        for _ in range(6):
            await socket.send('{"type": "keepalive"}')
            await anyio.sleep(0.05)
        await socket.send("")
        assert text_of(await said(socket)) == words(0, 1)
    assert vendor.legs[0].messages == ["keepalive"] * 6 + [""]


async def test_only_so_many_sessions_are_open_at_once() -> None:
    async with (
        serve_soniox(most_sessions=1) as vendor,
        connect(vendor.url, additional_headers=HEADERS) as first,
        connect(vendor.url, additional_headers=HEADERS) as second,
    ):
        for socket in (first, second):
            await socket.send(json.dumps(CONFIG))
        code, kind, _ = await failure(second)
        assert (code, kind) == (429, "max_concurrent_connections_reached")


async def test_a_fault_strikes_only_the_connections_it_names() -> None:
    fault = Fault(kind=FaultKind.HTTP_STATUS, status=429, connections=(2,))
    async with serve_soniox(script=FaultScript(faults=(fault,))) as vendor:
        await (await connect(vendor.url, additional_headers=HEADERS)).close()
        with pytest.raises(InvalidStatus) as refused:
            await connect(vendor.url, additional_headers=HEADERS)
        await (await connect(vendor.url, additional_headers=HEADERS)).close()
    assert json.loads(refused.value.response.body)["error_code"] == 429


async def test_an_error_from_a_script_is_told_and_ends_the_session() -> None:
    fault = Fault(kind=FaultKind.ERROR_MESSAGE, after_seconds=1.0, reason="Cannot continue request (code 1).")
    async with session(FaultScript(faults=(fault,))) as (socket, _):
        await socket.send(speech(0, 10, pause=PAUSE))
        assert await failure(socket) == (503, "service_unavailable", "Cannot continue request (code 1).")


async def test_a_connection_that_breaks_off_says_nothing_more() -> None:
    async with session(FaultScript(faults=(Fault(kind=FaultKind.ABORT, after_seconds=0.1),))) as (socket, _):
        await socket.send(speech(0, 1, pause=0))
        with pytest.raises(ConnectionClosed):
            await said(socket)
    assert socket.close_code == 1006


async def test_nothing_else_is_simulated() -> None:
    async with serve_soniox() as vendor, httpx.AsyncClient(trust_env=False) as client:
        url = vendor.url.replace("ws://", "http://")
        assert (await client.post(url, content=b"x")).status_code == 404
        with pytest.raises(InvalidStatus):
            await connect(vendor.url.replace("transcribe", "translate"), additional_headers=HEADERS)
