"""The clip that recognizers hear of an owner."""

from datetime import UTC, datetime

import pytest

from application.voices import owners_voice, voice_documents
from application.voices.owners_voice import CLIP, OwnersVoice
from application.voices.voice_documents import ENROLLED, Evidence, StoredExemplar, VoiceDocument
from domain.embedding import Embedding
from domain.ids import UserId
from domain.speaker import OWNER
from tests.support.voices import ANNA, VoiceWorld, silence, tone, wav

OTHER = UserId("other")


@pytest.fixture
def world() -> VoiceWorld:
    return VoiceWorld()


@pytest.fixture
def voice(world: VoiceWorld) -> OwnersVoice:
    return OwnersVoice(objects=world.objects, decoder=world.decoder)


def exemplar(audio: str, evidence: Evidence, *, end: int = 48_000) -> StoredExemplar:
    return StoredExemplar(
        source="somewhere",
        evidence=evidence,
        encoder="fake",
        embedding=Embedding(b""),
        samples=end,
        added_at=datetime(2026, 1, 1, tzinfo=UTC),
        audio=audio,
        end=end,
    )


async def keep(world: VoiceWorld, *exemplars: StoredExemplar) -> None:
    await voice_documents.write(world.objects, ANNA, OWNER, VoiceDocument(exemplars=exemplars))


async def test_who_has_no_profile_has_no_clip(voice: OwnersVoice) -> None:
    assert await voice.clip(ANNA) is None


async def test_nobody_in_particular_has_no_clip(voice: OwnersVoice) -> None:
    assert await voice.clip(UserId("")) is None


async def test_the_clip_is_five_seconds_of_what_was_enrolled(world: VoiceWorld, voice: OwnersVoice) -> None:
    recording = silence(2.0) + tone(12.0)
    await world.enroll.from_file(ANNA, wav(recording), file_name="me.wav")
    clip = await voice.clip(ANNA)
    assert clip is not None
    assert len(clip) == 2 * CLIP
    assert clip in (tone(12.0), recording) or clip[:3_200] in recording


async def test_nobody_hears_anybody_elses_voice(world: VoiceWorld, voice: OwnersVoice) -> None:
    await world.enroll.from_file(ANNA, wav(tone(12.0)), file_name="me.wav")
    assert await voice.clip(OTHER) is None


async def test_a_profile_that_was_forgotten_is_not_played(world: VoiceWorld, voice: OwnersVoice) -> None:
    await world.enroll.from_file(ANNA, wav(tone(12.0)), file_name="me.wav")
    assert await voice.clip(ANNA)
    await world.enroll.forget(ANNA)
    assert await voice.clip(ANNA) is None


async def test_a_profile_that_was_recorded_anew_is_heard_anew(world: VoiceWorld, voice: OwnersVoice) -> None:
    await world.enroll.from_file(ANNA, wav(tone(12.0)), file_name="me.wav")
    before = await voice.clip(ANNA)
    await world.clock.advance(1)
    await world.enroll.from_file(ANNA, wav(tone(12.0, pitch=300.0)), file_name="me.wav")
    assert await voice.clip(ANNA) != before


async def test_a_recording_is_read_once(world: VoiceWorld, voice: OwnersVoice) -> None:
    await world.enroll.from_file(ANNA, wav(tone(12.0)), file_name="me.wav")
    clip = await voice.clip(ANNA)
    await world.objects.put(ANNA, ENROLLED, b"nothing that can be read")
    assert await voice.clip(ANNA) == clip


async def test_a_recording_of_the_original_backend_is_taken_as_it_is(world: VoiceWorld, voice: OwnersVoice) -> None:
    await world.objects.put(ANNA, ENROLLED, wav(tone(12.0)))
    assert await voice.clip(ANNA) == tone(12.0)[: 2 * CLIP]
    await world.objects.delete(ANNA, ENROLLED)
    assert await voice.clip(ANNA) is None


async def test_what_was_only_recognized_is_never_played(world: VoiceWorld, voice: OwnersVoice) -> None:
    await world.objects.put(ANNA, "guessed.wav", wav(tone(4.0)))
    await keep(world, exemplar("guessed.wav", Evidence.MATCHED))
    assert await voice.clip(ANNA) is None


async def test_what_was_enrolled_comes_before_what_was_told(world: VoiceWorld, voice: OwnersVoice) -> None:
    await world.objects.put(ANNA, "told.wav", wav(tone(3.0, pitch=300.0)))
    await world.objects.put(ANNA, ENROLLED, wav(tone(3.0)))
    await keep(world, exemplar("told.wav", Evidence.TOLD), exemplar(ENROLLED, Evidence.ENROLLED))
    assert await voice.clip(ANNA) == (tone(3.0) + tone(3.0, pitch=300.0))[: 2 * CLIP]


@pytest.mark.parametrize("content", [None, b"damaged"])
async def test_a_recording_that_is_gone_or_damaged_leaves_the_others(
    world: VoiceWorld, voice: OwnersVoice, content: bytes | None
) -> None:
    if content is not None:
        await world.objects.put(ANNA, ENROLLED, content)
    await world.objects.put(ANNA, "told.wav", wav(tone(3.0)))
    await keep(world, exemplar(ENROLLED, Evidence.ENROLLED), exemplar("told.wav", Evidence.TOLD))
    assert await voice.clip(ANNA) == tone(3.0)


async def test_the_clips_of_few_users_are_kept_in_memory(
    world: VoiceWorld, voice: OwnersVoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owners_voice, "USERS_REMEMBERED", 1)
    for user in (ANNA, OTHER):
        await world.enroll.from_file(user, wav(tone(12.0)), file_name="me.wav")
        assert await voice.clip(user)
    assert list(voice._remembered) == [OTHER]
