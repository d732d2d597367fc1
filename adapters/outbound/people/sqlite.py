"""People in a SQLite file for each user."""

from pathlib import Path
from types import TracebackType
from typing import Self

from adapters.outbound.sqlite_documents import Collection, Order, SqliteDocuments
from domain.ids import PersonId, UserId
from domain.person import Person
from ports.diagnosis import Diagnosis
from ports.sealing_again import Resealed
from ports.vault import Vault

PEOPLE = Collection(
    noun="person",
    file="people.db",
    kind=Person,
    identifier=lambda person: person.id,
    position=lambda _: 0,  # names are not kept in the clear
    order=Order.ASCENDING,
)


class SqlitePeople:
    """People that stay known: `people.db` in the folder of each user."""

    def __init__(self, data_dir: Path, *, vault: Vault | None = None) -> None:
        self._documents = SqliteDocuments(PEOPLE, data_dir=data_dir, vault=vault)

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
        return tuple(sorted(await self._documents.list(user), key=lambda person: (person.name, person.id)))

    async def delete(self, user: UserId, person_id: PersonId) -> None:
        """Removes a person for good; nothing happens when there is none. Raises TemporarilyUnavailable."""
        await self._documents.delete(user, person_id)

    async def seal_again(self, user: UserId) -> Resealed:
        """Seals everything of a user with the key that seals now; see the port."""
        return await self._documents.seal_again(user)

    async def diagnose(self) -> Diagnosis:
        """Whether more people can be stored, and whether the stored ones are whole."""
        return await self._documents.diagnose()
