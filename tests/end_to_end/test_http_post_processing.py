"""Post-processing as the apps ask for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from adapters.inbound.http.application import provided
from adapters.inbound.http.post_processing import PostProcessingController
from adapters.outbound.batch_speech_to_text.fake import FakeBatchSpeechToText
from domain.audio import samples
from domain.ids import SegmentId, UserId
from domain.transcript import TranscriptSegment
from domain.watermark import speech
from tests.support.http_app import Backend
from tests.support.post_processing import MEMORY, PostProcessingWorld, Scripted
from tests.support.voices import ANNA, wav

SOUND = speech(0, 30, pause=4_800)
HERE = f"/v1/memories/{MEMORY}"


@pytest.fixture
def world() -> PostProcessingWorld:
    return PostProcessingWorld(Scripted(FakeBatchSpeechToText(), name="fal"))


@asynccontextmanager
async def client_of(world: PostProcessingWorld, user: UserId | None = ANNA) -> AsyncIterator[AsyncTestClient[Litestar]]:
    backend = Backend()
    backend.memories = world.memories
    needed: dict[str, Any] = {
        "post_processing": world.post_process,
        "kept_transcripts": world.transcripts,
        "recordings": world.recordings,
    }
    provide = {name: provided(value) for name, value in needed.items()}
    async with backend.client(user, handlers=[PostProcessingController], dependencies=provide) as client:
        yield client


def live(*texts: str) -> list[TranscriptSegment]:
    return [
        TranscriptSegment(
            id=SegmentId(f"s{at}"), text=text, start=samples(at), end=samples(at + 1), recognizer="soniox"
        )
        for at, text in enumerate(texts)
    ]


async def test_a_better_transcript_is_asked_for_and_made(world: PostProcessingWorld) -> None:
    await world.remember(live("word0", "word2"), SOUND)
    async with client_of(world) as client:
        answer = await client.post(f"{HERE}/post-processing", params={"emotional_feedback": "true"})
        assert answer.status_code == 200
        assert answer.json()["postprocessing"]["status"] == "in_progress"
        assert answer.json()["id"] == MEMORY
        assert (await client.post(f"{HERE}/post-processing")).status_code == 400
        await world.done()
        progress = (await client.get(f"{HERE}/post-processing")).json()
        assert progress == {"status": "completed", "model": "fal_whisperx", "fail_reason": None, "recognizer": "fal"}
        transcripts = (await client.get(f"{HERE}/transcripts")).json()
    assert sorted(transcripts) == ["deepgram", "soniox", "speechmatics", "whisperx"]
    assert [segment["text"] for segment in transcripts["soniox"]] == ["word0", "word2"]
    assert len(" ".join(segment["text"] for segment in transcripts["whisperx"]).split()) == 30
    assert transcripts["deepgram"] == transcripts["speechmatics"] == []


async def test_a_file_is_taken_where_no_recording_is_kept(world: PostProcessingWorld) -> None:
    await world.remember(live("word0", "word2"))
    async with client_of(world) as client:
        nothing = await client.post(f"{HERE}/post-processing")
        assert nothing.json()["postprocessing"]["status"] == "canceled"
        assert "no recording" in nothing.json()["postprocessing"]["fail_reason"]
        assert (await client.post(f"{HERE}/post-processing", files={"file": ("a.wav", b"no")})).status_code == 415
        answer = await client.post(f"{HERE}/post-processing", files={"file": ("../../a.wav", wav(SOUND))})
        assert answer.json()["postprocessing"]["status"] == "in_progress"
        await world.done()
        assert (await client.get(f"{HERE}/post-processing")).json()["status"] == "completed"
        assert (await client.get(f"{HERE}/recording")).json() == {"has_recording": False}


async def test_whether_there_is_a_recording(world: PostProcessingWorld) -> None:
    await world.remember(live("word0"), SOUND)
    async with client_of(world) as client:
        assert (await client.get(f"{HERE}/recording")).json() == {"has_recording": True}


async def test_a_discarded_memory_is_refused(world: PostProcessingWorld) -> None:
    await world.remember(live("word0"), SOUND, discarded=True)
    async with client_of(world) as client:
        answer = await client.post(f"{HERE}/post-processing")
    assert (answer.status_code, answer.json()["detail"]) == (400, "Memory is discarded")


@pytest.mark.parametrize("path", ["transcripts", "recording", "post-processing"])
async def test_nobody_elses_memory_can_be_asked_for(world: PostProcessingWorld, path: str) -> None:
    await world.remember(live("word0"), SOUND)
    async with client_of(world, UserId("bert")) as client:
        assert (await client.get(f"{HERE}/{path}")).status_code == 404
        assert (await client.post(f"{HERE}/post-processing")).status_code == 404
    async with client_of(world, None) as client:
        assert (await client.get(f"{HERE}/{path}")).status_code == 401
