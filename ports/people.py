"""Where the people are kept whose voices are known."""

from typing import Protocol

from domain.ids import PersonId, UserId
from domain.person import Person


class People(Protocol):
    """People, by user."""

    async def save(self, user: UserId, person: Person) -> None:
        """Stores a person; replaces the one with the same id. Raises TemporarilyUnavailable."""
        ...

    async def get(self, user: UserId, person_id: PersonId) -> Person:
        """A person. Raises NotFound, TemporarilyUnavailable."""
        ...

    async def list(self, user: UserId) -> tuple[Person, ...]:
        """All people of a user by name, then id. Raises TemporarilyUnavailable."""
        ...

    async def delete(self, user: UserId, person_id: PersonId) -> None:
        """Removes a person for good; nothing happens when there is none. Raises TemporarilyUnavailable."""
        ...
