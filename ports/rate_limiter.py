"""Counts how often somebody does something."""

from typing import Protocol

from domain.rate import Allowance, Rate


class RateLimiter(Protocol):
    """Shares of many users, by key. Of what is refused nothing is counted."""

    async def take(self, key: str, *, rate: Rate) -> Allowance:
        """Takes one share of a key, if there is one; at once, whatever others take meanwhile.

        Args:
            key: who, and what for.
            rate: how often; the same for a key each time.

        Raises:
            TemporarilyUnavailable: not known now.
        """
        ...
