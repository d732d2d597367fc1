"""People, and what becomes of memories and voices when they go, join and part."""

import pytest

from application.voices.learn_voices import Assignment
from domain.errors import InvalidRequest
from domain.ids import MemoryId, PersonId
from domain.speaker import OWNER
from domain.voice_errors import PersonNotFound, SampleNotFound
from tests.support.voices import ANNA, VoiceWorld, tone

LONG = "this is something that has more words than five"
M1 = MemoryId("m1")


@pytest.fixture
async def world() -> VoiceWorld:
    """Bert and Cleo, who spoke a segment each, in a memory that is recorded."""
    world = VoiceWorld()
    await world.keep_memory([(LONG, tone(3, pitch=500)), (LONG, tone(3, pitch=510)), (LONG, tone(3, pitch=520))])
    for name, index in (("Bert", 0), ("Cleo", 1)):
        person = await world.add_person(name)
        await world.learn.assign(ANNA, Assignment(memory=M1, index=index, person=person))
    return world


async def speakers(world: VoiceWorld) -> list[str | None]:
    memory = await world.memories.get(ANNA, M1)
    return [OWNER if segment.is_user else segment.person_id for segment in memory.segments]


async def learned(world: VoiceWorld, person: str) -> list[str]:
    return sorted(e.source for e in (await world.profiles.of(ANNA, person)).exemplars)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Jo", "Jo"),
        ("  Anna   Maria ", "Anna Maria"),
        ("Jose\u0301", "José"),
        ("李雷", "李雷"),
        ("👩‍👩‍👧 Müller", "👩‍👩‍👧 Müller"),
        ("x" * 40, "x" * 40),
        ("O'Brien; DROP TABLE", "O'Brien; DROP TABLE"),
    ],
)
async def test_a_person_is_added_under_a_name(given: str, kept: str) -> None:
    world = VoiceWorld()
    person = await world.manage_people.create(ANNA, given)
    assert (person.name, await world.manage_people.get(ANNA, person.id)) == (kept, person)


@pytest.mark.parametrize(
    "name", ["", "x", " x ", "x" * 41, "\u200d\u200d\u200d", "nul\0name", "a\u202eb", "half \ud800", "e\u0301"]
)
async def test_what_is_no_name_is_refused(name: str) -> None:
    world = VoiceWorld()
    with pytest.raises(InvalidRequest):
        await world.manage_people.create(ANNA, name)
    assert await world.manage_people.list(ANNA) == ()


async def test_people_are_listed_with_their_samples(world: VoiceWorld) -> None:
    assert [(p.name, p.speech_samples) for p in await world.manage_people.list(ANNA)] == [
        ("Bert", ("people_profiles/bert/m1_segment_0.wav",)),
        ("Cleo", ("people_profiles/cleo/m1_segment_1.wav",)),
    ]


async def test_a_renamed_person_stays_known_under_the_new_name(world: VoiceWorld) -> None:
    await world.profiles.known(ANNA)
    await world.clock.advance(60)
    renamed = await world.manage_people.rename(ANNA, PersonId("bert"), "Berta")
    assert (renamed.name, renamed.updated_at > renamed.created_at) == ("Berta", True)
    assert [p.name for p in await world.profiles.profiles(ANNA)] == ["Berta", "Cleo"]


async def test_a_deleted_person_is_gone_from_everywhere(world: VoiceWorld) -> None:
    await world.manage_people.delete(ANNA, PersonId("bert"))
    assert list(await world.profiles.known(ANNA)) == ["cleo"]
    assert await world.objects.list(ANNA, "people_profiles/bert/") == ()
    await world.work()
    assert (await speakers(world), world.failures) == ([None, "cleo", None], [])


async def test_a_deletion_is_finished_after_a_crash(world: VoiceWorld) -> None:
    world.profiles.forget = None  # the process ends here
    with pytest.raises(TypeError):
        await world.manage_people.delete(ANNA, PersonId("bert"))
    later = VoiceWorld(world)
    await later.work()
    assert await speakers(later) == [None, "cleo", None]
    assert [p.name for p in await later.manage_people.list(ANNA)] == ["Cleo"]
    assert await later.objects.list(ANNA, "people_profiles/bert/") == ()


async def test_who_is_not_there_is_not_found(world: VoiceWorld) -> None:
    nobody = PersonId("nobody")
    for asked in (
        world.manage_people.get(ANNA, nobody),
        world.manage_people.delete(ANNA, nobody),
        world.manage_people.rename(ANNA, nobody, "Name"),
        world.join_people.merge(ANNA, into=nobody, gone=PersonId("bert")),
        world.join_people.merge(ANNA, into=PersonId("bert"), gone=nobody),
        world.join_people.split(ANNA, nobody, sources=["m1:s0"], name="Name"),
    ):
        with pytest.raises(PersonNotFound):
            await asked
    assert await speakers(world) == ["bert", "cleo", None]


async def test_merged_people_are_one_with_both_voices_and_all_they_said(world: VoiceWorld) -> None:
    await world.join_people.merge(ANNA, into=PersonId("cleo"), gone=PersonId("bert"))
    assert await learned(world, "cleo") == ["m1:s0", "m1:s1"]
    assert [p.name for p in await world.manage_people.list(ANNA)] == ["Cleo"]
    assert await world.objects.list(ANNA, "people_profiles/") == (
        "people_profiles/cleo/m1_segment_0.wav",
        "people_profiles/cleo/m1_segment_1.wav",
    )
    await world.work()
    assert (await speakers(world), world.failures) == (["cleo", "cleo", None], [])


async def test_somebody_turns_out_to_be_the_owner(world: VoiceWorld) -> None:
    await world.join_people.merge(ANNA, into=OWNER, gone=PersonId("bert"))
    await world.work()
    assert await speakers(world) == [OWNER, "cleo", None]
    assert await learned(world, OWNER) == ["m1:s0"]


@pytest.mark.parametrize(("into", "gone"), [("bert", "bert"), ("bert", OWNER), (OWNER, OWNER)])
async def test_nobody_is_merged_into_themselves_and_the_owner_stays(world: VoiceWorld, into: str, gone: str) -> None:
    with pytest.raises(InvalidRequest):
        await world.join_people.merge(ANNA, into=PersonId(into), gone=PersonId(gone))


async def test_somebody_is_split_along_what_was_learned(world: VoiceWorld) -> None:
    await world.learn.assign(ANNA, Assignment(memory=M1, index=2, person=PersonId("bert")))
    other = await world.join_people.split(ANNA, PersonId("bert"), sources=["m1:s2"], name="Dora")
    assert (await learned(world, "bert"), await learned(world, other.id)) == (["m1:s0"], ["m1:s2"])
    assert await speakers(world) == ["bert", "cleo", other.id]
    assert other.speech_samples == (f"people_profiles/{other.id}/m1_segment_2.wav",)


async def test_nobody_is_split_along_nothing(world: VoiceWorld) -> None:
    with pytest.raises(SampleNotFound):
        await world.join_people.split(ANNA, PersonId("bert"), sources=["m1:s1", "enrollment"], name="Dora")
    assert len(await world.manage_people.list(ANNA)) == 2
