"""`/v4/listen` and `/v4/web/listen`, as the present app uses them."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from benchmarks.server_process import ServerProcess
from domain import watermark

QUERY = "codec=pcm16&sample_rate=16000&language=en"
PACKET = 640
SPEECH = watermark.speech(0, 4, pause=4_000) + bytes(48_000)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    settings = {
        "OMI_SPEECH_TO_TEXT__CHAIN": "fake",
        "OMI_VOICE_ACTIVITY_DETECTOR__NAME": "fake",
        "OMI_SPEAKER_ENCODER__NAME": "fake",
        "OMI_TEXT_EMBEDDER__NAME": "fake",
        "OMI_TRANSLATOR__NAME": "fake",
    }
    server = ServerProcess(tmp_path_factory.mktemp("server"), settings=settings)
    anyio.run(server.start)
    yield server
    anyio.run(server.stop)


@asynccontextmanager
async def phone(
    server: ServerProcess, user: str, *, path: str = "/v4/listen", query: str = QUERY
) -> AsyncIterator[ClientConnection]:
    address = server.address.replace("http", "ws", 1)
    headers = {} if "web" in path else {"Authorization": f"Bearer {server.token(user)}"}
    async with connect(f"{address}{path}?{query}", additional_headers=headers, compression=None) as socket:
        yield socket


async def told(socket: ClientConnection, *, until: str) -> list[Any]:
    """Messages up to an event of a kind, or a status of a name."""
    messages: list[Any] = []
    with anyio.fail_after(20):
        while True:
            text = await socket.recv(decode=True)
            messages.append(text if text == "ping" else json.loads(text))
            last = messages[-1]
            if isinstance(last, dict) and until in {last.get("type"), last.get("status")}:
                return messages


async def segments_from(socket: ClientConnection) -> list[Any]:
    """The next segments that are told."""
    with anyio.fail_after(20):
        while True:
            text = await socket.recv(decode=True)
            if text.startswith("["):
                segments: list[Any] = json.loads(text)
                return segments


async def say(socket: ClientConnection) -> None:
    for start in range(0, len(SPEECH), PACKET):
        await socket.send(SPEECH[start : start + PACKET])


async def test_a_client_is_told_when_the_service_is_ready(server: ServerProcess) -> None:
    async with phone(server, "greeted") as socket:
        messages = await told(socket, until="ready")
    kinds = [message.get("status") if message["type"] == "service_status" else message["type"] for message in messages]
    before = ["initiating", "in_progress_conversations_processing", "stt_initiating"]
    assert kinds == [*before, "conversation_session", "ready"]
    assert messages[-2]["status"] == "in_progress"


@pytest.mark.parametrize("path", ["/v3/listen", "/v4/listen"])
async def test_a_client_is_pinged_at_once(server: ServerProcess, path: str) -> None:
    async with phone(server, "pinged", path=path) as socket:
        await told(socket, until="ready")
        with anyio.fail_after(5):
            assert await socket.recv(decode=True) == "ping"


async def test_the_apps_of_2025_are_told_of_memories_meanwhile(server: ServerProcess) -> None:
    async with phone(server, "greeted-2025", path="/v3/listen") as socket:
        messages = await told(socket, until="ready")
    statuses = [message["status"] for message in messages if message["type"] == "service_status"]
    assert statuses == ["initiating", "in_progress_memories_processing", "stt_initiating", "ready"]


async def test_segments_have_identifiers_and_end_in_a_memory_of_the_same_conversation(server: ServerProcess) -> None:
    async with phone(server, "talker") as socket:
        greeting = await told(socket, until="ready")
        await say(socket)
        await socket.send('{"type":"end_conversation"}')
        messages = await told(socket, until="memory_created")
    shown = {segment["id"]: segment for message in messages if isinstance(message, list) for segment in message}
    assert " ".join(segment["text"] for segment in shown.values()) == "word0 word1 word2 word3"
    created = messages[-1]
    assert created["memory"]["id"] == greeting[-2]["conversation_id"]
    assert {segment["id"] for segment in created["memory"]["transcript_segments"]} == set(shown)
    async with phone(server, "talker") as socket:
        again = await told(socket, until="ready")
    assert [m["memory_id"] for m in again if m["type"] == "last_memory"] == [created["memory"]["id"]]


async def test_who_comes_back_is_told_what_was_said(server: ServerProcess) -> None:
    async with phone(server, "returner") as socket:
        await told(socket, until="ready")
        await say(socket)
        await segments_from(socket)
    async with phone(server, "returner") as socket:
        messages = await told(socket, until="conversation_session")
        rest = await told(socket, until="conversation_session")
        segments = await segments_from(socket)
    assert messages[-1]["conversation_id"] == rest[-1]["conversation_id"]
    assert "word0" in segments[0]["text"]


async def test_what_is_said_is_told_in_the_language_that_is_asked_for(server: ServerProcess) -> None:
    async with phone(server, "reader", query=f"{QUERY}&translate=de") as socket:
        await told(socket, until="ready")
        await say(socket)
        messages = await told(socket, until="translating")
    shown = {segment["id"]: segment for message in messages if isinstance(message, list) for segment in message}
    for segment in messages[-1]["segments"]:
        assert segment["translations"] == [{"lang": "de", "text": f"[de] {segment['text']}"}]
        assert {**segment, "translations": []} == shown[segment["id"]]
    async with phone(server, "reader") as socket:
        await told(socket, until="ready")
        await told(socket, until="conversation_session")
        [again] = await segments_from(socket)
        await socket.send('{"type":"end_conversation"}')
        created = (await told(socket, until="memory_created"))[-1]["memory"]
    [kept] = created["transcript_segments"]
    assert again["translations"] == kept["translations"] == [{"lang": "de", "text": f"[de] {kept['text']}"}]


async def test_a_client_that_hears_for_itself_has_its_words_kept(server: ServerProcess) -> None:
    async with phone(server, "hearer", query=f"{QUERY}&custom_stt=enabled") as socket:
        await told(socket, until="ready")
        await say(socket)
        segment = {"id": "a", "text": "Hello there.", "speaker": "SPEAKER_00", "is_user": False, "start": 0, "end": 1}
        suggestion = {"type": "suggested_transcript", "segments": [segment], "stt_provider": "apple"}
        await socket.send(json.dumps(suggestion))
        await told(socket, until="conversation_session")
        await socket.send('{"type":"end_conversation"}')
        created = (await told(socket, until="memory_created"))[-1]["memory"]
    assert [segment["text"] for segment in created["transcript_segments"]] == ["Hello there."]


async def test_a_web_page_says_who_it_is_in_its_first_message(server: ServerProcess) -> None:
    async with phone(server, "web", path="/v4/web/listen") as socket:
        await socket.send(json.dumps({"type": "auth", "token": server.token("web")}))
        assert json.loads(await socket.recv(decode=True)) == {"type": "auth_response", "success": True}
        await told(socket, until="ready")


async def test_a_web_page_with_a_wrong_token_is_closed(server: ServerProcess) -> None:
    async with phone(server, "web", path="/v4/web/listen") as socket:
        await socket.send(json.dumps({"type": "auth", "token": "nonsense"}))
        assert json.loads(await socket.recv(decode=True)) == {"type": "auth_response", "success": False}
        with pytest.raises(ConnectionClosed), anyio.fail_after(10):
            await socket.recv()
        assert socket.close_code == 4001


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{",
        '{"type":"unknown"}',
        '{"type":"speaker_assigned"}',
        '{"type":"speaker_assigned","speaker_id":"x"}',
        "\ud83d",
    ],
)
async def test_nonsense_in_text_messages_changes_nothing(server: ServerProcess, text: str) -> None:
    async with phone(server, "nonsense") as socket:
        await told(socket, until="ready")
        await socket.send(text.encode("utf-8", "replace").decode())
        await socket.send('{"type":"client_state","foreground":true,"transcript_visible":false}')
        await say(socket)
        await socket.send('{"type":"end_conversation"}')
        assert "word3" in str((await told(socket, until="memory_created"))[-1])
