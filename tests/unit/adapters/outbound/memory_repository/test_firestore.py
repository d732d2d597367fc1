"""How memories lie in Firestore: small headers, parts that are written once, nothing left behind."""

import random
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import accumulate
from typing import Any

import anyio
import pytest
from google.cloud.firestore import AsyncClient
from msgspec import structs

from adapters.inbound.simulators.firestore import FirestoreSimulation, serve_firestore
from adapters.inbound.simulators.firestore_faults import FirestoreFault, FirestoreFaultKind, FirestoreScript
from adapters.outbound.memory_repository.firestore import (
    FirestoreMemoryRepository,
    FirestoreMemoryRepositorySettings,
    MemoryCollection,
)
from adapters.outbound.user_encryption import Protection
from domain.ids import MemoryId, UserId, derived_id
from domain.memory import ActionItem, Memory, Photo, PluginResult, Structure
from domain.transcript import TranscriptSegment
from ports.errors import NotFound, Rejected, TemporarilyUnavailable
from ports.memory_repository import MemoryQuery
from tests.support.firestore import reaching
from tests.support.memories import NOON, a_memory, a_segment
from tests.unit.adapters.outbound.memory_repository.test_firestore_eras import SEGMENTS, SUMMER_2024, compressed

ME, OTHER = UserId("me"), UserId("other")
ID = MemoryId("memory")
LARGEST = 300 * 1024
SECRET = "a secret of at least 32 characters"  # noqa: S105 - of nobody


@pytest.fixture
async def simulation() -> AsyncIterator[FirestoreSimulation]:
    async with serve_firestore() as ready:
        yield ready


@pytest.fixture
async def repository(simulation: FirestoreSimulation) -> AsyncIterator[FirestoreMemoryRepository]:
    async with FirestoreMemoryRepository(settings(simulation)) as ready:
        yield ready


def settings(simulation: FirestoreSimulation, **fields: Any) -> FirestoreMemoryRepositorySettings:
    return reaching(simulation, FirestoreMemoryRepositorySettings, **fields)


def client_of(repository: FirestoreMemoryRepository) -> AsyncClient:
    return repository._connection._client


def a_long_talk(*, words: int, hours: float) -> tuple[TranscriptSegment, ...]:
    """Made-up talk of four people, in sentences of about ten words that are as common as words are."""
    rng = random.Random(7)
    vocabulary = ["".join(rng.choices("etaoinshrdlucmfw", k=rng.randint(2, 8))) for _ in range(6_000)]
    often = list(accumulate(1 / place for place in range(1, len(vocabulary) + 1)))
    sentences = words // 10
    step = round(hours * 3_600 * 16_000 / sentences)
    return tuple(
        TranscriptSegment(
            id=derived_id("talk", str(number)),
            text=" ".join(rng.choices(vocabulary, cum_weights=often, k=10)).capitalize() + ".",
            start=number * step,
            end=number * step + step * 4 // 5,
            speaker=rng.randrange(4),
            recognizer="moonshine",
        )
        for number in range(sentences)
    )


def paths(simulation: FirestoreSimulation, kind: str) -> list[str]:
    return [name for name in simulation.store.names() if f"/{kind}/" in name]


async def test_twelve_hours_are_stored_in_small_documents_and_read_back(
    simulation: FirestoreSimulation, repository: FirestoreMemoryRepository
) -> None:
    talk = a_memory(segments=a_long_talk(words=115_000, hours=12), structure=Structure(title="A day"))
    await repository.save(ME, talk)
    once = simulation.metrics.bytes_written
    assert simulation.metrics.largest_document <= LARGEST
    assert once / 12 < 80_000
    assert await repository.get(ME, ID) == talk

    titled = await repository.update(
        ME, ID, lambda now: structs.replace(now, structure=structs.replace(now.structure, title="Sunday"))
    )
    assert titled == structs.replace(talk, structure=Structure(title="Sunday"))
    assert await repository.get(ME, ID) == titled
    assert simulation.metrics.bytes_written <= 1.2 * once
    assert simulation.metrics.bytes_written - once <= 20_000


