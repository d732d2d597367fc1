"""Saving memories in Firestore: what is new takes one call, what is there is found wherever it is."""

from collections.abc import AsyncIterator

import pytest

from adapters.inbound.simulators.firestore import FirestoreSimulation, serve_firestore
from adapters.outbound.memory_repository.firestore import FirestoreMemoryRepository, MemoryCollection
from tests.support.memories import a_memory, a_segment
from tests.unit.adapters.outbound.memory_repository.test_firestore import ID, ME, a_long_talk, settings


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
