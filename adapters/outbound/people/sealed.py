"""People of any store, their name sealed."""

from msgspec import structs

from adapters.outbound.sealed_store import SealedStore
from adapters.outbound.sealing_again import resealed
from adapters.outbound.vault.sealed_text import is_current_text, opened_text, sealed_text
from adapters.outbound.vault.sealed_value import purpose_of
from domain.ids import PersonId, UserId
from domain.person import Person
from ports.people import People
from ports.sealing_again import Resealed
from ports.vault import UserKeys


class SealedPeople(SealedStore[People]):
    """Seals what goes into a store and opens what comes out of it."""

    async def save(self, user: UserId, person: Person) -> None:
        """Stores a person; replaces the one with the same id. Raises TemporarilyUnavailable, Rejected."""
        await self._store.save(user, _sealed(person, await self._vault.keys(user)))

    async def get(self, user: UserId, person_id: PersonId) -> Person:
        """A person. Raises NotFound, TemporarilyUnavailable."""
        return _opened(await self._store.get(user, person_id), await self._vault.known(user))

    async def list(self, user: UserId) -> tuple[Person, ...]:
        """All people of a user by name, then id. Raises TemporarilyUnavailable."""
        found, keys = await self._store.list(user), await self._vault.known(user)
        return tuple(sorted((_opened(person, keys) for person in found), key=lambda person: (person.name, person.id)))

    async def delete(self, user: UserId, person_id: PersonId) -> None:
        """Removes a person for good; nothing happens when there is none. Raises TemporarilyUnavailable."""
        await self._store.delete(user, person_id)

    async def seal_again(self, user: UserId) -> Resealed:
        """Seals everything of a user with the key that seals now; see the port."""
        keys = await self._vault.keys(user)

        async def again(person: Person) -> None:
            await self.save(user, await self.get(user, person.id))  # as it is now

        found = await self._store.list(user)
        return await resealed(found, is_current=lambda person: is_current_text(person.name, keys), again=again)


def _sealed(person: Person, keys: UserKeys) -> Person:
    return structs.replace(person, name=sealed_text(person.name, keys, purpose=purpose_of("person", person.id)))


def _opened(person: Person, keys: UserKeys) -> Person:
    return structs.replace(person, name=opened_text(person.name, keys, purpose=purpose_of("person", person.id)))
