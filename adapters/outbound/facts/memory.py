"""Facts in memory."""

from adapters.outbound.in_memory_documents import InMemoryDocuments
from domain.fact import Fact
from domain.ids import UserId


class InMemoryFacts:
    """Facts that go with the process. For tests and for trying things out."""

    def __init__(self) -> None:
        self._documents = InMemoryDocuments(Fact, noun="fact")

    async def save(self, user: UserId, fact: Fact) -> None:
        """Stores a fact; replaces the one with the same id."""
        self._documents.save(user, fact.id, fact)

    async def get(self, user: UserId, fact_id: str) -> Fact:
        """A fact. Raises NotFound."""
        return self._documents.get(user, fact_id)

    async def list(self, user: UserId, *, limit: int = 100, offset: int = 0) -> tuple[Fact, ...]:
        """Facts of a user, newest first."""
        start = max(offset, 0)
        newest_first = self._documents.values(user, by=lambda fact: (fact.created_at, fact.id))[::-1]
        return tuple(newest_first[start : start + max(limit, 0)])

    async def delete(self, user: UserId, fact_id: str) -> None:
        """Removes a fact; nothing happens when there is none."""
        self._documents.delete(user, fact_id)
