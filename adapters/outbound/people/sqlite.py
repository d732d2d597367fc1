"""People in a SQLite file for each user."""

from pathlib import Path
from types import TracebackType
from typing import Self

from adapters.outbound.keys import key_bytes
from adapters.outbound.sqlite_documents import Collection, Order, SqliteDocuments
from domain.ids import PersonId, UserId
from domain.person import Person
from ports.diagnosis import Diagnosis

PEOPLE = Collection(
    noun="person",
    file="people.db",
    kind=Person,
    identifier=lambda person: person.id,
    position=lambda person: key_bytes(person.name),
    order=Order.ASCENDING,
)


class SqlitePeople:
    """People that stay known: `people.db` in the folder of each user."""

    def __init__(self, data_dir: Path) -> None:
        self._documents = SqliteDocuments(PEOPLE, data_dir=data_dir)

    async def __aenter__(self) -> Self:
        await self._documents.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._documents.__aexit__(kind, error, trace)

    async def save(self, user: UserId, person: Person) -> None:
        """Stores a person; replaces the one with the same id. Raises TemporarilyUnavailable."""
        await self._documents.save(user, person)

    async def get(self, user: UserId, person_id: PersonId) -> Person:
        """A person. Raises NotFound, TemporarilyUnavailable."""
        return await self._documents.get(user, person_id)

    async def list(self, user: UserId) -> tuple[Person, ...]:
        """All people of a user by name, then id. Raises TemporarilyUnavailable."""
        return await self._documents.list(user)

    async def delete(self, user: UserId, person_id: PersonId) -> None:
        """Removes a person for good; nothing happens when there is none. Raises TemporarilyUnavailable."""
        await self._documents.delete(user, person_id)

    async def diagnose(self) -> Diagnosis:
        """Whether more people can be stored, and whether the stored ones are whole."""
        return await self._documents.diagnose()
