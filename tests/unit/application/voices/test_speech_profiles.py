"""Profiles of the people around a user."""

import anyio
import pytest
from msgspec import structs

from adapters.outbound.speaker_encoder.fake import FakeSpeakerEncoder
from application.voices import voice_documents
from application.voices.voice_documents import VoiceDocument
from domain.embedding import cosine
from domain.ids import MemoryId
from domain.speaker import OWNER
from tests.support.voices import ANNA, VoiceWorld, tone, wav


class OtherEncoder(FakeSpeakerEncoder):
    name = "other-spectrum"


@pytest.fixture
def world() -> VoiceWorld:
    return VoiceWorld()


async def near(world: VoiceWorld, person: str, *, pitch: float) -> float:
    return cosine((await world.profiles.known(ANNA))[person], await world.encoder.encode(tone(3, pitch=pitch)))


async def test_nobody_is_known_at_first(world: VoiceWorld) -> None:
    assert await world.profiles.known(ANNA) == {}
    assert await world.profiles.profiles(ANNA) == ()
    assert (await world.profiles.of(ANNA, OWNER)).exemplars == ()


async def test_a_profile_of_the_original_is_read(world: VoiceWorld) -> None:
    await world.objects.put(ANNA, "speech_profile.wav", wav(tone(12, pitch=300)))
    assert await near(world, OWNER, pitch=300) > 0.99
    assert {e.source for e in (await world.profiles.of(ANNA, OWNER)).exemplars} == {"enrollment"}


async def test_samples_of_the_original_are_read(world: VoiceWorld) -> None:
    bert = await world.add_person("Bert")
    await world.objects.put(ANNA, "additional_profile_recordings/m1_segment_3.wav", wav(tone(2, pitch=300)))
    await world.objects.put(ANNA, f"people_profiles/{bert}/m2_segment_0.wav", wav(tone(2, pitch=900)))
    assert await near(world, OWNER, pitch=300) > 0.99
    assert await near(world, bert, pitch=900) > 0.99
    assert [e.source for e in (await world.profiles.of(ANNA, bert)).exemplars] == ["m2:0"]


async def test_what_was_read_once_is_not_computed_again(world: VoiceWorld) -> None:
    await world.objects.put(ANNA, "speech_profile.wav", wav(tone(12)))
    await world.profiles.known(ANNA)
    later = VoiceWorld(world)
    await later.profiles.known(ANNA)
    assert (world.encoder.asked, later.encoder.asked) == (4, 0)


async def test_a_recording_that_is_damaged_is_passed_over_and_not_tried_again(world: VoiceWorld) -> None:
    await world.objects.put(ANNA, "speech_profile.wav", b"no recording")
    await world.objects.put(ANNA, "additional_profile_recordings/m1_segment_3.wav", wav(tone(2)))
    assert len((await world.profiles.of(ANNA, OWNER)).exemplars) == 1
    document = (await world.profiles.documents(ANNA))[OWNER]
    assert document.unusable == ("speech_profile.wav",)


async def test_another_encoder_computes_from_the_recordings(world: VoiceWorld) -> None:
    await world.enroll.from_file(ANNA, wav(tone(9, pitch=300)))
    other = VoiceWorld(world, encoder=OtherEncoder())
    profile = await other.profiles.of(ANNA, OWNER)
    assert (profile.encoder, len(profile.exemplars), other.encoder.asked) == ("other-spectrum", 3, 3)
    again = VoiceWorld(world, encoder=OtherEncoder())
    await again.profiles.known(ANNA)
    assert again.encoder.asked == 0


async def test_an_exemplar_without_a_recording_waits_for_its_encoder(world: VoiceWorld) -> None:
    await world.enroll.from_file(ANNA, wav(tone(9)))
    await world.profiles.change(ANNA, without_recordings)
    assert await VoiceWorld(world, encoder=OtherEncoder()).profiles.known(ANNA) == {}
    assert OWNER in await VoiceWorld(world).profiles.known(ANNA)


def without_recordings(documents: voice_documents.Documents) -> voice_documents.Documents:
    kept = (structs.replace(e, audio="") for e in documents[OWNER].exemplars)
    return {OWNER: VoiceDocument(exemplars=tuple(kept))}


async def test_asking_again_is_cheap(world: VoiceWorld) -> None:
    await world.enroll.from_file(ANNA, wav(tone(9)))
    await world.profiles.known(ANNA)
    world.objects.get = world.values.get = None  # whoever asks fails
    assert OWNER in await world.profiles.known(ANNA)


async def test_another_process_learns_of_a_change(world: VoiceWorld) -> None:
    other = VoiceWorld(world)
    assert await other.profiles.known(ANNA) == {}
    await world.enroll.from_file(ANNA, wav(tone(9)))
    await world.clock.advance(6)
    assert OWNER in await other.profiles.known(ANNA)


async def test_changes_at_the_same_time_are_all_made(world: VoiceWorld) -> None:
    exemplar = await an_exemplar(world)
    processes = [VoiceWorld(world) for _ in range(5)]

    def adding(number: int):
        def edit(documents: voice_documents.Documents) -> voice_documents.Documents:
            one = structs.replace(exemplar, source=f"m:{number}")
            return {**documents, OWNER: VoiceDocument(exemplars=(*documents[OWNER].exemplars, one))}

        return edit

    with anyio.fail_after(10):
        async with anyio.create_task_group() as tasks:
            for number, process in enumerate(processes):
                tasks.start_soon(process.profiles.change, ANNA, adding(number))
            for _ in range(20):
                await world.clock.advance(0.1)
    sources = {e.source for e in (await world.profiles.of(ANNA, OWNER)).exemplars}
    assert {f"m:{number}" for number in range(5)} <= sources


async def an_exemplar(world: VoiceWorld) -> voice_documents.StoredExemplar:
    await world.enroll.from_file(ANNA, wav(tone(9)))
    return structs.replace((await world.profiles.documents(ANNA))[OWNER].exemplars[0], audio="")


async def test_a_recording_that_nobody_needs_is_removed(world: VoiceWorld) -> None:
    await world.objects.put(ANNA, "additional_profile_recordings/m1_segment_3.wav", wav(tone(2)))
    await world.profiles.known(ANNA)
    await world.profiles.change(ANNA, lambda _: {})
    assert await world.objects.list(ANNA) == ()


async def test_what_is_forgotten_stays_nowhere(world: VoiceWorld) -> None:
    await world.enroll.from_file(ANNA, wav(tone(9)))
    await world.profiles.known(ANNA)
    await world.profiles.forget(ANNA, OWNER)
    assert await world.objects.list(ANNA) == ()
    assert await world.values.get(f"users:anna:voices:{world.encoder.name}") is None


async def test_the_profiles_of_users_are_their_own(world: VoiceWorld) -> None:
    await world.enroll.from_file(ANNA, wav(tone(9)))
    assert await world.profiles.known("bert") == {}


async def test_a_profile_bears_the_name_of_its_person(world: VoiceWorld) -> None:
    bert = await world.add_person("Bert")
    await world.objects.put(ANNA, voice_documents.sample_key(bert, MemoryId("m"), 0), wav(tone(2)))
    assert [(p.person, p.name) for p in await world.profiles.profiles(ANNA)] == [(bert, "Bert")]
