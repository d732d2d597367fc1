"""People in a SQLite file for each user."""

from adapters.outbound.sqlite_documents import Collection, Order
from adapters.outbound.sqlite_store import SqliteStore
from domain.ids import PersonId, UserId
from domain.person import Person

PEOPLE = Collection(
    noun="person",
    file="people.db",
    kind=Person,
    identifier=lambda person: person.id,
    position=lambda _: 0,  # names are not kept in the clear
    order=Order.ASCENDING,
)


class SqlitePeople(SqliteStore[Person]):
    """People that stay known: `people.db` in the folder of each user."""

    collection = PEOPLE

    async def save(self, user: UserId, person: Person) -> None:
        """Stores a person; replaces the one with the same id. Raises TemporarilyUnavailable."""
        await self._documents.save(user, person)

    async def get(self, user: UserId, person_id: PersonId) -> Person:
        """A person. Raises NotFound, TemporarilyUnavailable."""
        return await self._documents.get(user, person_id)

    async def list(self, user: UserId) -> tuple[Person, ...]:
        """All people of a user by name, then id. Raises TemporarilyUnavailable."""
        return tuple(sorted(await self._documents.list(user), key=lambda person: (person.name, person.id)))

    async def delete(self, user: UserId, person_id: PersonId) -> None:
        """Removes a person for good; nothing happens when there is none. Raises TemporarilyUnavailable."""
        await self._documents.delete(user, person_id)
