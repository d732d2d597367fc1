"""What a device recorded while nobody listened, as the apps send it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest

from adapters.inbound.http.offline_files import LARGEST_FILE, described
from application.offline.accept_files import SYNC_FILES, OfflineFile, Synced
from bootstrap.lifespan import opened
from domain.audio import AudioFormat, Codec
from domain.offline_errors import NotACaptureFile
from domain.watermark import speech, text_of
from tests.support.offline import framed_pcm, name_of
from tests.support.program import ANNA, Running, container_over, program

THEN = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
PCM = AudioFormat(codec=Codec.PCM16, sample_rate=16_000)
WORDS = framed_pcm(speech(0, 20, pause=4_800))


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    async with program(tmp_path) as running:
        yield running


async def sent(running: Running, *files: tuple[datetime, bytes]) -> dict[str, Any]:
    parts = [("files", (name_of(at), content)) for at, content in files]
    answer = await running.client.post("/v1/sync-local-files", files=parts)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def words_of(running: Running, memory: str) -> list[str]:
    found = (await running.client.get(f"/v1/memories/{memory}")).json()
    return [word for segment in found["transcript_segments"] for word in segment["text"].split()]


async def test_files_become_a_memory_of_their_own_time(running: Running) -> None:
    answer = await sent(running, (THEN, WORDS), (THEN + timedelta(seconds=10), framed_pcm(speech(20, 20, pause=4_800))))
    assert answer["updated_memories"] == []
    (name,) = answer["new_memories"]
    memory = (await running.client.get(f"/v1/memories/{name}")).json()
    assert datetime.fromisoformat(memory["started_at"]) == THEN
    assert memory["transcript_segments"][0]["start"] == 0.0
    assert memory["structured"]["title"]
    assert memory["status"] == "completed"
    assert await words_of(running, name) == [text_of(number) for number in range(40)]
    assert await sent(running, (THEN, WORDS)) == {"new_memories": [], "updated_memories": []}


async def test_what_belongs_to_a_conversation_that_goes_on_waits_for_it(running: Running) -> None:
    running.container.accept_files()._patience = 0.5
    async with running.talking(3):
        now = datetime.now(UTC) - timedelta(seconds=30)
        assert await sent(running, (now, WORDS)) == {"new_memories": [], "updated_memories": []}
        assert (await running.client.get("/v1/memories?statuses=completed,processing")).json() == []
        assert len(await running.container.object_store().list(ANNA, "offline/")) == 1  # it is safe


async def test_files_that_were_taken_survive_a_crash(tmp_path: Path) -> None:
    crashed = container_over(tmp_path)
    async with opened(crashed):
        crashed.accept_files()._patience = 0
        file = OfflineFile(started_at=THEN, audio=PCM, content=WORDS)
        assert await crashed.accept_files().accept(ANNA, [file]) == Synced()
    async with program(tmp_path) as running:
        with anyio.fail_after(30):
            (name,) = (await sent(running, (THEN, WORDS)))["new_memories"]
        assert await words_of(running, name) == [text_of(number) for number in range(20)]
        left = await running.container.object_store().list(ANNA, "offline/")
        assert [key.endswith(".json") for key in left] == [True]


REFUSED = [
    ("recording.bin", WORDS, 400, "is not named like"),
    ("audio_omi_pcm16_16000_1_1735689600.wav", WORDS, 400, "is not named like"),
    ("audio_omi_pcm16_16000_1_0000000001.bin", WORDS, 400, "1970-01-01"),
    ("audio_omi_pcm16_16000_1_4102444800.bin", WORDS, 400, "2100-01-01"),
    ("audio_omi_pcm16_11025_1_1735689600.bin", WORDS, 400, "11025 Hz is not supported"),
    ("audio_omi_pcm16_16000_9_1735689600.bin", WORDS, 400, "9 channels are not supported"),
    ("audio_omi_pcm16_16000_1_1735689600.bin", b"", 400, "not one whole packet"),
    ("audio_omi_pcm16_16000_1_1735689600.bin", b"\xff" * 100, 400, "a packet of 4294967295 bytes"),
    ("audio_omi_pcm16_16000_1_1735689600.bin", bytes(LARGEST_FILE + 1), 413, "one is larger than"),
]


async def test_what_cannot_be_taken_is_told_and_nothing_is_taken(running: Running) -> None:
    for name, content, status, detail in REFUSED:
        parts = [("files", (name_of(THEN), WORDS)), ("files", (name, content))]
        answer = await running.client.post("/v1/sync-local-files", files=parts)
        assert (answer.status_code, detail in answer.json()["detail"]) == (status, True), (name, answer.text)
    assert (await running.client.post("/v1/sync-local-files", files={"other": b"x"})).status_code == 400
    assert await running.container.object_store().list(ANNA, "offline/") == ()
    assert not [job for job in await running.container.job_queue().ids_of(ANNA) if job.startswith(SYNC_FILES)]


def test_names_say_what_is_in_a_file() -> None:
    moment = datetime(2025, 1, 1, tzinfo=UTC)
    opus = AudioFormat(codec=Codec.OPUS, sample_rate=16_000)
    assert described("audio_omi_opus_16000_1_1735689600.bin") == (opus, moment)
    assert described("audio_my_omi_opus_16000_1_fs160_1735689600.bin") == (opus, moment)
    assert described("recording_1735689600000.bin") == (opus, moment)
    assert described("../../audio_x_opus_fs320_16000_1_fs320_1735689600.bin")[0].codec == Codec.OPUS_FS320
    assert described("audio_x_pcm8_8000_1_1735689600.bin")[0] == AudioFormat(codec=Codec.PCM8, sample_rate=8_000)
    with pytest.raises(NotACaptureFile):
        described("audio_x_opus_16000_1.bin")
