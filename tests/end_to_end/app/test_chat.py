"""The chat, as the apps of 2024 and of 2025 write and read it."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.watermark import speech
from tests.end_to_end.app.test_memories import made
from tests.support.offline import framed_pcm, name_of
from tests.support.omi_app.rest import Rest
from tests.support.omi_app.streams import streamed
from tests.support.pictures import jpeg
from tests.support.spoken import spoken, wav


def files(*sent: tuple[str, bytes]) -> dict[str, Any]:
    """All in one request, under one name."""
    return {"httpx": {"files": [("files", part) for part in sent]}}


async def test_an_empty_chat_begins_with_a_greeting(app: Rest) -> None:
    [greeting] = await app.ask("GET /v1/messages")
    assert greeting["sender"] == "ai"
    again = await app.ask("POST /v1/initial-message", query={"plugin_id": None})
    assert again["sender"] == "ai"
    assert again["plugin_id"] is None


async def test_an_answer_comes_whole_with_the_memories_that_it_rests_on(app: Rest) -> None:
    memory = await made(app)
    answer = await app.ask("POST /v1/messages", query={"plugin_id": None}, body={"text": "What about the carpenter?"})
    assert answer["sender"] == "ai"
    assert [cited["id"] for cited in answer["memories"]] == [memory["id"]]
    newest, asked, *_ = await app.ask("GET /v1/messages")
    assert (newest["id"], asked["text"]) == (answer["id"], "What about the carpenter?")
    greeting = await app.ask("DELETE /v1/messages", query={"plugin_id": None})
    assert [message["id"] for message in await app.ask("GET /v2/messages")] == [greeting["id"]]


async def test_the_chat_of_2025_is_begun_read_and_cleared(app: Rest) -> None:
    greeting = await app.ask("POST /v2/initial-message", query={"app_id": "plain-speaker"})
    assert greeting["plugin_id"] == "plain-speaker"
    assert (await app.ask("POST /v2/initial-message", query={"app_id": "omi"}))["plugin_id"] is None
    query = {"plugin_id": "", "dropdown_selected": False}
    assert len(await app.ask("GET /v2/messages", query=query)) == 2
    cleared = await app.ask("DELETE /v2/messages", query={"plugin_id": "", "chat_session_id": None})
    assert await app.ask("GET /v2/messages", query=query) == [cleared]


async def test_an_answer_comes_while_it_is_written(app: Rest) -> None:
    await made(app)
    shown, message = await app.stream("What about the carpenter?", plugin_id=None)
    assert shown.strip() == message["text"].strip()
    assert message["memories"]


async def test_a_question_that_nothing_answers_is_answered_too(app: Rest) -> None:
    answer = await app.ask("POST /v1/messages", query={"plugin_id": "null"}, body={"text": "Wie heißt mein Hund?"})
    assert answer["memories"] == []


async def test_nothing_is_no_question(app: Rest) -> None:
    await app.ask("POST /v2/messages", query={}, body={"text": " "}, status_expected=400)


@pytest.mark.parametrize("year", ["1", "2"])
async def test_a_voice_message_is_written_down(app: Rest, year: str) -> None:
    heard = await app.ask(f"POST /v{year}/voice-message/transcribe", body=files(("voice.wav", spoken(0, 3))))
    assert heard == {"transcript": "word0 word1 word2"}
    silence = await app.ask(f"POST /v{year}/voice-message/transcribe", body=files(("voice.wav", wav(bytes(64_000)))))
    assert silence == {"transcript": ""}


async def test_what_a_device_heard_is_written_down(app: Rest) -> None:
    packets = framed_pcm(speech(4, 2, pause=4_000))
    heard = await app.ask("POST /v1/voice-message/transcribe", body=files((name_of(datetime.now(UTC)), packets)))
    assert heard == {"transcript": "word4 word5"}


async def test_a_spoken_message_is_answered_while_the_answer_is_written(app: Rest) -> None:
    answer = await app.ask("POST /v2/voice-messages", body=files(("voice.wav", spoken(0, 2))))
    lines = answer.decode().split("\n\n")
    assert [line.partition(" ")[0] for line in lines if line] == ["message:", "think:", "data:", "done:"]
    said = json.loads(base64.b64decode(lines[0].partition(" ")[2]))
    assert (said["text"], said["sender"]) == ("word0 word1", "human")
    shown, message = streamed(answer.decode())
    assert shown == message["text"]
    assert [one["id"] for one in await app.ask("GET /v2/messages")] == [message["id"], said["id"]]


async def test_a_spoken_message_is_answered_whole(app: Rest) -> None:
    query = {"app_id": "plain-speaker"}
    said, answer = await app.ask("POST /v1/voice-messages", query=query, body=files(("voice.wav", spoken(5, 1))))
    assert (said["sender"], said["text"], said["plugin_id"]) == ("human", "word5", "plain-speaker")
    assert (answer["sender"], answer["chat_session_id"]) == ("ai", said["chat_session_id"])


@pytest.mark.parametrize("year", ["1", "2"])
async def test_a_file_is_sent_and_asked_about(app: Rest, year: str) -> None:
    content = b"# Plans\nThe carpenter comes on Monday."
    [file] = await app.ask(f"POST /v{year}/files", body=files(("plans.md", content)))
    assert (file["name"], file["mime_type"]) == ("plans.md", "text/markdown")
    body = {"text": "When does the carpenter come?", "file_ids": [file["id"]]}
    answer = await app.ask("POST /v1/messages", query={"plugin_id": None}, body=body)
    assert "The carpenter comes on Monday." in answer["text"]
    shown, _ = streamed((await app.ask("POST /v2/messages", body=body)).decode())
    assert "The carpenter comes on Monday." in shown
    asked = (await app.ask("GET /v2/messages"))[1]
    assert (asked["files"], asked["files_id"]) == ([file], [file["id"]])


async def test_a_picture_that_is_sent_can_be_seen_in_the_chat(app: Rest) -> None:
    [file] = await app.ask("POST /v1/files", body=files(("door.jpg", jpeg("red"))))
    assert file["mime_type"] == "image/jpeg"
    token = file["thumbnail"].rpartition("/")[2]
    assert (await app.ask("GET /v1/objects/{token}", token=token)).startswith(b"\xff\xd8\xff")
    answer = await app.ask("POST /v1/messages", body={"text": "What is on it?", "file_ids": [file["id"]]})
    assert "photo" in answer["text"]


@pytest.mark.parametrize("year", ["1", "2"])
async def test_a_message_is_reported(app: Rest, year: str) -> None:
    [greeting] = await app.ask("GET /v1/messages")
    assert greeting["reported"] is False
    for _ in range(2):
        assert await app.ask(f"POST /v{year}/messages/{{message_id}}/report", message_id=greeting["id"])
    [greeting] = await app.ask("GET /v1/messages")
    assert greeting["reported"] is True
    await app.ask(f"POST /v{year}/messages/{{message_id}}/report", message_id="other", status_expected=404)
