"""Whether this process can take work: asked often, by strangers, so it looks seldom and says little."""

from collections.abc import Callable, Mapping

import anyio
from msgspec import Struct

from ports.clock import Clock
from ports.diagnosis import Condition, Diagnosable

FRESH = 10.0
"""Seconds that a finding is good for: a diagnosis may cost a call to a vendor."""
PATIENCE = 5.0
"""Seconds that an adapter may take to look at itself."""


class Report(Struct, frozen=True):
    """How the process does."""

    status: str
    """`ready`, `degraded`, `unavailable` or `draining`."""
    adapters: dict[str, Condition]
    """Why it is so is told by `omi doctor`, not to strangers."""


def _never() -> bool:
    return False


class Readiness:
    """Asks the adapters how they do."""

    def __init__(
        self, adapters: Mapping[str, object], *, clock: Clock, is_draining: Callable[[], bool] = _never
    ) -> None:
        self._adapters = {name: adapter for name, adapter in adapters.items() if isinstance(adapter, Diagnosable)}
        self._clock = clock
        self._is_draining = is_draining
        self._found: dict[str, Condition] = {}
        self._good_until = float("-inf")

    async def report(self) -> Report:
        """How all adapters do that can tell; at most ten seconds old."""
        if self._clock.monotonic() >= self._good_until:
            self._good_until = self._clock.monotonic() + FRESH
            self._found = await self._looked()
        return Report("draining" if self._is_draining() else _summary(self._found), self._found)

    async def _looked(self) -> dict[str, Condition]:
        found = dict.fromkeys(self._adapters, Condition.BROKEN)
        with anyio.move_on_after(PATIENCE):
            async with anyio.create_task_group() as tasks:
                for name, adapter in self._adapters.items():
                    tasks.start_soon(_look, name, adapter, found)
        return found


async def _look(name: str, adapter: Diagnosable, found: dict[str, Condition]) -> None:
    found[name] = (await adapter.diagnose()).condition


def _summary(found: Mapping[str, Condition]) -> str:
    if Condition.BROKEN in found.values():
        return "unavailable"
    return "degraded" if Condition.DEGRADED in found.values() else "ready"