async def test_saving_the_same_transcript_again_writes_a_header_alone(
    simulation: FirestoreSimulation, repository: FirestoreMemoryRepository
) -> None:
    talk = a_memory(segments=a_long_talk(words=20_000, hours=2))
    await repository.save(ME, talk)
    before = simulation.metrics.documents_written
    await repository.save(ME, structs.replace(talk, language="en"))
    assert simulation.metrics.documents_written == before + 1


async def test_a_transcript_that_grows_keeps_its_first_parts(
    simulation: FirestoreSimulation, repository: FirestoreMemoryRepository
) -> None:
    talk = a_long_talk(words=40_000, hours=4)
    await repository.save(ME, a_memory(segments=talk[:3_900]))
    before = set(paths(simulation, "transcript"))
    await repository.save(ME, a_memory(segments=talk))
    after = set(paths(simulation, "transcript"))
    assert len(before - after) <= 1
    assert (await repository.get(ME, ID)).segments == talk


async def test_a_transcript_that_changed_leaves_nothing_of_the_one_before(
    simulation: FirestoreSimulation, repository: FirestoreMemoryRepository
) -> None:
    await repository.save(ME, a_memory(segments=(a_segment("Before."),)))
    await repository.save(ME, a_memory(segments=(a_segment("After."),)))
    assert len(paths(simulation, "transcript")) == 1


async def test_a_memory_with_everything_large_has_a_small_header(
    simulation: FirestoreSimulation, repository: FirestoreMemoryRepository
) -> None:
    noise = random.Random(1).randbytes(600_000).hex()
    large = a_memory(
        structure=Structure(
            title=noise[:9_000],
            overview=noise[:200_000],
            action_items=tuple(ActionItem(description=noise[n : n + 500], owner="Ada") for n in range(60)),
        ),
        segments=(a_segment(noise),),
        photos=tuple(Photo(base64=noise[n:], description=f"{n}") for n in range(3)),
        plugin_results=(PluginResult(plugin_id=None, content=noise[:30_000]),),
        external={"noise": noise},
    )
    await repository.save(ME, large)
    assert await repository.get(ME, ID) == large
    assert simulation.metrics.largest_document <= LARGEST
    header = await client_of(repository).document("users/me/memories/memory").get()
    assert len(header.get("structured.overview")) < 2_000
    assert simulation.store.size("users/me/memories/memory") <= 20_000


async def test_more_than_a_call_takes_is_written_in_several(
    simulation: FirestoreSimulation, repository: FirestoreMemoryRepository
) -> None:
    noise = random.Random(1).randbytes(8_000_000).hex()
    album = a_memory(photos=tuple(Photo(base64=noise[n * 1_000_000 :][:1_000_000]) for n in range(16)))
    await repository.save(ME, album)
    assert simulation.metrics.requests["Commit"] > 1
    assert await repository.get(ME, ID) == album


async def test_earlier_readers_find_what_they_know(repository: FirestoreMemoryRepository) -> None:
    await repository.save(ME, a_memory(structure=Structure(title="Dinner"), language="en"))
    found = (await client_of(repository).document("users/me/memories/memory").get()).to_dict() or {}
    assert found["structured"]["title"] == "Dinner"
    assert (found["id"], found["created_at"], found["language"]) == ("memory", NOON, "en")
    assert (found["discarded"], found["deleted"], found["status"]) == (False, False, "completed")


