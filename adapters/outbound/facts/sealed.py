"""Facts of any store, their content sealed."""

from msgspec import structs

from adapters.outbound.sealed_store import SealedStore
from adapters.outbound.sealing_again import ALL, resealed
from adapters.outbound.vault.sealed_text import is_current_text, opened_text, sealed_text
from adapters.outbound.vault.sealed_value import purpose_of
from domain.fact import Fact
from domain.ids import UserId
from ports.facts import Facts
from ports.sealing_again import Resealed
from ports.vault import UserKeys


class SealedFacts(SealedStore[Facts]):
    """Seals what goes into a store and opens what comes out of it."""

    async def save(self, user: UserId, fact: Fact) -> None:
        """Stores a fact; replaces the one with the same id. Raises TemporarilyUnavailable, Rejected."""
        await self._store.save(user, _sealed(fact, await self._vault.keys(user)))

    async def get(self, user: UserId, fact_id: str) -> Fact:
        """A fact. Raises NotFound, TemporarilyUnavailable."""
        return _opened(await self._store.get(user, fact_id), await self._vault.known(user))

    async def list(self, user: UserId, *, limit: int = 100, offset: int = 0) -> tuple[Fact, ...]:
        """Facts of a user, newest first. Raises TemporarilyUnavailable."""
        found, keys = await self._store.list(user, limit=limit, offset=offset), await self._vault.known(user)
        return tuple(_opened(fact, keys) for fact in found)

    async def delete(self, user: UserId, fact_id: str) -> None:
        """Removes a fact for good; nothing happens when there is none. Raises TemporarilyUnavailable."""
        await self._store.delete(user, fact_id)

    async def seal_again(self, user: UserId) -> Resealed:
        """Seals everything of a user with the key that seals now; see the port."""
        keys = await self._vault.keys(user)

        async def again(fact: Fact) -> None:
            await self.save(user, await self.get(user, fact.id))  # as it is now

        found = await self._store.list(user, limit=ALL)
        return await resealed(found, is_current=lambda fact: is_current_text(fact.content, keys), again=again)


def _sealed(fact: Fact, keys: UserKeys) -> Fact:
    return structs.replace(fact, content=sealed_text(fact.content, keys, purpose=purpose_of("fact", fact.id)))


def _opened(fact: Fact, keys: UserKeys) -> Fact:
    return structs.replace(fact, content=opened_text(fact.content, keys, purpose=purpose_of("fact", fact.id)))
