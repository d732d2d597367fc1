"""What only the index in Pinecone does."""

import random
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from adapters.inbound.simulators.pinecone import SimulatedPinecone, serve_pinecone
from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.vector_index.pinecone import PineconeVectorIndex, PineconeVectorIndexSettings
from domain.embedding import Embedding, cosine, normalized
from domain.ids import MemoryId, UserId
from ports.diagnosis import Condition
from ports.errors import Rejected, TemporarilyUnavailable
from ports.vector_index import VectorEntry

ANN, TRIP, SPACE = UserId("ann"), MemoryId("trip"), "minilm"


@pytest.fixture
async def pinecone() -> AsyncIterator[SimulatedPinecone]:
    async with serve_pinecone(key="key") as simulation:
        yield simulation


@asynccontextmanager
async def opened(pinecone: SimulatedPinecone, **fields: str | float) -> AsyncIterator[PineconeVectorIndex]:
    settings = PineconeVectorIndexSettings(**({"api_key": "key", "url": pinecone.url} | fields))
    async with PineconeVectorIndex(settings=settings, clock=ManualClock()) as index:
        yield index


def somewhere(rng: random.Random, *, dimension: int = 384) -> Embedding:
    return normalized(array("f", (rng.gauss(0, 1) for _ in range(dimension))))


async def test_a_passage_is_one_record_that_tells_its_memory_and_time(pinecone: SimulatedPinecone) -> None:
    rng = random.Random(1)
    async with opened(pinecone) as index:
        await index.put(ANN, TRIP, [VectorEntry(3, somewhere(rng), somewhere(rng))], space=SPACE)
    [(where, records)] = pinecone.indexes["omi-384"].namespaces.items()
    assert where == "ann#minilm"
    [record] = records.values()
    assert record.id == "trip#p#3"
    assert (record.metadata["m"], record.metadata["n"]) == ("trip", 3)
    assert record.metadata["t"] == int(ManualClock().now().timestamp())


async def test_both_cosines_are_told_apart_and_their_mean_decides(pinecone: SimulatedPinecone) -> None:
    rng = random.Random(2)
    entries = [VectorEntry(number, somewhere(rng), somewhere(rng)) for number in range(60)]
    query = somewhere(rng)
    async with opened(pinecone) as index:
        await index.put(ANN, TRIP, entries, space=SPACE)
        hits = await index.search(ANN, query, space=SPACE, limit=20)
    both = {
        entry.number: (cosine(query, entry.embedding), cosine(query, entry.context or entry.embedding))
        for entry in entries
    }
    assert [hit.number for hit in hits] == sorted(both, key=lambda number: -sum(both[number]))[:20]
    for hit in hits:
        assert (hit.score, hit.context) == pytest.approx(both[hit.number], abs=1e-3)


async def test_a_context_that_means_the_opposite_can_be_stored(pinecone: SimulatedPinecone) -> None:
    one, other = normalized(array("f", [1.0, 0.0])), normalized(array("f", [-1.0, 0.0]))
    async with opened(pinecone) as index:
        await index.put(ANN, TRIP, [VectorEntry(0, one, other)], space=SPACE)
        [hit] = await index.search(ANN, one, space=SPACE)
    assert (hit.score, hit.context) == pytest.approx((1, -1), abs=1e-3)


async def test_a_long_memory_goes_in_requests_that_pinecone_takes(pinecone: SimulatedPinecone) -> None:
    rng = random.Random(3)
    vectors = [somewhere(rng, dimension=1536) for _ in range(8)]
    entries = [VectorEntry(number, vectors[number % 8], vectors[number % 7]) for number in range(300)]
    async with opened(pinecone) as index:
        await index.put(ANN, TRIP, entries, space=SPACE)
        await index.put(ANN, TRIP, entries[:200], space=SPACE)
    assert pinecone.requests.count("POST /vectors/upsert") >= 6
    assert len(pinecone.indexes["omi-1536"].namespaces["ann#minilm"]) == 200


async def test_a_search_asks_pinecone_once(pinecone: SimulatedPinecone) -> None:
    rng = random.Random(4)
    async with opened(pinecone) as index:
        await index.put(ANN, TRIP, [VectorEntry(0, somewhere(rng))], space=SPACE)
        pinecone.requests.clear()
        await index.search(ANN, somewhere(rng), space=SPACE)
        assert pinecone.requests == ["POST /query"]


