"""Where it is written down what recognition cost."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.ids import UserId
from domain.usage import Usage


class UsageLedger(Protocol):
    """Rows that are added and never changed, until their user goes. Raises TemporarilyUnavailable throughout."""

    async def record(self, usages: Sequence[Usage]) -> None:
        """Adds rows, all or none."""
        ...

    async def between(self, start: datetime, end: datetime) -> tuple[Usage, ...]:
        """Rows of all users whose connection started in a time, `end` excluded, oldest first."""
        ...

    async def of(self, user: UserId) -> tuple[Usage, ...]:
        """All rows of a user, oldest first."""
        ...

    async def forget(self, user: UserId) -> None:
        """Removes all rows of a user for good; nothing happens when there are none."""
        ...