async def test_what_other_programs_change_is_seen_and_the_rest_is_kept(repository: FirestoreMemoryRepository) -> None:
    items = (ActionItem(description="Book", owner="Ada", confidence=0.5), ActionItem(description="Cook"))
    await repository.save(ME, a_memory(structure=Structure(title="Dinner", action_items=items), topics=("food",)))
    reference = client_of(repository).document("users/me/memories/memory")
    ticked = [{"description": "Book", "completed": True, "deleted": False}, {"description": "Cook"}]
    await reference.update({"structured.title": "Supper", "structured.action_items": ticked, "app_id": "theirs"})

    found = await repository.get(ME, ID)
    assert found.structure.title == "Supper"
    assert found.structure.action_items[0] == structs.replace(items[0], completed=True)
    assert found.topics == ("food",)
    await repository.update(ME, ID, lambda now: structs.replace(now, language="en"))
    assert (await repository.get(ME, ID)) == structs.replace(found, language="en")
    assert (await reference.get()).get("app_id") == "theirs"


async def test_a_deleted_memory_leaves_nothing_at_all(
    simulation: FirestoreSimulation, repository: FirestoreMemoryRepository
) -> None:
    full = a_memory(segments=(a_segment(),), photos=(Photo(base64="aGk="),), external={"x": "y" * 30_000})
    await repository.save(ME, full)
    await repository.save(OTHER, a_memory())
    services = client_of(repository).collection("users/me/memories/memory/soniox_streaming")
    await services.document("left by another program").set(SEGMENTS[0])
    await repository.delete(ME, ID)
    assert simulation.store.names() == ["users/other/memories/memory"]


async def test_deleting_goes_on_where_it_was_cut_off(
    simulation: FirestoreSimulation, repository: FirestoreMemoryRepository
) -> None:
    async with FirestoreMemoryRepository(settings(simulation, patience=0.0)) as impatient:
        await repository.save(ME, a_memory(segments=(a_segment(),)))
        simulation.script = FirestoreScript(faults=(FirestoreFault(methods=("ListDocuments",)),))
        with pytest.raises(TemporarilyUnavailable):
            await impatient.delete(ME, ID)
    with pytest.raises(NotFound):
        await repository.get(ME, ID)
    simulation.script = FirestoreScript()
    await repository.delete(ME, ID)
    assert simulation.store.names() == []


@pytest.mark.parametrize("call", [2, 3])
async def test_a_change_whose_answer_got_lost_is_made_once(
    simulation: FirestoreSimulation, repository: FirestoreMemoryRepository, call: int
) -> None:
    lost = FirestoreFault(kind=FirestoreFaultKind.LOST_ANSWER, methods=("Commit",), calls=(call,))
    simulation.script = FirestoreScript(faults=(lost,))
    await repository.save(ME, a_memory(external={"count": 0}))
    for _ in range(2):
        await repository.update(
            ME, ID, lambda now: structs.replace(now, external={"count": (now.external or {})["count"] + 1})
        )
    assert (await repository.get(ME, ID)).external == {"count": 2}


async def test_a_memory_whose_saving_was_not_confirmed_is_stored_once(
    simulation: FirestoreSimulation, repository: FirestoreMemoryRepository
) -> None:
    lost = FirestoreFault(kind=FirestoreFaultKind.LOST_ANSWER, methods=("Commit",), calls=(1,))
    simulation.script = FirestoreScript(faults=(lost,))
    await repository.save(ME, a_memory(segments=(a_segment(),)))
    assert (await repository.get(ME, ID)).segments == (a_segment(),)


async def test_who_reads_meets_whole_memories_while_others_write(repository: FirestoreMemoryRepository) -> None:
    versions = [a_memory(language=f"{n}", segments=(a_segment(f"Version {n}."),)) for n in range(20)]
    await repository.save(ME, versions[0])

    async def write() -> None:
        for version in versions:
            await repository.save(ME, version)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(write)
        for _ in range(20):
            assert await repository.get(ME, ID) in versions
            assert (await repository.page(ME, MemoryQuery())).memories[0] in versions


