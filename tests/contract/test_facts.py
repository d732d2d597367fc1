"""What every store of facts does."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest

from adapters.outbound.facts.firestore import FirestoreFacts, FirestoreFactsSettings
from adapters.outbound.facts.memory import InMemoryFacts
from adapters.outbound.facts.sealed import SealedFacts
from adapters.outbound.facts.sqlite import SqliteFacts
from domain.fact import Fact, FactCategory
from domain.ids import MemoryId, UserId
from ports.errors import NotFound, Rejected
from ports.facts import Facts
from tests.contract.document_harness import document_harnesses, durable
from tests.contract.harness import Harness, over
from tests.support.hostile_pairs import GONE, PAIRS, STAYING
from tests.support.memories import HOSTILE, NOON

ME, OTHER = UserId("me"), UserId("other")
HARNESSES: dict[str, Harness[Facts]] = document_harnesses(
    sqlite=SqliteFacts,
    memory=InMemoryFacts,
    firestore=FirestoreFacts,
    sealed=SealedFacts,
    settings=FirestoreFactsSettings,
)
DURABLE = durable(HARNESSES)


@pytest.fixture(params=over("facts", HARNESSES))
async def facts(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Facts]:
    async with request.param(tmp_path) as ready:
        yield ready


def a_fact(identifier: str = "fact", *, minute: int = 0, content: str = "Likes tea.", **fields: Any) -> Fact:
    created = NOON + timedelta(minutes=minute)
    return Fact(id=identifier, content=content, created_at=created, updated_at=created, **fields)


async def ids(facts: Facts, user: UserId = ME, **window: int) -> list[str]:
    return [fact.id for fact in await facts.list(user, **window)]


async def test_what_was_saved_is_read_back_with_every_field(facts: Facts) -> None:
    full = a_fact(
        category=FactCategory.WORK,
        memory_id=MemoryId("m"),
        reviewed=True,
        user_review=False,
        manually_added=True,
        edited=True,
    )
    await facts.save(ME, full)
    assert await facts.get(ME, "fact") == full
    assert await facts.list(ME) == (full,)


async def test_a_fact_that_was_never_saved_is_not_found(facts: Facts) -> None:
    with pytest.raises(NotFound):
        await facts.get(ME, "fact")


async def test_saving_again_replaces_and_moves(facts: Facts) -> None:
    await facts.save(ME, a_fact("a", minute=0))
    await facts.save(ME, a_fact("b", minute=1))
    await facts.save(ME, a_fact("a", minute=2, content="Likes coffee."))
    assert (await facts.get(ME, "a")).content == "Likes coffee."
    assert await ids(facts) == ["a", "b"]


async def test_a_deleted_fact_is_gone(facts: Facts) -> None:
    await facts.save(ME, a_fact())
    await facts.delete(ME, "fact")
    with pytest.raises(NotFound):
        await facts.get(ME, "fact")
    assert await ids(facts) == []


async def test_deleting_twice_or_what_never_was_does_nothing(facts: Facts) -> None:
    await facts.delete(ME, "fact")
    await facts.save(ME, a_fact())
    await facts.delete(ME, "fact")
    await facts.delete(ME, "fact")


async def test_users_see_their_own_facts_alone_whatever_they_are_called(facts: Facts) -> None:
    for user in HOSTILE:
        await facts.save(UserId(user), a_fact(content=user))
    for user in HOSTILE:
        assert await facts.list(UserId(user)) == (a_fact(content=user),)


async def test_users_and_identifiers_that_read_alike_are_not_taken_for_each_other(facts: Facts) -> None:
    for user, name in PAIRS:
        await facts.save(user, a_fact(name, content=f"{user} {name}"))
    for user, name in GONE:
        await facts.delete(user, name)
    for user, name in GONE:
        assert name not in {fact.id for fact in await facts.list(user)}
    for user, name in STAYING:
        assert await facts.get(user, name) == a_fact(name, content=f"{user} {name}")


async def test_deleting_leaves_other_users_alone(facts: Facts) -> None:
    for user in (ME, OTHER):
        await facts.save(user, a_fact())
    await facts.delete(ME, "fact")
    assert await ids(facts, OTHER) == ["fact"]


async def test_any_text_is_an_id(facts: Facts) -> None:
    for name in HOSTILE:
        await facts.save(ME, a_fact(name, content=name))
    assert await ids(facts) == sorted(HOSTILE, reverse=True)
    for name in HOSTILE:
        assert (await facts.get(ME, name)).content == name


async def test_the_newest_comes_first_and_among_equals_the_greater_id(facts: Facts) -> None:
    for name, minute in (("b", 1), ("a", 1), ("old", 0), ("new", 2)):
        await facts.save(ME, a_fact(name, minute=minute))
    assert await ids(facts) == ["new", "b", "a", "old"]


async def test_limit_and_offset_cut_a_window(facts: Facts) -> None:
    for minute in range(5):
        await facts.save(ME, a_fact(f"f{minute}", minute=minute))
    assert await ids(facts, limit=2, offset=1) == ["f3", "f2"]
    assert await ids(facts, limit=0) == await ids(facts, limit=-1) == await ids(facts, offset=9) == []
    assert await ids(facts, limit=10**30, offset=-1) == ["f4", "f3", "f2", "f1", "f0"]


async def test_concurrent_writers_all_succeed(facts: Facts) -> None:
    with anyio.fail_after(20):
        async with anyio.create_task_group() as tasks:
            for number in range(60):
                tasks.start_soon(facts.save, (ME, OTHER)[number % 2], a_fact(f"f{number}"))
    assert len(await ids(facts)) == len(await ids(facts, OTHER)) == 30


async def test_text_that_no_store_can_write_is_rejected(facts: Facts) -> None:
    with pytest.raises(Rejected):
        await facts.save(ME, a_fact(content="\ud800"))
    assert await ids(facts) == []


@DURABLE
async def test_facts_survive_reopening(harness: Harness[Facts], tmp_path: Path) -> None:
    async with harness(tmp_path) as first:
        await first.save(ME, a_fact())
    async with harness(tmp_path) as second:
        assert await second.list(ME) == (a_fact(),)
