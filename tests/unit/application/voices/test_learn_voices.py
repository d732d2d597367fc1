"""What is learned from the user's corrections, and from voices that are recognized."""

from pathlib import Path
from typing import Any

import pytest

from adapters.outbound.speaker_encoder.fake import FakeSpeakerEncoder
from application.voices.learn_voices import Assigned, Assignment, Extent, Learning
from application.voices.memory_voices import HeardStretch, MemoryVoices, forget_voices, keep_voices, kept_voices
from domain.embedding import cosine
from domain.errors import MemoryNotFound
from domain.ids import MemoryId, PersonId, SegmentId
from domain.speaker import MOST_EXEMPLARS, OWNER, matched
from domain.voice_errors import PersonNotFound, SampleNotFound, SegmentNotFound
from tests.support.http_app import a_memory, a_segment
from tests.support.recordings import read
from tests.support.voices import ANNA, VoiceWorld, real_voices, silence, tone

LONG = "this is something that has more words than five"
LOW, HIGH = 200.0, 900.0
BERT = PersonId("bert")


@pytest.fixture
async def world() -> VoiceWorld:
    """A memory of two who take turns: low, high, low, high; the last turn is short of words."""
    world = VoiceWorld()
    await world.add_person("Bert")
    await world.add_person("Cleo")
    turns = [(LONG, tone(3, pitch=LOW)), (LONG, tone(3, pitch=HIGH)), (LONG, tone(2, pitch=LOW)), ("no", tone(2))]
    await world.keep_memory(turns)
    return world


async def assign(world: VoiceWorld, index: int, person: str | None, **more: Any) -> Assigned:
    said = Assignment(memory=MemoryId("m1"), index=index, person=person, **more)
    return await world.learn.assign(ANNA, said)


async def sources(world: VoiceWorld, person: str) -> list[str]:
    return [e.source for e in (await world.profiles.of(ANNA, person)).exemplars]


async def test_a_segment_becomes_somebodys_and_the_voice_is_learned(world: VoiceWorld) -> None:
    assigned = await assign(world, 1, BERT)
    assert assigned.learning is Learning.LEARNED
    assert [s.person_id for s in assigned.memory.segments] == [None, BERT, None, None]
    known = await world.profiles.known(ANNA)
    assert cosine(known[BERT], await world.encoder.encode(tone(3, pitch=HIGH))) > 0.99
    assert await world.objects.list(ANNA, "people_profiles/") == ("people_profiles/bert/m1_segment_1.wav",)


async def test_a_segment_becomes_the_owners(world: VoiceWorld) -> None:
    assigned = await assign(world, 0, OWNER)
    assert (assigned.memory.segments[0].is_user, assigned.memory.segments[0].person_id) == (True, None)
    assert await world.objects.list(ANNA, "additional") == ("additional_profile_recordings/m1_segment_0.wav",)


async def test_a_stretch_that_moves_to_somebody_else_counts_for_them_alone(world: VoiceWorld) -> None:
    await assign(world, 1, BERT)
    await assign(world, 1, "cleo")
    assert (await sources(world, BERT), await sources(world, "cleo")) == ([], ["m1:s1"])
    await assign(world, 1, OWNER)
    assert (await sources(world, "cleo"), await sources(world, OWNER)) == ([], ["m1:s1"])
    assert [key for key in await world.objects.list(ANNA) if "segment" in key] == [
        "additional_profile_recordings/m1_segment_1.wav"
    ]


async def test_assigning_twice_learns_once(world: VoiceWorld) -> None:
    await assign(world, 1, BERT)
    assert (await assign(world, 1, BERT)).learning is Learning.LEARNED
    assert await sources(world, BERT) == ["m1:s1"]


async def test_taking_an_assignment_back_takes_back_what_was_learned(world: VoiceWorld) -> None:
    await assign(world, 1, BERT)
    assigned = await assign(world, 1, None)
    assert assigned.memory.segments[1].person_id is None
    assert BERT not in await world.profiles.known(ANNA)
    assert not [key for key in await world.objects.list(ANNA) if "segment" in key]


@pytest.mark.parametrize(("index", "learn", "why"), [(3, True, "too_few_words"), (1, False, "not_asked")])
async def test_what_is_not_to_be_learned_is_assigned_and_what_was_learned_is_taken_back(
    world: VoiceWorld, index: int, *, learn: bool, why: str
) -> None:
    await assign(world, 1, BERT)
    assigned = await assign(world, index, "cleo", learn=learn)
    assert (assigned.learning, assigned.memory.segments[index].person_id) == (why, "cleo")
    assert await sources(world, "cleo") == []
    assert await sources(world, BERT) == (["m1:s1"] if index == 3 else [])