async def test_memories_of_both_collections_are_one_list(simulation: FirestoreSimulation) -> None:
    renamed = settings(simulation, collection=MemoryCollection.CONVERSATIONS)
    async with (
        FirestoreMemoryRepository(settings(simulation)) as before,
        FirestoreMemoryRepository(renamed) as after,
    ):
        for minute in range(6):
            await (before, after)[minute % 2].save(ME, a_memory(f"m{minute}", minute=minute))
        assert [m.id for m in (await after.page(ME, MemoryQuery(limit=4))).memories] == ["m5", "m4", "m3", "m2"]
        await after.update(ME, MemoryId("m0"), lambda now: structs.replace(now, language="en"))
        assert (await before.get(ME, MemoryId("m0"))).language == "en"
        await before.delete(ME, MemoryId("m5"))
    assert len(paths(simulation, "memories")) == 3
    assert len(paths(simulation, "conversations")) == 2


async def test_a_memory_that_was_copied_when_collections_were_renamed_is_listed_once(
    repository: FirestoreMemoryRepository,
) -> None:
    for collection in ("memories", "conversations"):
        await client_of(repository).document(f"users/me/{collection}/7d1c").set(SUMMER_2024)
    assert [m.id for m in (await repository.page(ME, MemoryQuery())).memories] == ["7d1c"]


async def test_facts_in_the_collection_of_memories_are_left_alone(
    simulation: FirestoreSimulation, repository: FirestoreMemoryRepository
) -> None:
    fact = {"id": "memory", "uid": "me", "content": "Likes pasta.", "created_at": NOON}
    await client_of(repository).document("users/me/memories/memory").set(fact)
    with pytest.raises(NotFound):
        await repository.get(ME, ID)
    assert (await repository.page(ME, MemoryQuery())).memories == ()
    await repository.delete(ME, ID)
    assert simulation.store.names() == ["users/me/memories/memory"]
    await repository.save(ME, a_memory())
    assert simulation.store.names() == ["users/me/conversations/memory", "users/me/memories/memory"]


async def test_a_memory_of_2024_is_read_listed_changed_and_deleted(
    simulation: FirestoreSimulation, repository: FirestoreMemoryRepository
) -> None:
    client = client_of(repository)
    await client.document("users/me/memories/7d1c").set(SUMMER_2024)
    photo = {"id": "p", "base64": "aGk=", "description": "A hill"}
    await client.document("users/me/memories/7d1c/photos/random").set(photo)
    found = await repository.get(ME, MemoryId("7d1c"))
    assert [segment.text for segment in found.segments] == ["Shall we?", "Yes."]
    assert found.photos == (Photo(id="p", base64="aGk=", description="A hill"),)
    assert (await repository.page(ME, MemoryQuery())).memories == (found,)

    changed = await repository.update(ME, found.id, lambda now: structs.replace(now, language="de"))
    assert changed == structs.replace(found, language="de") == await repository.get(ME, found.id)
    await repository.delete(ME, found.id)
    assert simulation.store.names() == []


async def test_many_memories_of_2024_are_one_page(repository: FirestoreMemoryRepository) -> None:
    for number in range(20):
        document = SUMMER_2024 | {"id": f"m{number}", "created_at": NOON + timedelta(minutes=number)}
        await client_of(repository).document(f"users/me/memories/m{number}").set(document)
    await repository.save(ME, a_memory("new", minute=60))
    page = await repository.page(ME, MemoryQuery())
    assert [memory.id for memory in page.memories] == ["new", *(f"m{number}" for number in range(19, -1, -1))]


async def test_a_memory_that_was_put_away_in_2024_stays_away(repository: FirestoreMemoryRepository) -> None:
    await client_of(repository).document("users/me/memories/7d1c").set(SUMMER_2024 | {"deleted": True})
    with pytest.raises(NotFound):
        await repository.get(ME, MemoryId("7d1c"))
    assert (await repository.page(ME, MemoryQuery())).memories == ()


async def test_where_a_memory_of_2024_has_no_transcript_what_a_service_heard_is_read(
    repository: FirestoreMemoryRepository,
) -> None:
    client = client_of(repository)
    await client.document("users/me/memories/7d1c").set(SUMMER_2024 | {"transcript_segments": []})
    for number, entry in enumerate(SEGMENTS):
        await client.document(f"users/me/memories/7d1c/deepgram_streaming/{number}").set(entry)
    found = await repository.get(ME, MemoryId("7d1c"))
    assert [segment.recognizer for segment in found.segments] == ["deepgram_streaming"] * 2


