"""Audio of conversations, for those who allowed it."""

import random
from array import array
from collections.abc import AsyncIterator, Iterable

import pytest

from application.recordings import keep_recordings
from domain.audio import AudioFrame
from domain.ids import MemoryId
from tests.support.http_app import a_memory
from tests.support.voices import ANNA, VoiceWorld, wav

MEMORY = MemoryId("m1")
NOISE = array("h", (random.Random(1).randint(-9_000, 9_000) for _ in range(50_000))).tobytes()


@pytest.fixture
async def world() -> VoiceWorld:
    recorder = VoiceWorld()
    await recorder.recordings.permit(ANNA)
    return recorder


async def frames(pieces: Iterable[tuple[int, int]]) -> AsyncIterator[AudioFrame]:
    for start, end in pieces:
        yield AudioFrame(start, NOISE[2 * start : 2 * end])


async def test_nothing_is_kept_without_permission() -> None:
    world = VoiceWorld()
    assert not await world.recordings.is_permitted(ANNA)
    assert not await world.recordings.keep(ANNA, MEMORY, frames([(0, 1000)]))
    assert await world.objects.list(ANNA) == ()


async def test_what_was_kept_is_read_to_the_sample(world: VoiceWorld) -> None:
    assert await world.recordings.keep(ANNA, MEMORY, frames([(0, 1000), (1000, 5000)]))
    assert await world.recordings.read(ANNA, MEMORY, start=900, end=1100) == AudioFrame(900, NOISE[1800:2200])
    assert await world.recordings.has(ANNA, MEMORY)


async def test_gaps_are_silence(world: VoiceWorld) -> None:
    await world.recordings.keep(ANNA, MEMORY, frames([(100, 200), (300, 400)]))
    found = await world.recordings.read(ANNA, MEMORY, start=0, end=9999)
    assert found == AudioFrame(100, NOISE[200:400] + bytes(200) + NOISE[600:800])


async def test_long_recordings_are_kept_in_parts(world: VoiceWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keep_recordings, "PART", 1000)
    await world.recordings.keep(ANNA, MEMORY, frames([(0, 700), (700, 3500), (3500, 3600), (9000, 9100)]))
    parts = await world.objects.list(ANNA, "recordings/m1/")
    assert sorted(int(key.split("/")[2].removesuffix(".flac")) for key in parts) == [0, 1000, 2000, 3000, 9000]
    assert (await world.recordings.read(ANNA, MEMORY, start=500, end=3200)).pcm == NOISE[1000:6400]
    assert (await world.recordings.read(ANNA, MEMORY, start=0, end=9100)).end == 9100


async def test_audio_that_comes_twice_is_kept_once(world: VoiceWorld) -> None:
    await world.recordings.keep(ANNA, MEMORY, frames([(0, 1000), (500, 1500), (0, 100)]))
    assert await world.recordings.read(ANNA, MEMORY, start=0, end=9999) == AudioFrame(0, NOISE[:3000])


async def test_keeping_again_replaces(world: VoiceWorld) -> None:
    await world.recordings.keep(ANNA, MEMORY, frames([(0, 1000)]))
    await world.recordings.keep(ANNA, MEMORY, frames([(500, 800)]))
    assert await world.recordings.read(ANNA, MEMORY, start=0, end=9999) == AudioFrame(500, NOISE[1000:1600])


async def test_where_nothing_is_kept_there_is_nothing(world: VoiceWorld) -> None:
    assert await world.recordings.read(ANNA, MEMORY, start=0, end=9999) is None
    await world.recordings.keep(ANNA, MEMORY, frames([(0, 1000)]))
    assert await world.recordings.read(ANNA, MEMORY, start=1000, end=9999) is None
    assert await world.recordings.read(ANNA, MemoryId("m"), start=0, end=9999) is None


async def test_a_recording_of_the_original_is_read(world: VoiceWorld) -> None:
    await world.objects.put(ANNA, "m1.wav", wav(NOISE))
    assert await world.recordings.has(ANNA, MEMORY)
    assert (await world.recordings.read(ANNA, MEMORY, start=900, end=1100)).pcm == NOISE[1800:2200]


async def test_a_profile_is_no_recording_of_a_memory(world: VoiceWorld) -> None:
    await world.objects.put(ANNA, "speech_profile.wav", wav(NOISE))
    assert not await world.recordings.has(ANNA, MemoryId("speech_profile"))
    await world.recordings.delete(ANNA, MemoryId("speech_profile"))
    assert await world.objects.list(ANNA) == ("speech_profile.wav",)


async def test_a_deleted_recording_is_gone(world: VoiceWorld) -> None:
    await world.recordings.keep(ANNA, MEMORY, frames([(0, 1000)]))
    await world.objects.put(ANNA, "m1.wav", wav(NOISE))
    await world.recordings.delete(ANNA, MEMORY)
    assert await world.objects.list(ANNA) == ()


async def test_taking_the_permission_back_wipes_every_recording_and_nothing_else(world: VoiceWorld) -> None:
    await world.memories.save(ANNA, a_memory("m1", has_recording=True))
    await world.memories.save(ANNA, a_memory("m2", has_recording=True))
    await world.recordings.keep(ANNA, MEMORY, frames([(0, 1000)]))
    for key in ("m2.wav", "speech_profile.wav"):
        await world.objects.put(ANNA, key, wav(NOISE))
    await world.recordings.wipe(ANNA)
    assert await world.objects.list(ANNA) == ("speech_profile.wav",)
    assert not (await world.memories.get(ANNA, MEMORY)).has_recording
    assert not await world.recordings.is_permitted(ANNA)


async def test_a_permission_that_is_taken_back_meanwhile_counts(world: VoiceWorld) -> None:
    async def interrupted() -> AsyncIterator[AudioFrame]:
        yield AudioFrame(0, NOISE)
        await world.recordings.wipe(ANNA)

    assert not await world.recordings.keep(ANNA, MEMORY, interrupted())
    assert await world.objects.list(ANNA) == ()


async def test_forbidding_stops_and_leaves_what_there_is(world: VoiceWorld) -> None:
    await world.recordings.keep(ANNA, MEMORY, frames([(0, 1000)]))
    await world.recordings.forbid(ANNA)
    assert not await world.recordings.keep(ANNA, MemoryId("m2"), frames([(0, 1000)]))
    assert await world.recordings.has(ANNA, MEMORY)
