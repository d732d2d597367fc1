"""`/v1/facts`, as the apps use it."""

from collections.abc import AsyncIterator

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from adapters.inbound.http.application import provided
from adapters.inbound.http.facts import FactsController
from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.facts.memory import InMemoryFacts
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from application.memories.manage_facts import ManageFacts
from application.memories.show_facts import ShowFacts
from tests.support.http_app import BERT, Backend

KEYS = {
    "id",
    "uid",
    "content",
    "category",
    "created_at",
    "updated_at",
    "reviewed",
    "manually_added",
    "edited",
    "deleted",
}


@pytest.fixture
async def client() -> AsyncIterator[AsyncTestClient[Litestar]]:
    store, clock = InMemoryFacts(), ManualClock()
    facts = ManageFacts(facts=store, clock=clock)
    show_facts = ShowFacts(facts=store, values=InMemoryKeyValueStore(clock=clock))
    backend = Backend()
    needed = {"facts": provided(facts), "show_facts": provided(show_facts)}
    async with backend.client(handlers=[FactsController], dependencies=needed) as client:
        yield client


async def test_a_fact_has_every_key_that_the_apps_read(client: AsyncTestClient[Litestar]) -> None:
    answer = await client.post("/v1/facts", json={"content": "I like tea ☕", "category": "habits"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    fact = answer.json()
    assert fact.keys() >= KEYS
    assert (fact["uid"], fact["content"], fact["category"]) == ("anna", "I like tea ☕", "habits")
    assert (fact["manually_added"], fact["edited"], fact["deleted"]) == (True, False, False)
    assert (await client.get("/v1/facts")).json() == [fact]


async def test_a_category_that_nobody_knows_is_other(client: AsyncTestClient[Litestar]) -> None:
    assert (await client.post("/v1/facts", json={"content": "x", "category": "core"})).json()["category"] == "other"


async def test_a_fact_that_is_sent_again_is_there_once(client: AsyncTestClient[Litestar]) -> None:
    bodies = [{"content": "Anna likes tea"}, {"content": "Anna likes tea"}, {"content": "Anna likes cake"}]
    first, again, other = [(await client.post("/v1/facts", json=body)).json()["id"] for body in bodies]
    assert first == again != other
    assert {fact["id"] for fact in (await client.get("/v1/facts")).json()} == {first, other}


async def test_a_fact_that_was_deleted_can_be_told_again(client: AsyncTestClient[Litestar]) -> None:
    for _ in range(2):
        fact = (await client.post("/v1/facts", json={"content": "Anna likes tea"})).json()
        assert [each["id"] for each in (await client.get("/v1/facts")).json()] == [fact["id"]]
        await client.delete(f"/v1/facts/{fact['id']}")


async def test_a_deleted_fact_is_gone(client: AsyncTestClient[Litestar]) -> None:
    fact = (await client.post("/v1/facts", json={"content": "tea"})).json()
    answer = await client.delete(f"/v1/facts/{fact['id']}")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert (await client.get("/v1/facts")).json() == []


async def test_a_fact_can_be_rejected_and_edited(client: AsyncTestClient[Litestar]) -> None:
    fact = (await client.post("/v1/facts", json={"content": "tea"})).json()
    edited = await client.patch(f"/v1/facts/{fact['id']}", params={"value": "green tea"})
    assert edited.status_code == 200
    [shown] = (await client.get("/v1/facts")).json()
    assert (shown["content"], shown["edited"]) == ("green tea", True)
    rejected = await client.post(f"/v1/facts/{fact['id']}/review", params={"value": "false"})
    assert rejected.status_code == 200
    assert (await client.get("/v1/facts")).json() == []


async def test_somebody_elses_fact_is_not_found(client: AsyncTestClient[Litestar]) -> None:
    fact = (await client.post("/v1/facts", json={"content": "tea"})).json()
    client.headers["Authorization"] = f"Bearer token-{BERT}"
    assert (await client.delete(f"/v1/facts/{fact['id']}")).status_code == 404
    assert (await client.patch(f"/v1/facts/{fact['id']}", params={"value": "x"})).status_code == 404
    assert (await client.post(f"/v1/facts/{fact['id']}/review", params={"value": "true"})).status_code == 404


async def test_pages_do_not_overlap(client: AsyncTestClient[Litestar]) -> None:
    for number in range(5):
        await client.post("/v1/facts", json={"content": f"fact {number}"})
    first = (await client.get("/v1/facts", params={"limit": 3})).json()
    rest = (await client.get("/v1/facts", params={"limit": 3, "offset": 3})).json()
    assert (len(first), len(rest)) == (3, 2)
    assert not {fact["id"] for fact in first} & {fact["id"] for fact in rest}
