"""What the simulation of Pinecone refuses, as Pinecone does."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pinecone import AsyncIndex, AsyncPinecone
from pinecone.errors import ApiError, ConflictError, NotFoundError, UnauthorizedError

from adapters.inbound.simulators.pinecone import SimulatedPinecone, serve_pinecone

SCHEMA = {"fields": {"_values": {"type": "dense_vector", "dimension": 2, "metric": "cosine"}}}
PLACE = {"deployment_type": "managed", "cloud": "aws", "region": "us-east-1"}


@pytest.fixture
async def pinecone() -> AsyncIterator[SimulatedPinecone]:
    async with serve_pinecone(key="key") as simulation:
        yield simulation


@pytest.fixture
async def index(pinecone: SimulatedPinecone) -> AsyncIterator[AsyncIndex]:
    made = await pinecone.create("omi", dimension=2, metric="cosine")
    async with AsyncIndex(host=made.host, api_key="key") as opened:
        yield opened


def vector(name: str = "a", values: list[float] | None = None, **metadata: Any) -> dict[str, Any]:
    return {"id": name, "values": values or [1.0, 0.0], "metadata": metadata}


WRONG = {
    "another dimension": [vector(values=[1.0, 0.0, 0.0])],
    "zeros": [vector(values=[0.0, 0.0])],
    "too long an id": [vector("x" * 513)],
    "too much metadata": [vector(text="x" * 41_000)],
    "too many": [vector(f"{number}") for number in range(1_001)],
}


@pytest.mark.parametrize("vectors", WRONG.values(), ids=WRONG.keys())
async def test_what_pinecone_does_not_store_is_refused(index: AsyncIndex, vectors: list[dict[str, Any]]) -> None:
    with pytest.raises(ApiError) as caught:
        await index.upsert(vectors=vectors)
    assert caught.value.status_code == 400


async def test_a_wrong_key_is_refused(pinecone: SimulatedPinecone) -> None:
    async with AsyncPinecone("wrong", host=pinecone.url) as client:
        with pytest.raises(UnauthorizedError):
            await client.indexes.describe("omi")


async def test_indexes_are_made_once_and_described(pinecone: SimulatedPinecone) -> None:
    async with AsyncPinecone("key", host=pinecone.url) as client:
        made = await client.indexes.create(name="new", schema=SCHEMA, deployment=PLACE)
        assert made.status.ready
        assert (await client.indexes.describe("new")).host == made.host
        with pytest.raises(ConflictError):
            await client.indexes.create(name="new", schema=SCHEMA, deployment=PLACE)
        with pytest.raises(NotFoundError):
            await client.indexes.describe("other")


FILTERS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "equal": ({"n": 1}, {"one"}),
    "not equal": ({"n": {"$ne": 1}}, {"two", "none"}),
    "a range": ({"n": {"$gte": 1, "$lt": 2}}, {"one"}),
    "in": ({"n": {"$in": [1, 2]}}, {"one", "two"}),
    "not in": ({"n": {"$nin": [1]}}, {"two", "none"}),
    "there": ({"n": {"$exists": True}}, {"one", "two"}),
    "either": ({"$or": [{"n": 1}, {"tags": {"$in": ["b"]}}]}, {"one", "two"}),
    "both": ({"$and": [{"n": 2}, {"tags": "a"}]}, {"two"}),
}


@pytest.mark.parametrize(("wanted", "expected"), FILTERS.values(), ids=FILTERS.keys())
async def test_filters_let_through_what_they_say(index: AsyncIndex, wanted: dict[str, Any], expected: set[str]) -> None:
    await index.upsert(vectors=[vector("one", n=1), vector("two", n=2, tags=["a", "b"]), vector("none")])
    found = await index.query(vector=[1.0, 0.0], top_k=10, filter=wanted)
    assert {hit.id for hit in found.matches} == expected


async def test_lists_come_in_pages(index: AsyncIndex) -> None:
    await index.upsert(vectors=[vector(f"a#{number:03}") for number in range(250)] + [vector("b")])
    pages = [page async for page in index.list(prefix="a#")]
    assert [len(page.vectors) for page in pages] == [100, 100, 50]
    assert (await index.fetch(ids=["a#001", "b", "c"])).vectors.keys() == {"a#001", "b"}
