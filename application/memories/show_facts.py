"""Which facts a user would let others see. Nothing shows them to anybody yet; the app wants its choice kept."""

from application.memories.manage_facts import ManageFacts
from domain.ids import UserId
from domain.memory import Visibility
from ports.facts import Facts
from ports.key_value_store import KeyValueStore


class ShowFacts:
    """The choice for each fact; private where none was made. All methods raise TemporarilyUnavailable."""

    def __init__(self, *, facts: Facts, values: KeyValueStore) -> None:
        self._facts = facts
        self._values = values

    async def public(self, user: UserId) -> frozenset[str]:
        """Ids of the facts that may be shown."""
        return await self._values.members(_key(user))

    async def show(self, user: UserId, fact_id: str, visibility: Visibility) -> None:
        """Keeps a choice.

        Raises:
            NotFound: the user has no such fact.
        """
        fact = await self._facts.get(user, fact_id)
        if visibility is Visibility.PRIVATE:
            await self._values.remove_member(_key(user), fact.id)
        else:
            await self._values.add_member(_key(user), fact.id)

    async def forget(self, user: UserId, fact_id: str) -> None:
        """The fact is gone."""
        await self._values.remove_member(_key(user), fact_id)

    async def forget_user(self, user: UserId) -> None:
        """All choices of a user are gone."""
        await self._values.delete(_key(user))


async def delete_all(facts: ManageFacts, shown: ShowFacts, user: UserId) -> None:
    """Hides every fact of a user for good, as deleting each would. Raises TemporarilyUnavailable."""
    while listed := await facts.list(user, limit=500):
        for fact in listed:
            await facts.delete(user, fact.id)
    await shown.forget_user(user)


def _key(user: UserId) -> str:
    return f"users:{user}:public_facts"
