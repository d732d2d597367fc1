"""Facts in a SQLite file for each user."""

from adapters.outbound.moments import microseconds
from adapters.outbound.sqlite_documents import Collection, Order
from adapters.outbound.sqlite_store import SqliteStore
from domain.fact import Fact
from domain.ids import UserId

FACTS = Collection(
    noun="fact",
    file="facts.db",
    kind=Fact,
    identifier=lambda fact: fact.id,
    position=lambda fact: microseconds(fact.created_at),
    order=Order.DESCENDING,
)


class SqliteFacts(SqliteStore[Fact]):
    """Facts that stay: `facts.db` in the folder of each user."""

    collection = FACTS

    async def save(self, user: UserId, fact: Fact) -> None:
        """Stores a fact; replaces the one with the same id. Raises TemporarilyUnavailable."""
        await self._documents.save(user, fact)

    async def get(self, user: UserId, fact_id: str) -> Fact:
        """A fact. Raises NotFound, TemporarilyUnavailable."""
        return await self._documents.get(user, fact_id)

    async def list(self, user: UserId, *, limit: int = 100, offset: int = 0) -> tuple[Fact, ...]:
        """Facts of a user, newest first. Raises TemporarilyUnavailable."""
        return await self._documents.list(user, limit=limit, offset=offset)

    async def delete(self, user: UserId, fact_id: str) -> None:
        """Removes a fact for good; nothing happens when there is none. Raises TemporarilyUnavailable."""
        await self._documents.delete(user, fact_id)