async def test_an_index_that_another_server_made_is_used(pinecone: SimulatedPinecone) -> None:
    rng = random.Random(5)
    async with opened(pinecone) as one, opened(pinecone) as other:
        query = somewhere(rng)
        assert await one.search(ANN, query, space=SPACE) == ()
        await other.put(ANN, TRIP, [VectorEntry(0, query)], space=SPACE)
        assert len(await one.search(ANN, query, space=SPACE)) == 1
        await other.put(ANN, TRIP, [VectorEntry(0, somewhere(rng, dimension=8))], space="second")
        await one.delete(ANN, TRIP)
        assert await other.spaces(ANN) == ()


async def test_what_omis_own_backend_wrote_is_read_and_deleted(pinecone: SimulatedPinecone) -> None:
    index = await pinecone.create("memories", dimension=4, metric="cosine")
    created = datetime(2024, 10, 31, 12, tzinfo=UTC)
    for user, memory, stamp in (
        ("ann", "one", created.timestamp()),
        ("ann", "two", created.timestamp() / 1000),
        ("ann-b", "three", 1.0),
        ("bob", "four", 1.0),
    ):
        vector = {
            "id": f"{user}-{memory}",
            "values": [2.0, 0.0, 0.0, 0.0],
            "metadata": {"uid": user, "memory_id": memory, "created_at": stamp},
        }
        index.upsert({"vectors": [vector], "namespace": "ns1"})
    async with opened(pinecone, original_index="memories") as adapter:
        found = {vector.memory_id: vector async for vector in adapter.originals.vectors(ANN)}
        assert found.keys() == {"one", "two"}
        assert found[MemoryId("one")].created_at == found[MemoryId("two")].created_at == created
        assert found[MemoryId("one")].embedding == normalized(array("f", [1.0, 0.0, 0.0, 0.0]))
        await adapter.delete(ANN, MemoryId("one"))
        await adapter.delete(ANN, MemoryId("never was"))
        await adapter.delete(UserId("ü"), MemoryId("\ud800"))
    assert sorted(index.namespaces["ns1"]) == ["ann-b-three", "ann-two", "bob-four"]


async def test_without_an_index_of_omis_own_backend_there_is_nothing(pinecone: SimulatedPinecone) -> None:
    async with opened(pinecone) as adapter:
        assert [vector async for vector in adapter.originals.vectors(ANN)] == []


async def test_what_fails_once_is_tried_again(pinecone: SimulatedPinecone) -> None:
    rng = random.Random(6)
    async with opened(pinecone) as index:
        await index.put(ANN, TRIP, [VectorEntry(0, somewhere(rng))], space=SPACE)
        pinecone.refusals[:] = [503]
        assert len(await index.search(ANN, somewhere(rng), space=SPACE)) == 1
        pinecone.refusals[:] = [429]
        await index.put(ANN, TRIP, [VectorEntry(0, somewhere(rng))], space=SPACE)


@pytest.mark.parametrize(
    ("statuses", "error"),
    [([400], Rejected), ([403], Rejected), ([402], Rejected), ([0], TemporarilyUnavailable)],
)
async def test_failures_are_told_in_the_words_of_the_port(
    pinecone: SimulatedPinecone, statuses: list[int], error: type[Exception]
) -> None:
    rng = random.Random(7)
    async with opened(pinecone) as index:
        await index.put(ANN, TRIP, [VectorEntry(0, somewhere(rng))], space=SPACE)
    async with opened(pinecone, patience=0.3 if statuses == [0] else 10.0) as index:
        pinecone.refusals[:] = statuses * 8
        with pytest.raises(error):
            await index.search(ANN, somewhere(rng), space=SPACE)
        pinecone.refusals[:] = statuses * 8
        with pytest.raises(error):
            await index.put(ANN, TRIP, [VectorEntry(0, somewhere(rng))], space=SPACE)


async def test_a_wrong_key_is_rejected_and_not_told(pinecone: SimulatedPinecone) -> None:
    async with opened(pinecone, api_key="wrong-key") as index:
        with pytest.raises(Rejected) as caught:
            await index.spaces(ANN)
        assert "wrong-key" not in str(caught.value)
        assert (await index.diagnose()).condition is Condition.BROKEN
    async with opened(pinecone) as index:
        assert (await index.diagnose()).condition is Condition.WORKING


@pytest.mark.parametrize("key", ["", "line\nbreak"])
async def test_a_key_that_is_none_stops_the_start(pinecone: SimulatedPinecone, key: str) -> None:
    with pytest.raises(Rejected):
        async with opened(pinecone, api_key=key):
            pass


async def test_pinecone_that_is_not_there_is_told() -> None:
    settings = PineconeVectorIndexSettings(api_key="key", url="http://127.0.0.1:9", patience=0.3)
    async with PineconeVectorIndex(settings=settings, clock=ManualClock()) as index:
        with pytest.raises(TemporarilyUnavailable):
            await index.spaces(ANN)
