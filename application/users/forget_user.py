"""What some stores do when a user goes. Everything here is harmless when it is repeated."""

from domain.ids import UserId
from ports.facts import Facts
from ports.object_store import ObjectStore
from ports.people import People
from ports.vector_index import VectorIndex

_PAGE = 500


async def forget_facts(facts: Facts, user: UserId) -> None:
    """Removes all facts, the rejected ones among them."""
    while found := await facts.list(user, limit=_PAGE):
        for fact in found:
            await facts.delete(user, fact.id)


async def forget_people(people: People, user: UserId) -> None:
    """Removes everybody whom the user knows."""
    for person in await people.list(user):
        await people.delete(user, person.id)


async def forget_objects(objects: ObjectStore, user: UserId) -> None:
    """Removes recordings, voices, photos, transcripts: whatever lies in the user's folder."""
    for key in await objects.list(user):
        await objects.delete(user, key)


async def forget_vectors(vectors: VectorIndex, user: UserId) -> None:
    """Removes all meanings, in all spaces."""
    for space in await vectors.spaces(user):
        await vectors.delete_space(user, space)
