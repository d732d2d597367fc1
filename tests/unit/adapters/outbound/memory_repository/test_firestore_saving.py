"""Saving memories in Firestore: what is new takes one call, what is there is found wherever it is."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import structs

from adapters.inbound.simulators.firestore import FirestoreSimulation, serve_firestore
from adapters.outbound.memory_repository.firestore import FirestoreMemoryRepository, MemoryCollection
from adapters.outbound.text_embedder.fake import FakeTextEmbedder
from adapters.outbound.text_index.sqlite import SqliteTextIndex
from adapters.outbound.vector_index.sqlite import SqliteVectorIndex, SqliteVectorIndexSettings
from application.questions.recall import Recall
from domain.memory import Photo, Structure
from tests.support.memories import a_memory, a_segment
from tests.unit.adapters.outbound.memory_repository.test_firestore import ID, ME, a_long_talk, client_of, settings
from tests.unit.adapters.outbound.memory_repository.test_firestore_eras import SEGMENTS


@pytest.fixture
async def simulation() -> AsyncIterator[FirestoreSimulation]:
    async with serve_firestore() as ready:
        yield ready


async def test_a_new_memory_takes_one_call(simulation: FirestoreSimulation) -> None:
    async with FirestoreMemoryRepository(settings(simulation)) as repository:
        await repository.save(ME, a_memory(segments=a_long_talk(words=20_000, hours=2)))
    assert simulation.metrics.requests == {"Commit": 1}


@pytest.mark.parametrize("place", list(MemoryCollection))
async def test_a_memory_that_is_there_under_either_name_is_replaced_where_it_is(
    simulation: FirestoreSimulation, place: MemoryCollection
) -> None:
    async with FirestoreMemoryRepository(settings(simulation, collection=place)) as other:
        await other.save(ME, a_memory(segments=(a_segment("Before."),)))
    async with FirestoreMemoryRepository(settings(simulation)) as repository:
        await repository.save(ME, a_memory(segments=(a_segment("Now."),)))
        assert (await repository.get(ME, ID)).segments == (a_segment("Now."),)
    assert [name for name in simulation.store.names() if name.endswith(f"/{ID}")] == [f"users/{ME}/{place}/{ID}"]


async def test_a_conversation_of_twelve_hours_is_searched(simulation: FirestoreSimulation, tmp_path: Path) -> None:
    talk = a_memory(segments=a_long_talk(words=20_000, hours=12))
    sought = talk.segments[1_500]
    async with (
        FirestoreMemoryRepository(settings(simulation)) as repository,
        SqliteTextIndex(tmp_path) as texts,
        SqliteVectorIndex(tmp_path, settings=SqliteVectorIndexSettings()) as vectors,
    ):
        await repository.save(ME, talk)
        recall = Recall(memories=repository, embedder=FakeTextEmbedder(), texts=texts, vectors=vectors)
        await recall.index(ME, talk)
        [found] = await recall.search(ME, sought.text)
    assert found.memory == talk
    assert sought.text in " ".join(passage.text for passage in found.passages)


async def test_a_memory_where_new_ones_go_is_read_without_looking_elsewhere(simulation: FirestoreSimulation) -> None:
    async with FirestoreMemoryRepository(settings(simulation)) as repository:
        await repository.save(ME, a_memory(segments=(a_segment(),)))
        before = simulation.metrics.documents_read
        await repository.get(ME, ID)
    assert simulation.metrics.documents_read == before + 2


async def test_another_title_writes_nothing_of_photos_and_transcript(simulation: FirestoreSimulation) -> None:
    async with FirestoreMemoryRepository(settings(simulation)) as repository:
        whole = a_memory(segments=(a_segment(),), photos=(Photo(base64="aGk=" * 500),))
        await repository.save(ME, whole)
        before = simulation.metrics.documents_written
        titled = await repository.update(ME, ID, lambda now: structs.replace(now, structure=Structure(title="Other")))
        assert simulation.metrics.documents_written == before + 1
        assert titled == await repository.get(ME, ID) == structs.replace(whole, structure=Structure(title="Other"))


async def test_what_others_wrote_into_a_header_is_laid_out_with_the_next_change(
    simulation: FirestoreSimulation,
) -> None:
    async with FirestoreMemoryRepository(settings(simulation)) as repository:
        await repository.save(ME, a_memory(segments=(a_segment("Ours."),)))
        reference = client_of(repository).document(f"users/{ME}/memories/{ID}")
        await reference.update({"transcript_segments": SEGMENTS})
        found = await repository.update(ME, ID, lambda now: structs.replace(now, language="en"))
        assert [segment.text for segment in found.segments] == ["Shall we?", "Yes."]
        assert await repository.get(ME, ID) == found
        assert (await reference.get()).get("transcript_segments") == []
