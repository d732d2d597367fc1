"""What recognition cost, summed up for people."""

from collections import defaultdict
from datetime import datetime, timedelta

from msgspec import Struct

from domain.ids import UserId
from domain.usage import Usage
from ports.clock import Clock
from ports.usage_ledger import UsageLedger


class Cost(Struct, frozen=True, kw_only=True):
    """What one user's use of one recognizer came to."""

    user: UserId
    recognizer: str
    connections: int
    audio_seconds: float
    billed_seconds: float
    micro_dollars: int


class TellCosts:
    """Sums over the usage ledger."""

    def __init__(self, *, ledger: UsageLedger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    async def today(self) -> tuple[Cost, ...]:
        """Costs since midnight, UTC; the dearest first."""
        now = self._clock.now()
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return await self.between(midnight, now + timedelta(days=1))

    async def between(self, start: datetime, end: datetime) -> tuple[Cost, ...]:
        """Costs of a time; the dearest first, then by user and recognizer."""
        rows: defaultdict[tuple[UserId, str], list[Usage]] = defaultdict(list)
        for usage in await self._ledger.between(start, end):
            rows[usage.user, usage.recognizer].append(usage)
        costs = (_cost(user, recognizer, usages) for (user, recognizer), usages in rows.items())
        return tuple(sorted(costs, key=lambda cost: (-cost.micro_dollars, cost.user, cost.recognizer)))


def _cost(user: UserId, recognizer: str, usages: list[Usage]) -> Cost:
    return Cost(
        user=user,
        recognizer=recognizer,
        connections=len(usages),
        audio_seconds=sum(usage.audio_seconds for usage in usages),
        billed_seconds=sum(usage.billed_seconds for usage in usages),
        micro_dollars=sum(usage.micro_dollars for usage in usages),
    )
