"""Several memories of Firestore at once: few calls, wherever they lie and whoever writes meanwhile."""

from collections.abc import AsyncIterator, Sequence

import anyio
import pytest

from adapters.inbound.simulators.firestore import FirestoreSimulation, serve_firestore
from adapters.outbound.memory_repository.firestore import (
    FirestoreMemoryRepository,
    FirestoreMemoryRepositorySettings,
    MemoryCollection,
)
from adapters.outbound.memory_repository.firestore_headers import Header
from adapters.outbound.text_embedder.fake import FakeTextEmbedder
from adapters.outbound.text_index.memory import InMemoryTextIndex
from adapters.outbound.vector_index.memory import InMemoryVectorIndex
from application.questions.answer_question import AnswerQuestion
from application.questions.gather_passages import MOST_PASSAGES
from application.questions.recall import Recall
from domain.ids import MemoryId, UserId
from domain.memory import Memory, Structure
from ports.errors import TemporarilyUnavailable
from ports.memory_repository import MemoryQuery
from tests.support.firestore import reaching
from tests.support.memories import a_memory, a_segment
from tests.unit.adapters.outbound.memory_repository.test_firestore_eras import SUMMER_2024

ME = UserId("me")


@pytest.fixture
async def simulation() -> AsyncIterator[FirestoreSimulation]:
    async with serve_firestore() as ready:
        yield ready


@pytest.fixture
async def repository(simulation: FirestoreSimulation) -> AsyncIterator[FirestoreMemoryRepository]:
    async with FirestoreMemoryRepository(reaching(simulation, FirestoreMemoryRepositorySettings)) as ready:
        yield ready


async def read(repository: FirestoreMemoryRepository, names: Sequence[str]) -> list[str]:
    return [found.id for found in await repository.several(ME, [MemoryId(name) for name in names])]


def calls(simulation: FirestoreSimulation) -> int:
    """Since this was asked last."""
    made = simulation.metrics.requests.pop("BatchGetDocuments", 0)
    assert set(simulation.metrics.requests) <= {"Commit"}
    return made


async def keep(repository: FirestoreMemoryRepository, count: int) -> list[str]:
    names = [f"m{number}" for number in range(count)]
    for name in names:
        await repository.save(ME, a_memory(name, segments=(a_segment(f"The budget of {name}."),)))
    return names


async def test_a_dozen_takes_two_calls_and_no_ids_take_none(
    simulation: FirestoreSimulation, repository: FirestoreMemoryRepository
) -> None:
    names = await keep(repository, 12)
    assert calls(simulation) == 0
    assert await read(repository, names) == names
    assert calls(simulation) == 2
    assert await read(repository, []) == []
    assert calls(simulation) == 0


async def test_those_that_are_not_where_new_ones_go_take_one_call_more(simulation: FirestoreSimulation) -> None:
    renamed = reaching(simulation, FirestoreMemoryRepositorySettings, collection=MemoryCollection.CONVERSATIONS)
    async with (
        FirestoreMemoryRepository(reaching(simulation, FirestoreMemoryRepositorySettings)) as before,
        FirestoreMemoryRepository(renamed) as after,
    ):
        for number in range(12):
            await (before, after)[number % 2].save(ME, a_memory(f"m{number}", segments=(a_segment(),)))
        names = [f"m{number}" for number in range(12)]
        assert await read(after, ["gone", *names]) == names
        assert calls(simulation) == 3


async def test_memories_of_2024_are_among_them(repository: FirestoreMemoryRepository) -> None:
    names = await keep(repository, 2)
    users = repository._connection.user(ME)
    await users.collection("memories").document("7d1c").set(SUMMER_2024)
    await users.collection("conversations").document("away").set(SUMMER_2024 | {"deleted": True})
    found = await repository.several(ME, [MemoryId(name) for name in (names[1], "away", "7d1c", names[0])])
    assert [one.id for one in found] == [names[1], "7d1c", names[0]]
    assert found[1] == await repository.get(ME, MemoryId("7d1c"))


async def test_who_reads_several_meets_whole_memories_while_others_write(repository: FirestoreMemoryRepository) -> None:
    versions = [a_memory("m0", language=f"{n}", segments=(a_segment(f"Version {n}."),)) for n in range(20)]
    await keep(repository, 2)
    await repository.save(ME, versions[0])

    async def write() -> None:
        for version in versions:
            await repository.save(ME, version)
        await repository.delete(ME, versions[0].id)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(write)
        found = await repository.several(ME, [MemoryId("m0"), MemoryId("m1")])
        while len(found) == 2:
            assert found[0] in versions
            found = await repository.several(ME, [MemoryId("m0"), MemoryId("m1")])
    assert [one.id for one in found] == ["m1"]


async def test_a_page_leaves_out_what_is_deleted_while_it_is_read(
    repository: FirestoreMemoryRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keep(repository, 3)
    read = repository._reader.read

    async def read_later(user: UserId, headers: list[Header]) -> list[Memory | None]:
        await repository.delete(ME, MemoryId(headers[-1].identifier))
        return await read(user, headers)

    monkeypatch.setattr(repository._reader, "read", read_later)
    page = await repository.page(ME, MemoryQuery(limit=2))
    monkeypatch.undo()
    rest = await repository.page(ME, MemoryQuery(limit=2, cursor=page.next_cursor))
    assert [len(page.memories), len(rest.memories), rest.next_cursor] == [1, 1, None]


async def test_one_with_a_part_missing_fails_them_all(repository: FirestoreMemoryRepository) -> None:
    names = await keep(repository, 3)
    parts = repository._connection.user(ME).collection("memories").document("m1").collection("transcript")
    for part in await repository._connection.names(parts):
        await part.delete()
    with pytest.raises(TemporarilyUnavailable, match="missing"):
        await read(repository, names)


async def test_a_search_and_a_question_read_all_they_show_in_two_calls(
    simulation: FirestoreSimulation, repository: FirestoreMemoryRepository
) -> None:
    texts, vectors = InMemoryTextIndex(), InMemoryVectorIndex()
    recall = Recall(memories=repository, embedder=FakeTextEmbedder(), texts=texts, vectors=vectors)
    for number in range(20):
        memory = a_memory(f"m{number}", segments=(a_segment("The budget."),), structure=Structure())
        await repository.save(ME, memory)
        await recall.index(ME, memory)
    calls(simulation)
    assert len(await recall.search(ME, "budget")) == 10
    assert calls(simulation) == 2
    assert len(await AnswerQuestion(recall=recall).passages(ME, "budget")) == MOST_PASSAGES
    assert calls(simulation) == 2