async def test_an_outlier_is_assigned_and_not_learned(world: VoiceWorld) -> None:
    await assign(world, 1, BERT)
    assigned = await assign(world, 0, BERT)
    assert (assigned.learning, assigned.memory.segments[0].person_id) == (Learning.OUTLIER, BERT)
    assert await sources(world, BERT) == ["m1:s1"]


async def test_the_whole_voice_is_assigned_and_learned_from_where_it_says_enough(world: VoiceWorld) -> None:
    assigned = await assign(world, 0, BERT, extent=Extent.VOICE)
    assert [s.person_id for s in assigned.memory.segments] == [BERT, None, BERT, None]
    assert sorted(await sources(world, BERT)) == ["m1:s0", "m1:s2"]
    assigned = await assign(world, 2, None, extent=Extent.VOICE)
    assert [s.person_id for s in assigned.memory.segments] == [None] * 4
    assert await sources(world, BERT) == []


async def test_without_a_recording_it_is_learned_from_how_it_was_heard(world: VoiceWorld) -> None:
    await world.recordings.wipe(ANNA)
    embedding = await world.encoder.encode(tone(3, pitch=HIGH))
    stretch = HeardStretch(segment=SegmentId("another"), start=50_000, end=90_000, embedding=embedding)
    voices = MemoryVoices(encoder=world.encoder.name, stretches=(stretch,))
    await keep_voices(world.objects, ANNA, MemoryId("m1"), voices)
    assert (await assign(world, 1, BERT)).learning is Learning.LEARNED
    exemplar = (await world.profiles.of(ANNA, BERT)).exemplars[0]
    assert (exemplar.samples, exemplar.audio) == (40_000, "")
    assert cosine(exemplar.embedding, embedding) > 0.999


async def test_without_anything_kept_it_is_assigned_and_not_learned(world: VoiceWorld) -> None:
    await world.recordings.wipe(ANNA)
    assigned = await assign(world, 1, BERT)
    assert (assigned.learning, assigned.memory.segments[1].person_id) == (Learning.NO_AUDIO, BERT)


async def test_how_it_was_heard_by_another_encoder_tells_nothing(world: VoiceWorld) -> None:
    await world.recordings.wipe(ANNA)
    stretch = HeardStretch(segment=SegmentId("s1"), start=0, end=9, embedding=b"\0\0\x80?")
    await keep_voices(world.objects, ANNA, MemoryId("m1"), MemoryVoices(encoder="other", stretches=(stretch,)))
    assert (await assign(world, 1, BERT)).learning is Learning.NO_AUDIO


async def test_voices_of_a_memory_are_kept_read_and_forgotten(world: VoiceWorld) -> None:
    voices = MemoryVoices(encoder="e")
    assert await kept_voices(world.objects, ANNA, MemoryId("m1")) is None
    await keep_voices(world.objects, ANNA, MemoryId("m1"), voices)
    assert await kept_voices(world.objects, ANNA, MemoryId("m1")) == voices
    await forget_voices(world.objects, ANNA, MemoryId("m1"))
    assert await kept_voices(world.objects, ANNA, MemoryId("m1")) is None


@pytest.mark.parametrize("index", [-1, 4, 10**12])
async def test_a_segment_that_there_is_not_is_not_found(world: VoiceWorld, index: int) -> None:
    with pytest.raises(SegmentNotFound):
        await assign(world, index, BERT)


async def test_a_person_that_there_is_not_is_not_found_and_nothing_is_changed(world: VoiceWorld) -> None:
    with pytest.raises(PersonNotFound):
        await assign(world, 1, "nobody")
    assert (await world.memories.get(ANNA, MemoryId("m1"))).segments[1].person_id is None


async def test_a_memory_that_there_is_not_is_not_found(world: VoiceWorld) -> None:
    with pytest.raises(MemoryNotFound):
        await world.learn.assign(ANNA, Assignment(memory=MemoryId("m2"), index=0, person=BERT))


async def test_a_segment_without_a_voice_number_is_assigned_alone(world: VoiceWorld) -> None:
    segments = tuple(a_segment(LONG, id=SegmentId(f"x{n}"), speaker=0) for n in range(3))
    await world.memories.save(ANNA, a_memory("m1", segments=segments))
    assigned = await assign(world, 1, BERT, extent=Extent.VOICE)
    assert [s.person_id for s in assigned.memory.segments] == [None, BERT, None]


