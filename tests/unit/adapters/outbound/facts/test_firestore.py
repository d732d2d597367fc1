"""Facts of earlier backends in Firestore, in the collection of either year."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec import structs

from adapters.inbound.simulators.firestore import FirestoreSimulation, serve_firestore
from adapters.outbound.facts.firestore import FactCollection, FirestoreFacts, FirestoreFactsSettings
from adapters.outbound.user_encryption import Protection
from domain.fact import Fact, FactCategory
from domain.ids import UserId
from ports.errors import NotFound
from tests.support.firestore import reaching
from tests.support.memories import NOON

ME = UserId("me")
OF_2024 = {
    "id": "old",
    "uid": "me",
    "content": "Likes pasta.",
    "category": "hobbies",
    "created_at": NOON,
    "updated_at": NOON,
    "deleted": False,
}


@pytest.fixture
async def simulation() -> AsyncIterator[FirestoreSimulation]:
    async with serve_firestore() as ready:
        yield ready


@pytest.fixture
async def facts(simulation: FirestoreSimulation) -> AsyncIterator[FirestoreFacts]:
    async with FirestoreFacts(reaching(simulation, FirestoreFactsSettings)) as ready:
        yield ready


async def stored(facts: FirestoreFacts, path: str, fields: dict[str, Any]) -> None:
    collection, name = path.split("/")
    await facts._connection.user(ME).collection(collection).document(name).set(fields)


async def test_facts_of_both_collections_are_one_list(facts: FirestoreFacts) -> None:
    await stored(facts, "facts/old", OF_2024)
    await stored(facts, "memories/new", OF_2024 | {"id": "new", "category": "core"})
    assert [(fact.id, fact.category) for fact in await facts.list(ME)] == [
        ("old", FactCategory.HOBBIES),
        ("new", FactCategory.OTHER),
    ]


async def test_a_fact_changes_and_goes_where_it_is(simulation: FirestoreSimulation, facts: FirestoreFacts) -> None:
    await stored(facts, "memories/old", OF_2024)
    fact = await facts.get(ME, "old")
    await facts.save(ME, structs.replace(fact, edited=True))
    assert simulation.store.names() == ["users/me/memories/old"]
    assert (await facts.get(ME, "old")).edited
    await facts.delete(ME, "old")
    assert simulation.store.names() == []


async def test_memories_in_that_collection_are_no_facts(simulation: FirestoreSimulation, facts: FirestoreFacts) -> None:
    await stored(facts, "memories/old", {"id": "old", "created_at": NOON, "structured": {}})
    assert await facts.list(ME) == ()
    with pytest.raises(NotFound):
        await facts.get(ME, "old")
    await facts.delete(ME, "old")
    assert simulation.store.names() == ["users/me/memories/old"]


async def test_facts_that_were_put_away_stay_away(facts: FirestoreFacts) -> None:
    await stored(facts, "facts/old", OF_2024 | {"deleted": True})
    assert await facts.list(ME) == ()


async def test_new_facts_go_where_settings_say(simulation: FirestoreSimulation) -> None:
    settings = reaching(simulation, FirestoreFactsSettings, collection=FactCollection.MEMORIES)
    async with FirestoreFacts(settings) as facts:
        await facts.save(ME, Fact(id="f", content="Likes pasta.", created_at=NOON, updated_at=NOON))
    assert simulation.store.names() == ["users/me/memories/f"]


async def test_new_facts_are_encrypted_where_that_is_set(simulation: FirestoreSimulation) -> None:
    secret = "a secret of at least 32 characters"  # noqa: S105 - of nobody
    settings = reaching(simulation, FirestoreFactsSettings, protection=Protection.ENHANCED, encryption_secret=secret)
    fact = Fact(id="f", content="Likes pasta.", created_at=NOON, updated_at=NOON)
    async with FirestoreFacts(settings) as facts:
        await facts.save(ME, fact)
        stored = await facts._connection.user(ME).collection("facts").document("f").get()
        assert "pasta" not in str(stored.to_dict())
        assert await facts.list(ME) == (fact,)