async def test_what_was_encrypted_stays_encrypted_when_it_changes(simulation: FirestoreSimulation) -> None:
    me = UserId("28aBcDeFgHiJkLmNoPqRsTuVwXy2")
    async with FirestoreMemoryRepository(settings(simulation, encryption_secret=SECRET)) as repository:
        reference = client_of(repository).document(f"users/{me}/conversations/7d1c")
        await reference.set(compressed("enhanced"))
        said = a_segment("A sentence that nobody else says.")
        await repository.update(me, MemoryId("7d1c"), lambda now: structs.replace(now, segments=(said,)))
        assert (await repository.get(me, MemoryId("7d1c"))).segments == (said,)
        assert (await reference.get()).get("data_protection_level") == "enhanced"
    async with FirestoreMemoryRepository(settings(simulation)) as without:
        with pytest.raises(Rejected, match="ENCRYPTION_SECRET"):
            await without.get(me, MemoryId("7d1c"))


async def test_new_memories_are_encrypted_where_that_is_set(simulation: FirestoreSimulation) -> None:
    enhanced = settings(simulation, encryption_secret=SECRET, protection=Protection.ENHANCED)
    full = a_memory(segments=(a_segment(),), photos=(Photo(base64="aGk="),), topics=("a secret",))
    async with FirestoreMemoryRepository(enhanced) as repository:
        await repository.save(ME, full)
        assert await repository.get(ME, ID) == full


async def test_a_damaged_part_is_told_and_not_quoted(
    simulation: FirestoreSimulation, repository: FirestoreMemoryRepository
) -> None:
    await repository.save(ME, a_memory(segments=(a_segment(),)))
    [part] = paths(simulation, "transcript")
    await client_of(repository).document(part).set({"content": b"noise"})
    with pytest.raises(TemporarilyUnavailable, match="damaged"):
        await repository.get(ME, ID)
    await client_of(repository).document(part).delete()
    with pytest.raises(TemporarilyUnavailable, match="missing"):
        await repository.get(ME, ID)


async def test_a_list_reads_no_more_than_a_page(
    simulation: FirestoreSimulation, repository: FirestoreMemoryRepository
) -> None:
    for minute in range(40):
        await repository.save(ME, a_memory(f"m{minute}", minute=minute, segments=(a_segment(),)))
    before = simulation.metrics.documents_read
    page = await repository.page(ME, MemoryQuery(limit=5))
    assert simulation.metrics.documents_read - before <= 6 + 5
    before = simulation.metrics.documents_read
    await repository.page(ME, MemoryQuery(limit=5, cursor=page.next_cursor))
    assert simulation.metrics.documents_read - before <= 6 + 5


async def test_a_list_that_cannot_be_read_fails_with_one_error(simulation: FirestoreSimulation) -> None:
    simulation.script = FirestoreScript(faults=(FirestoreFault(methods=("RunQuery",)),))
    async with FirestoreMemoryRepository(settings(simulation, patience=0.0)) as repository:
        with pytest.raises(TemporarilyUnavailable):
            await repository.page(ME, MemoryQuery())


async def test_whole_numbers_of_any_size_and_lists_in_lists_are_kept(repository: FirestoreMemoryRepository) -> None:
    external = {"number": 2**70, "lists": [[1, [2]]], "": {"__x__": None}}
    await repository.save(ME, a_memory(external=external))
    assert (await repository.get(ME, ID)).external == external


def test_a_talk_is_as_long_as_asked() -> None:
    talk = a_long_talk(words=1_150, hours=0.12)
    assert sum(len(segment.text.split()) for segment in talk) == 1_150
    assert timedelta(seconds=talk[-1].end / 16_000) < timedelta(hours=0.12)
    assert isinstance(a_memory(segments=talk), Memory)