async def test_a_sample_is_taken_back_by_name(world: VoiceWorld) -> None:
    await assign(world, 0, OWNER)
    await world.learn.forget_sample(ANNA, MemoryId("m1"), 0)
    assert await sources(world, OWNER) == []
    with pytest.raises(SampleNotFound):
        await world.learn.forget_sample(ANNA, MemoryId("m1"), 0)


async def test_what_was_learned_without_a_recording_is_taken_back_too(world: VoiceWorld) -> None:
    await world.recordings.wipe(ANNA)
    heard = HeardStretch(segment=SegmentId("s0"), start=0, end=48_000, embedding=await world.encoder.encode(tone(3)))
    voices = MemoryVoices(encoder=world.encoder.name, stretches=(heard,))
    await keep_voices(world.objects, ANNA, MemoryId("m1"), voices)
    await assign(world, 0, OWNER)
    await world.learn.forget_sample(ANNA, MemoryId("m1"), 0)
    assert await sources(world, OWNER) == []


@pytest.mark.parametrize("index", [-1, 7, 10**12])
async def test_a_sample_that_never_was_is_not_found(world: VoiceWorld, index: int) -> None:
    for memory in ("m1", "m2", "../m1"):
        with pytest.raises(SampleNotFound):
            await world.learn.forget_sample(ANNA, MemoryId(memory), index)


async def confirm(world: VoiceWorld, person: str, *, pitch: float, samples: int = 48_000, segment: str = "x") -> bool:
    embedding = await world.encoder.encode(tone(3, pitch=pitch))
    return await world.learn.confirm(
        ANNA, person, memory=MemoryId("m9"), segment=SegmentId(segment), embedding=embedding, samples=samples
    )


async def test_a_voice_that_is_recognized_beyond_doubt_is_learned_once(world: VoiceWorld) -> None:
    await assign(world, 1, BERT)
    assert await confirm(world, BERT, pitch=HIGH + 5)
    assert not await confirm(world, BERT, pitch=HIGH + 5)
    assert await sources(world, BERT) == ["m1:s1", "m9:x"]


async def test_nobody_is_learned_from_matches_alone_or_from_doubtful_ones(world: VoiceWorld) -> None:
    assert not await confirm(world, BERT, pitch=HIGH)
    await assign(world, 1, BERT)
    assert not await confirm(world, BERT, pitch=LOW)
    assert not await confirm(world, BERT, pitch=HIGH, samples=47_000)
    assert await sources(world, BERT) == ["m1:s1"]


async def test_a_voice_that_two_people_could_have_is_not_learned(world: VoiceWorld) -> None:
    await assign(world, 1, BERT)
    await world.keep_memory([(LONG, tone(3, pitch=HIGH + 4))], name="m2")
    await world.learn.assign(ANNA, Assignment(memory=MemoryId("m2"), index=0, person=PersonId("cleo")))
    assert not await confirm(world, BERT, pitch=HIGH + 2)


async def test_of_too_many_the_most_diverse_stay_and_what_the_user_said_stays(world: VoiceWorld) -> None:
    await assign(world, 1, BERT)
    for number in range(MOST_EXEMPLARS + 3):
        assert await confirm(world, BERT, pitch=HIGH + (5 if number else 12), segment=f"x{number}")
    kept = await sources(world, BERT)
    assert len(kept) == MOST_EXEMPLARS
    assert {"m1:s1", "m9:x0"} <= set(kept)


async def test_learning_from_one_encoder_keeps_what_another_learned(world: VoiceWorld) -> None:
    class Other(FakeSpeakerEncoder):
        name = "other"

    await assign(world, 1, BERT)
    other = VoiceWorld(world, encoder=Other())
    await assign(other, 1, BERT)
    assert await sources(other, BERT) == ["m1:s1"]
    assert OWNER not in await other.profiles.known(ANNA)


async def test_real_people_are_learned_from_one_correction(audio_folder: Path) -> None:
    async with real_voices() as world:
        steve = await world.add_person("Steve")
        conversation = read(audio_folder / "conv_katie_steve.wav")
        await world.keep_memory(
            [
                (LONG, conversation[2 * int(9.35 * 16_000) : 2 * int(14.85 * 16_000)]),
                (LONG, conversation[2 * int(15.1 * 16_000) : 2 * int(17.8 * 16_000)] + silence(0.5)),
            ]
        )
        assert (await assign(world, 1, steve)).learning is Learning.LEARNED
        assert (await assign(world, 0, steve)).learning is Learning.OUTLIER
        known = await world.profiles.known(ANNA)
        enrolled = read(audio_folder / "enroll_steve.wav")
        voice = await world.encoder.encode(enrolled[2 * 16_000 : 2 * 16_000 * 5])
        assert matched(voice, known, world.profiles.calibration).person == steve
