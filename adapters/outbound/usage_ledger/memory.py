"""Usage that ends with the process."""

from collections.abc import Sequence
from datetime import datetime

import anyio.lowlevel

from domain.ids import UserId
from domain.usage import Usage


class InMemoryUsageLedger:
    """Keeps rows in a list."""

    def __init__(self) -> None:
        self._usages: list[Usage] = []

    async def record(self, usages: Sequence[Usage]) -> None:
        """Adds rows."""
        await anyio.lowlevel.checkpoint()
        self._usages += usages

    async def between(self, start: datetime, end: datetime) -> tuple[Usage, ...]:
        """Rows of a time, oldest first."""
        await anyio.lowlevel.checkpoint()
        found = (usage for usage in self._usages if start <= usage.started_at < end)
        return tuple(sorted(found, key=lambda usage: usage.started_at))

    async def of(self, user: UserId) -> tuple[Usage, ...]:
        """All rows of a user, oldest first."""
        await anyio.lowlevel.checkpoint()
        own = (usage for usage in self._usages if usage.user == user)
        return tuple(sorted(own, key=lambda usage: usage.started_at))

    async def forget(self, user: UserId) -> None:
        """Removes all rows of a user."""
        await anyio.lowlevel.checkpoint()
        self._usages = [usage for usage in self._usages if usage.user != user]
