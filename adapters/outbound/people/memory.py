"""People in memory."""

from adapters.outbound.in_memory_documents import InMemoryDocuments
from domain.ids import PersonId, UserId
from domain.person import Person


class InMemoryPeople:
    """People that are forgotten with the process. For tests and for trying things out."""

    def __init__(self) -> None:
        self._documents = InMemoryDocuments(Person, noun="person")

    async def save(self, user: UserId, person: Person) -> None:
        """Stores a person; replaces the one with the same id."""
        self._documents.save(user, person.id, person)

    async def get(self, user: UserId, person_id: PersonId) -> Person:
        """A person. Raises NotFound."""
        return self._documents.get(user, person_id)

    async def list(self, user: UserId) -> tuple[Person, ...]:
        """All people of a user by name, then id."""
        return tuple(self._documents.values(user, by=lambda person: (person.name, person.id)))

    async def delete(self, user: UserId, person_id: PersonId) -> None:
        """Removes a person; nothing happens when there is none."""
        self._documents.delete(user, person_id)
