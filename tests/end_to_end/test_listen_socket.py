"""The socket of the real server, message by message as the app of 2024 speaks (fake recognizer: exact words)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from benchmarks.crash import FAKES
from benchmarks.server_process import ServerProcess
from domain import watermark
from domain.ids import new_id
from tests.support.listen_client import Client, client, memories, url, words_of

pytestmark = pytest.mark.alone

PAUSE = 4_000
TAIL = bytes(24_000)
"""Silence that makes words final."""
SETTINGS = {**FAKES, "OMI_SPEAKER_ENCODER__NAME": "fake", "OMI_SPEAKER_SEGMENTER__NAME": "fake"}
"""Voices are told apart without models: for minutes of audio those have tens of seconds of work on a slow machine."""
QUERY = "codec=pcm16&sample_rate=16000&language=en"


def speech(first: int, count: int) -> bytes:
    return watermark.speech(first, count, pause=PAUSE) + TAIL


def words(first: int, count: int) -> list[str]:
    return [watermark.text_of(number) for number in range(first, first + count)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    server = ServerProcess(tmp_path_factory.mktemp("server"), settings=SETTINGS)
    anyio.run(server.start)
    yield server
    anyio.run(server.stop)


@pytest.fixture
def user() -> str:
    """Somebody new: no test sees what another one left."""
    return f"user-{new_id()}"


async def refused(server: ServerProcess, query: str = QUERY, **more: Any) -> tuple[int, str]:
    with pytest.raises(InvalidStatus) as refusal:
        async with connect(url(server, query), **more):
            pass
    response = refusal.value.response
    return response.status_code, json.loads(response.body)["detail"]


async def closed(server: ServerProcess, user: str, query: str) -> tuple[int | None, str | None]:
    async with client(server, user, query) as talker:
        return await talker.until_closed()


async def test_a_segment_has_the_six_keys_of_the_app_and_nothing_else(server: ServerProcess, user: str) -> None:
    async with client(server, user) as talker:
        await talker.say(speech(0, 3))
        await talker.until_words(3)
    assert talker.words == words(0, 3)
    for segment in talker.segments:
        assert list(segment) == ["speaker", "start", "end", "text", "is_user", "person_id"]
        assert segment["speaker"] == "SPEAKER_00"
        assert segment["is_user"] is False
        assert segment["person_id"] is None


async def test_times_are_doubles_from_the_first_word_on(server: ServerProcess, user: str) -> None:
    async with client(server, user) as talker:
        await talker.say(TAIL + speech(0, 2))
        await talker.until_words(2)
    assert '"start":0.0,"end":0.2,' in next(text for text in talker.raw if text.startswith("["))
    assert [s["start"] for s in talker.segments] == pytest.approx([0.0, 0.45])
    assert [s["end"] for s in talker.segments] == pytest.approx([0.2, 0.65])
    assert all(isinstance(s[key], float) for s in talker.segments for key in ("start", "end"))


async def test_a_conversation_is_told_of_as_it_begins_ends_and_becomes_a_memory(
    server: ServerProcess, user: str
) -> None:
    async with client(server, user) as talker:
        await talker.say(speech(0, 3))
        await talker.until_words(3)
        await talker.end_conversation()
        created = await talker.until("new_memory_created")
    begun, creating, _ = talker.events
    assert (begun["type"], begun["event_type"]) == ("new_processing_memory_created", "new_processing_memory_created")
    assert creating == {"type": "new_memory_creating", "event_type": "new_memory_creating"}
    assert created["processing_memory_id"] == begun["processing_memory_id"]
    assert created["memory_id"] == created["memory"]["id"]
    assert (created["message_ids"], created["messages"]) == ([], [])
    assert words_of(created["memory"]) == words(0, 3)
    assert await memories(server, user) == [created["memory"]]


async def test_without_a_token_the_handshake_is_refused(server: ServerProcess) -> None:
    assert await refused(server) == (401, "Authorization header not found")


async def test_with_a_token_of_nobody_the_handshake_is_refused(server: ServerProcess) -> None:
    for header in ("Bearer nobody", "Bearer", "Basic YTpi", "Bearer a b"):
        status, _ = await refused(server, additional_headers={"Authorization": header})
        assert status == 401, header


async def test_a_uid_alone_is_refused(server: ServerProcess, user: str) -> None:
    assert await refused(server, f"{QUERY}&uid={user}") == (401, "Authorization header not found")


async def test_a_parameter_that_is_no_number_is_refused_by_name(server: ServerProcess, user: str) -> None:
    headers = {"Authorization": f"Bearer {server.token(user)}"}
    status, detail = await refused(server, "codec=pcm16&sample_rate=much", additional_headers=headers)
    assert status == 400
    assert "sample_rate" in detail


async def test_a_browser_proves_who_it_is_with_its_first_message(server: ServerProcess, user: str) -> None:
    async with connect(url(server, QUERY), origin="http://127.0.0.1") as socket:  # type: ignore[arg-type]
        await socket.send(json.dumps({"type": "auth", "token": server.token(user)}))
        assert json.loads(await socket.recv()) == {"type": "auth_response", "success": True}
        talker = Client(socket)
        await talker.say(speech(0, 2))
        await talker.until_words(2)


@pytest.mark.parametrize("first", ['{"type":"auth","token":"nobody"}', '{"type":"hello"}', "hello", b"audio"])
async def test_a_browser_that_proves_nothing_is_closed_with_4001(server: ServerProcess, first: str | bytes) -> None:
    async with connect(url(server, QUERY), origin="http://127.0.0.1") as socket:  # type: ignore[arg-type]
        await socket.send(first)
        assert json.loads(await socket.recv(decode=True)) == {"type": "auth_response", "success": False}
        with pytest.raises(ConnectionClosed):
            await socket.recv()
    assert socket.close_code == 4001


async def test_what_a_codec_is_called_and_what_can_be_sent_instead_is_told(server: ServerProcess, user: str) -> None:
    code, reason = await closed(server, user, "codec=mp3&sample_rate=16000")
    codecs = "opus, opus_fs320, pcm16, pcm8, aac, lc3, lc3_fs1030"
    assert (code, reason) == (1003, f"codec 'mp3' is not supported; use one of: {codecs}")


async def test_a_rate_and_channels_that_cannot_be_decoded_are_told(server: ServerProcess, user: str) -> None:
    code, reason = await closed(server, user, "codec=pcm16&sample_rate=11025")
    assert (code, "11025" in str(reason)) == (1003, True)
    code, reason = await closed(server, user, "codec=pcm16&sample_rate=16000&channels=9")
    assert (code, reason) == (1003, "9 channels are not supported; send 1 to 8")


async def test_two_channels_are_heard_as_one_conversation(server: ServerProcess, user: str) -> None:
    async with client(server, user, "codec=pcm16&sample_rate=16000&channels=2") as talker:
        said = speech(0, 2)
        for start in range(0, len(said), 640):
            await talker.socket.send(b"\x01" + said[start : start + 640])
            await talker.socket.send(b"\x02" + bytes(len(said[start : start + 640])))
        await talker.until_words(2)


async def test_what_dart_writes_for_nothing_is_nothing(server: ServerProcess, user: str) -> None:
    async with client(server, user, f"{QUERY}&source=null&channels=null&uid=null&stt_service=deepgram") as talker:
        await talker.say(speech(0, 1))
        await talker.until_words(1)


async def test_text_that_means_nothing_here_is_ignored(server: ServerProcess, user: str) -> None:
    async with client(server, user) as talker:
        for text in ("", "ping", "[1,2", "[]", "null", '{"type":7}', '{"type":"client_state","foreground":true}'):
            await talker.socket.send(text)
        await talker.say(speech(0, 2))
        await talker.until_words(2)


async def test_keep_alives_are_no_audio(server: ServerProcess, user: str) -> None:
    pcm = speech(0, 3)
    async with client(server, user) as talker:
        for start in range(0, len(pcm), 100):
            await talker.send([pcm[start : start + 100], b"\x8a\x00", b"\x00", b""])
        await talker.until_words(3)
    assert talker.words == words(0, 3)
    assert talker.segments[-1]["start"] == pytest.approx(0.9)


async def test_a_message_beyond_64_kib_is_too_big(server: ServerProcess, user: str) -> None:
    async with client(server, user) as talker:
        await talker.send([bytes(65_536)])
        await talker.send([bytes(65_537)])
        code, _ = await talker.until_closed()
    assert code == 1009


async def test_minutes_of_audio_at_once_are_heard_to_the_last_word(server: ServerProcess, user: str) -> None:
    pcm = speech(0, 300)
    async with client(server, user) as talker:
        await talker.send(pcm[at : at + 32_000] for at in range(0, len(pcm), 32_000))
        await talker.end_conversation()
        created = await talker.until("new_memory_created")
    assert talker.words == words(0, 300)
    assert words_of(created["memory"]) == words(0, 300)


async def test_a_reconnect_goes_on_with_the_conversation(server: ServerProcess, user: str) -> None:
    for first in (0, 3, 6):
        async with client(server, user) as talker:
            await talker.say(speech(first, 3))
            await talker.until_words(3)
    async with client(server, user) as talker:
        await talker.end_conversation()
        await talker.until("new_memory_created")
    [memory] = await memories(server, user)
    assert words_of(memory) == words(0, 9)


async def test_a_client_that_closes_right_after_its_last_packet_loses_nothing(server: ServerProcess, user: str) -> None:
    async with client(server, user) as talker:
        await talker.say(speech(0, 3)[: -len(TAIL) - 2 * (PAUSE + 1_200)])  # breaks off in the third word
    async with client(server, user) as talker:
        await talker.end_conversation()
        await talker.until("new_memory_created")
    [memory] = await memories(server, user)
    assert words_of(memory) == words(0, 3)


async def test_a_client_that_ends_its_conversation_and_closes_at_once_has_a_memory(
    server: ServerProcess, user: str
) -> None:
    async with client(server, user) as talker:
        await talker.say(speech(0, 3))
        await talker.end_conversation()
    [memory] = await memories(server, user)
    assert words_of(memory) == words(0, 3)


async def test_an_end_before_any_word_is_told_and_makes_no_memory(server: ServerProcess, user: str) -> None:
    async with client(server, user) as talker:
        await talker.say(TAIL)
        await talker.end_conversation()
        await talker.until("new_memory_create_failed")
        await talker.say(speech(0, 2))
        await talker.end_conversation()
        await talker.until("new_memory_created")
    [memory] = await memories(server, user)
    assert words_of(memory) == words(0, 2)


async def test_two_users_hear_and_see_nothing_of_each_other(server: ServerProcess, user: str) -> None:
    other = f"{user}-other"
    async with client(server, user) as one, client(server, other) as two:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(one.say, speech(0, 5))
            tasks.start_soon(two.say, speech(5, 5))
        for talker in (one, two):
            await talker.end_conversation()
            await talker.until("new_memory_created")
        assert (one.words, two.words) == (words(0, 5), words(5, 5))
        assert [event["type"] for event in one.events].count("new_memory_created") == 1
    [mine], [theirs] = await memories(server, user), await memories(server, other)
    assert (words_of(mine), words_of(theirs)) == (words(0, 5), words(5, 5))


async def test_a_trusted_uid_opens_the_socket_but_not_for_a_web_page(tmp_path: Path, user: str) -> None:
    server = ServerProcess(tmp_path, settings=FAKES | {"OMI_AUTHENTICATOR__TRUST_UID": "true"})
    await server.start()
    try:
        async with connect(url(server, f"{QUERY}&uid={user}")) as socket:
            talker = Client(socket)
            await talker.say(speech(0, 1))
            await talker.until_words(1)
        status, _ = await refused(server, f"{QUERY}&uid={user}", origin="http://evil.example")
        assert status == 401
        assert (await refused(server))[0] == 401
        assert "uid_is_trusted" in server.log.read_text()
    finally:
        await server.stop()
