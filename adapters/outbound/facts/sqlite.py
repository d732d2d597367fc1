"""Facts in a SQLite file for each user."""

from pathlib import Path
from types import TracebackType
from typing import Self

from adapters.outbound.moments import microseconds
from adapters.outbound.sqlite_documents import Collection, Order, SqliteDocuments
from domain.fact import Fact
from domain.ids import UserId
from ports.diagnosis import Diagnosis
from ports.sealing_again import Resealed
from ports.vault import Vault

FACTS = Collection(
    noun="fact",
    file="facts.db",
    kind=Fact,
    identifier=lambda fact: fact.id,
    position=lambda fact: microseconds(fact.created_at),
    order=Order.DESCENDING,
)


class SqliteFacts:
    """Facts that stay: `facts.db` in the folder of each user."""

    def __init__(self, data_dir: Path, *, vault: Vault | None = None) -> None:
        self._documents = SqliteDocuments(FACTS, data_dir=data_dir, vault=vault)

    async def __aenter__(self) -> Self:
        await self._documents.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._documents.__aexit__(kind, error, trace)

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

    async def seal_again(self, user: UserId) -> Resealed:
        """Seals everything of a user with the key that seals now; see the port."""
        return await self._documents.seal_again(user)

    async def diagnose(self) -> Diagnosis:
        """Whether more facts can be stored, and whether the stored ones are whole."""
        return await self._documents.diagnose()
