"""What every store of people does."""

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from adapters.outbound.firestore_settings import FirestoreSettings
from adapters.outbound.people.firestore import FirestorePeople
from adapters.outbound.people.memory import InMemoryPeople
from adapters.outbound.people.sealed import SealedPeople
from adapters.outbound.people.sqlite import SqlitePeople
from domain.ids import PersonId, UserId
from domain.person import Person
from ports.errors import NotFound, Rejected
from ports.people import People
from tests.contract.document_harness import document_harnesses, durable
from tests.contract.harness import Harness, over
from tests.support.hostile_pairs import GONE, PAIRS, STAYING
from tests.support.memories import HOSTILE, NOON

ME, OTHER = UserId("me"), UserId("other")
HARNESSES: dict[str, Harness[People]] = document_harnesses(
    sqlite=SqlitePeople,
    memory=InMemoryPeople,
    firestore=FirestorePeople,
    sealed=SealedPeople,
    settings=FirestoreSettings,
)
DURABLE = durable(HARNESSES)


@pytest.fixture(params=over("people", HARNESSES))
async def people(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[People]:
    async with request.param(tmp_path) as ready:
        yield ready


def a_person(identifier: str = "person", *, name: str = "Ada", samples: tuple[str, ...] = ()) -> Person:
    return Person(id=PersonId(identifier), name=name, created_at=NOON, updated_at=NOON, speech_samples=samples)


async def test_what_was_saved_is_read_back_with_every_field(people: People) -> None:
    ada = a_person(samples=("people/ada/1.wav", "people/ada/2.wav"))
    await people.save(ME, ada)
    assert await people.get(ME, PersonId("person")) == ada
    assert await people.list(ME) == (ada,)


async def test_a_person_who_was_never_saved_is_not_found(people: People) -> None:
    with pytest.raises(NotFound):
        await people.get(ME, PersonId("person"))
    assert await people.list(ME) == ()


async def test_saving_again_replaces(people: People) -> None:
    await people.save(ME, a_person())
    await people.save(ME, a_person(name="Grace"))
    assert await people.list(ME) == (a_person(name="Grace"),)


async def test_a_deleted_person_is_gone(people: People) -> None:
    await people.save(ME, a_person())
    await people.delete(ME, PersonId("person"))
    with pytest.raises(NotFound):
        await people.get(ME, PersonId("person"))
    assert await people.list(ME) == ()


async def test_deleting_twice_or_who_never_was_does_nothing(people: People) -> None:
    await people.delete(ME, PersonId("person"))
    await people.save(ME, a_person())
    await people.delete(ME, PersonId("person"))
    await people.delete(ME, PersonId("person"))


async def test_users_see_their_own_people_alone_whatever_they_are_called(people: People) -> None:
    for user in HOSTILE:
        await people.save(UserId(user), a_person(name=user))
    for user in HOSTILE:
        assert await people.list(UserId(user)) == (a_person(name=user),)


async def test_users_and_identifiers_that_read_alike_are_not_taken_for_each_other(people: People) -> None:
    for user, name in PAIRS:
        await people.save(user, a_person(name, name=f"{user} {name}"))
    for user, name in GONE:
        await people.delete(user, PersonId(name))
    for user, name in GONE:
        assert name not in {person.id for person in await people.list(user)}
    for user, name in STAYING:
        assert await people.get(user, PersonId(name)) == a_person(name, name=f"{user} {name}")


async def test_deleting_leaves_other_users_alone(people: People) -> None:
    for user in (ME, OTHER):
        await people.save(user, a_person())
    await people.delete(ME, PersonId("person"))
    assert await people.list(OTHER) == (a_person(),)


async def test_any_text_is_an_id_and_a_name(people: People) -> None:
    for text in HOSTILE:
        await people.save(ME, a_person(text, name=text))
    assert [person.name for person in await people.list(ME)] == sorted(HOSTILE)
    for text in HOSTILE:
        assert (await people.get(ME, PersonId(text))).name == text


async def test_people_are_listed_by_name_then_id(people: People) -> None:
    for identifier, name in (("2", "Grace"), ("b", "Ada"), ("a", "Ada"), ("1", "Zoë")):
        await people.save(ME, a_person(identifier, name=name))
    assert [person.id for person in await people.list(ME)] == ["a", "b", "2", "1"]


async def test_all_people_are_listed(people: People) -> None:
    for number in range(150):
        await people.save(ME, a_person(f"{number}"))
    assert len(await people.list(ME)) == 150


async def test_concurrent_writers_all_succeed(people: People) -> None:
    with anyio.fail_after(20):
        async with anyio.create_task_group() as tasks:
            for number in range(60):
                tasks.start_soon(people.save, (ME, OTHER)[number % 2], a_person(f"{number}"))
    assert len(await people.list(ME)) == len(await people.list(OTHER)) == 30


async def test_text_that_no_store_can_write_is_rejected(people: People) -> None:
    with pytest.raises(Rejected):
        await people.save(ME, a_person(name="\ud800"))
    assert await people.list(ME) == ()


@DURABLE
async def test_people_survive_reopening(harness: Harness[People], tmp_path: Path) -> None:
    async with harness(tmp_path) as first:
        await first.save(ME, a_person())
    async with harness(tmp_path) as second:
        assert await second.list(ME) == (a_person(),)
