"""Spoken messages, whatever is sent in their place; and one that is really spoken."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from adapters.inbound.http.chat_wire import message_line
from adapters.inbound.http.voice_messages import LARGEST_FILE, LARGEST_UPLOAD, MOST_FILES
from adapters.outbound.batch_speech_to_text.moonshine import (
    MoonshineBatchSpeechToText,
    MoonshineBatchSpeechToTextSettings,
)
from adapters.outbound.recording_voice_activity_detector.segmentation import (
    SegmentationRecordingVoiceActivityDetector,
    SegmentationRecordingVoiceActivityDetectorSettings,
)
from application.questions.chat import ChatMessage
from application.questions.hear_message import LONGEST
from benchmarks.word_error_rate import word_errors
from domain.chat import Message, Sender
from ports.errors import TemporarilyUnavailable
from tests.support.memories import NOON
from tests.support.program import ANNA, Running, program
from tests.support.spoken import spoken, wav

PATHS = ("/v1/voice-message/transcribe", "/v1/voice-messages", "/v2/voice-messages")
SAID = "in being comparatively modern."


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    async with program(tmp_path) as running:
        yield running


REFUSED: list[tuple[dict[str, Any], int]] = [
    ({}, 400),
    ({"files": [("file", ("a.wav", spoken(0, 1)))]}, 400),
    ({"files": [("files", ("a.wav", b""))]}, 400),
    ({"files": [("files", ("../../a.wav", b"hello"))]}, 400),
    ({"files": [("files", ("audio_omi_opus_16000_1_1735689600.bin", b"hello"))]}, 400),
    ({"files": [("files", ("x.bin", b"hello"))]}, 400),
    ({"files": [("files", ("audio_omi_mp3_16000_1_1735689600.bin", b"\x01\x00\x00\x00\xff"))]}, 400),
    ({"files": [("files", ("a.wav", spoken(0, 1)))] * (MOST_FILES + 1)}, 413),
    ({"files": [("files", ("a.wav", wav(bytes(int(LONGEST + 1) * 16_000), rate=8_000)))]}, 413),
    ({"files": [("files", ("a.wav", bytes(LARGEST_FILE + 1)))]}, 413),
    ({"files": [("files", ("a.wav", bytes(LARGEST_UPLOAD)))]}, 413),
    ({"files": [("files", (None, "no file"))], "data": {"x": "y"}}, 422),
    ({"json": {"files": []}}, 400),
]


async def test_what_is_no_voice_message_is_refused_and_not_kept(running: Running) -> None:
    for path, (sent, status) in product(PATHS, REFUSED):
        answer = await running.client.post(path, **sent)
        assert (answer.status_code, bool(answer.json()["detail"])) == (status, True), answer.text
    assert await running.container.chat_history().recent(ANNA) == ()


async def test_a_message_in_which_nobody_speaks_is_no_message(running: Running) -> None:
    silence = {"files": [("files", ("a.wav", wav(bytes(64_000))))]}
    transcribed, whole, streamed = [await running.client.post(path, **silence) for path in PATHS]
    assert (transcribed.json(), whole.status_code, streamed.status_code) == ({"transcript": ""}, 400, 400)
    assert await running.container.chat_history().recent(ANNA) == ()


async def test_no_audio_is_kept_and_what_was_said_is_sealed(running: Running) -> None:
    for path in PATHS:
        answer = await running.client.post(path, files=[("files", ("a.wav", spoken(0, 1)))])
        assert answer.status_code == 200
    assert await running.container.object_store().list(ANNA) == ()
    assert len(await running.container.chat_history().recent(ANNA)) == 4


async def test_a_recognizer_that_fails_is_told_before_anything_is_streamed(running: Running) -> None:
    class Deaf:
        name = "deaf"

        def supports(self, language: str) -> bool:
            return language == "en"

        async def transcribe(self, *_: object) -> None:
            raise TemporarilyUnavailable("deaf")

    running.container.hear_message()._recognizers = (Deaf(),)
    voice = {"files": [("files", ("a.wav", spoken(0, 1)))]}
    answers = [await running.client.post(path, **voice) for path in PATHS]
    await running.container.accounts().update(ANNA, lambda account: structs.replace(account, language="xx"))
    answers += [await running.client.post(path, **voice) for path in PATHS]
    assert [answer.status_code for answer in answers] == [503] * 3 + [400] * 3


async def test_nobody_speaks_without_a_token(running: Running) -> None:
    running.become(None)
    for path in PATHS:
        assert (await running.client.post(path, files=[("files", ("a.wav", spoken(0, 1)))])).status_code == 401


@pytest.mark.parametrize("text", ["short", "many words " * 900, "ü" * 10_000, '\n\t\\"' * 2_000])
def test_the_line_of_what_was_said_is_never_long(text: str) -> None:
    message = Message(id="1" * 36, text=text, created_at=NOON, sender=Sender.HUMAN, session_id="2" * 36)
    line = message_line(ChatMessage(message=message))
    assert len(line) < 1_024
    shown = json.loads(base64.b64decode(line.removeprefix(b"message: ")))["text"]
    assert shown == text or (shown.endswith("…") and text.startswith(shown.removesuffix("…")))


async def test_real_speech_is_heard_by_the_embedded_recognizer_and_answered(tmp_path: Path, audio_folder: Path) -> None:
    voice = {"files": [("files", ("voice.wav", (audio_folder / "LJ001-0002.wav").read_bytes()))]}
    async with AsyncExitStack() as stack:
        recognizer = await stack.enter_async_context(MoonshineBatchSpeechToText(MoonshineBatchSpeechToTextSettings()))
        detector = await stack.enter_async_context(
            SegmentationRecordingVoiceActivityDetector(SegmentationRecordingVoiceActivityDetectorSettings())
        )
        running = await stack.enter_async_context(program(tmp_path))
        hear = running.container.hear_message()
        hear._recognizers, hear._speech = (recognizer,), detector
        transcribed, _, streamed = [await running.client.post(path, **voice) for path in PATHS]
    assert word_errors(SAID, heard=transcribed.json()["transcript"]).rate <= 0.25
    first, thought, *_, done, _ = streamed.text.split("\n\n")
    said = json.loads(base64.b64decode(first.removeprefix("message: ")))
    assert said["text"] == transcribed.json()["transcript"]
    assert (thought[:7], done[:6]) == ("think: ", "done: ")
