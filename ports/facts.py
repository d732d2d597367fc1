"""Where facts are kept."""

from typing import Protocol

from domain.fact import Fact
from domain.ids import UserId


class Facts(Protocol):
    """Facts, by user."""

    async def save(self, user: UserId, fact: Fact) -> None:
        """Stores a fact; replaces the one with the same id. Raises TemporarilyUnavailable."""
        ...

    async def get(self, user: UserId, fact_id: str) -> Fact:
        """A fact. Raises NotFound, TemporarilyUnavailable."""
        ...

    async def list(self, user: UserId, *, limit: int = 100, offset: int = 0) -> tuple[Fact, ...]:
        """Facts of a user, newest `created_at` first, `id` descending among equals. Raises TemporarilyUnavailable."""
        ...

    async def delete(self, user: UserId, fact_id: str) -> None:
        """Removes a fact for good; nothing happens when there is none. Raises TemporarilyUnavailable."""
        ...
