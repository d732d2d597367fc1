"""A recording of the owner's voice."""

from pathlib import Path

import pytest

from domain.embedding import cosine
from domain.errors import BusinessError
from domain.speaker import OWNER, matched
from domain.voice_errors import (
    NoSpeech,
    NotARecording,
    ProfileTooLong,
    ProfileTooShort,
    RecordingEmpty,
    RecordingTooLarge,
    UnsafeFileName,
    WrongSampleRate,
)
from tests.support.recordings import read
from tests.support.voices import ANNA, VoiceWorld, real_voices, silence, tone, wav


@pytest.fixture
def world() -> VoiceWorld:
    return VoiceWorld()


async def test_an_enrolled_voice_is_known(world: VoiceWorld) -> None:
    assert await world.profiles.known(ANNA) == {}
    enrollment = await world.enroll.from_file(ANNA, wav(tone(9)))
    assert (enrollment.exemplars, enrollment.speech, enrollment.warning) == (3, pytest.approx(9, abs=0.1), "")
    known = await world.profiles.known(ANNA)
    assert cosine(known[OWNER], await world.encoder.encode(tone(3))) > 0.99


async def test_a_profile_lies_where_the_original_put_it_without_its_silence(world: VoiceWorld) -> None:
    await world.enroll.from_file(ANNA, wav(silence(2) + tone(4) + silence(5) + tone(4) + silence(3)))
    kept = await world.decoder.decode(await world.objects.get(ANNA, "speech_profile.wav"), longest=60)
    assert len(kept.pcm) / 32_000 == pytest.approx(9, abs=0.1)
    assert {e.audio for e in (await world.profiles.of(ANNA, OWNER)).exemplars} == {"speech_profile.wav"}


async def test_short_pauses_are_left_as_they_are(world: VoiceWorld) -> None:
    await world.enroll.from_file(ANNA, wav(tone(4) + silence(0.9) + tone(4)))
    kept = await world.decoder.decode(await world.objects.get(ANNA, "speech_profile.wav"), longest=60)
    assert len(kept.pcm) / 32_000 == pytest.approx(8.9, abs=0.1)


async def test_a_new_profile_replaces_the_one_before(world: VoiceWorld) -> None:
    await world.enroll.from_file(ANNA, wav(tone(9, pitch=200)))
    await world.enroll.from_file(ANNA, wav(tone(9, pitch=900)))
    profile = await world.profiles.of(ANNA, OWNER)
    assert len(profile.exemplars) == 3
    assert cosine(profile.center, await world.encoder.encode(tone(3, pitch=900))) > 0.99


async def test_of_several_voices_the_one_that_speaks_most_is_learned_with_a_warning(world: VoiceWorld) -> None:
    enrollment = await world.enroll.from_file(
        ANNA, wav(tone(3, pitch=900) + silence(0.5) + tone(9, pitch=200) + silence(0.5) + tone(2, pitch=900))
    )
    assert enrollment.speakers == 2
    assert "2 voices" in enrollment.warning
    known = await world.profiles.known(ANNA)
    assert cosine(known[OWNER], await world.encoder.encode(tone(3, pitch=200))) > 0.99


@pytest.mark.parametrize(
    ("content", "name", "wrong"),
    [
        (b"", "", RecordingEmpty),
        (wav(b""), "", RecordingEmpty),
        (wav(silence(30)), "", NoSpeech),
        (wav(tone(4.9)), "", ProfileTooShort),
        (wav(tone(1) + silence(9)), "", ProfileTooShort),
        (wav(tone(121)), "", ProfileTooLong),
        (wav(tone(10), rate=8_000), "", WrongSampleRate),
        (wav(tone(60), rate=44_100), "", WrongSampleRate),
        (b"this is a text and not a recording", "", NotARecording),
        (wav(silence(3_600), form="FLAC"), "", RecordingTooLarge),
        (bytes(33 * 1024 * 1024), "", RecordingTooLarge),
        (wav(tone(9)), "../../../etc/passwd", UnsafeFileName),
        (wav(tone(9)), "C:\\voice.wav", UnsafeFileName),
        (wav(tone(9)), "voice\0.wav", UnsafeFileName),
        (wav(tone(9)), "v" * 300, UnsafeFileName),
    ],
)
async def test_what_is_wrong_is_told_apart_and_changes_nothing(
    world: VoiceWorld, content: bytes, name: str, wrong: type[BusinessError]
) -> None:
    with pytest.raises(wrong):
        await world.enroll.from_file(ANNA, content, file_name=name)
    assert await world.objects.list(ANNA) == ()
    assert await world.profiles.known(ANNA) == {}


@pytest.mark.parametrize("name", ["speaker_profile.wav", "моя запись.wav", ""])
async def test_plain_names_are_welcome(world: VoiceWorld, name: str) -> None:
    assert (await world.enroll.from_file(ANNA, wav(tone(9)), file_name=name)).exemplars == 3


async def test_a_forgotten_profile_leaves_nothing(world: VoiceWorld) -> None:
    await world.enroll.from_file(ANNA, wav(tone(9)))
    await world.enroll.forget(ANNA)
    assert await world.profiles.known(ANNA) == {}
    assert await world.objects.list(ANNA) == ()


@pytest.mark.parametrize(("duration", "wrong"), [(9, ProfileTooShort), (121, ProfileTooLong)])
async def test_packets_of_a_wrong_duration_are_refused(
    world: VoiceWorld, duration: int, wrong: type[BusinessError]
) -> None:
    with pytest.raises(wrong):
        await world.enroll.from_packets(ANNA, [tone(12)], duration=duration)


async def test_packets_make_a_profile(world: VoiceWorld) -> None:
    pcm = tone(12)
    packets = [pcm[at : at + 320] for at in range(0, len(pcm), 320)]
    assert (await world.enroll.from_packets(ANNA, packets, duration=12)).speech == pytest.approx(12, abs=0.1)


async def test_packets_that_last_longer_than_they_say_are_refused(world: VoiceWorld) -> None:
    with pytest.raises(ProfileTooLong):
        await world.enroll.from_packets(ANNA, [tone(10)] * 13, duration=20)


async def test_real_people_are_told_apart_after_they_enrolled(audio_folder: Path) -> None:
    async with real_voices() as world:
        enrollment = await world.enroll.from_file(ANNA, wav(read(audio_folder / "enroll_katie.wav")))
        assert enrollment.speakers == 1
        known = await world.profiles.known(ANNA)
        conversation = read(audio_folder / "conv_katie_steve.wav")
        katie = await world.encoder.encode(conversation[32_000 * 10 : 32_000 * 13])
        steve = await world.encoder.encode(conversation[int(15.2 * 16_000) * 2 : int(17.7 * 16_000) * 2])
        assert matched(katie, known, world.profiles.calibration).person == OWNER
        assert matched(steve, known, world.profiles.calibration) is None


async def test_a_conversation_of_two_real_people_is_no_profile_of_one(audio_folder: Path) -> None:
    async with real_voices() as world:
        enrollment = await world.enroll.from_file(ANNA, wav(read(audio_folder / "conv_katie_steve.wav")))
        assert enrollment.speakers == 2
