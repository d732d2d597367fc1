"""Whether this process can take work: asked often, by strangers, so it looks seldom and says little."""

from collections.abc import Callable, Collection, Mapping, Sequence
from enum import StrEnum

import anyio
from msgspec import Struct

from ports.clock import Clock
from ports.diagnosis import Diagnosable
from ports.measures import Label, Measure, Sample, standing

FRESH = 10.0
"""Seconds that a finding is good for: a diagnosis may cost a call to a vendor."""
PATIENCE = 5.0
"""Seconds that an adapter may take to look at itself."""

NEEDED = frozenset(
    {"audio_decoder", "authenticator", "capture_journal", "job_queue", "key_value_store", "memory_repository", "vault"}
)
"""Ports without which no session can be held or no memory told. What else breaks is made up for, or waits: audio is
kept while no recognizer listens, and what follows from a conversation is tried again."""


class State(StrEnum):
    """How an adapter does, for strangers."""

    WORKING = "working"
    DEGRADED = "degraded"
    BROKEN = "broken"
    UNCHECKED = "unchecked"
    """It has no way to tell."""


class Finding(Struct, frozen=True, kw_only=True):
    """How the adapter of a port does. Why it is so is told by `omi doctor`, not to strangers."""

    adapter: str
    """Its name, several with commas."""
    state: State
    milliseconds: float | None = None
    """How long it looked at itself; None where it did not, or took too long."""


class Report(Struct, frozen=True):
    """How the process does."""

    status: str
    """`ready`, `degraded`, `unavailable` or `draining`."""
    adapters: dict[str, Finding]
    """By port."""


def _never() -> bool:
    return False


class Readiness:
    """Asks the adapters how they do."""

    def __init__(
        self,
        adapters: Mapping[str, object],
        *,
        clock: Clock,
        names: Mapping[str, str] | None = None,
        needed: Collection[str] | None = None,
        is_draining: Callable[[], bool] = _never,
    ) -> None:
        """Keeps what it asks.

        Args:
            adapters: by port.
            clock: what was found is good for a time by it.
            names: port -> what its adapter is called.
            needed: ports whose adapter must not be broken; None: all.
            is_draining: whether the process is about to end.
        """
        self._adapters = adapters
        self._names = names or {}
        self._needed = frozenset(adapters if needed is None else needed)
        self._clock = clock
        self._is_draining = is_draining
        self._found: dict[str, Finding] = {}
        self._good_until = float("-inf")
        self._looking = anyio.Lock()

    async def report(self) -> Report:
        """How all adapters do; at most ten seconds old. Of many who ask at once, one looks."""
        async with self._looking:
            if self._clock.monotonic() >= self._good_until:
                self._found = await self._looked()
                self._good_until = self._clock.monotonic() + FRESH
        return Report("draining" if self._is_draining() else self._summary(), self._found)

    async def measures(self) -> Sequence[Measure]:
        """What was found when somebody asked last; nobody is asked for this."""
        conditions = (
            Sample(
                finding.state is state, {Label.PORT: port, Label.ADAPTER: finding.adapter, Label.CONDITION: state.value}
            )
            for port, finding in self._found.items()
            if finding.state is not State.UNCHECKED
            for state in (State.WORKING, State.DEGRADED, State.BROKEN)
        )
        return (
            standing("adapter_condition", "1 for how an adapter did when readiness was asked last", conditions),
            standing("draining", "1 while the process takes no new sessions", [Sample(self._is_draining())]),
        )

    async def _looked(self) -> dict[str, Finding]:
        found = {port: self._before_looking(port, adapter) for port, adapter in self._adapters.items()}
        with anyio.move_on_after(PATIENCE):
            async with anyio.create_task_group() as tasks:
                for port, adapter in self._adapters.items():
                    if isinstance(adapter, Diagnosable):
                        tasks.start_soon(self._look, port, adapter, found)
        return found

    def _before_looking(self, port: str, adapter: object) -> Finding:
        state = State.BROKEN if isinstance(adapter, Diagnosable) else State.UNCHECKED
        return Finding(adapter=self._names.get(port, ""), state=state)

    async def _look(self, port: str, adapter: Diagnosable, found: dict[str, Finding]) -> None:
        began = anyio.current_time()
        condition = (await adapter.diagnose()).condition
        found[port] = Finding(
            adapter=found[port].adapter,
            state=State(condition.value),
            milliseconds=round((anyio.current_time() - began) * 1_000, 1),
        )

    def _summary(self) -> str:
        broken = {port for port, finding in self._found.items() if finding.state is State.BROKEN}
        if broken & self._needed:
            return "unavailable"
        troubled = broken or any(finding.state is State.DEGRADED for finding in self._found.values())
        return "degraded" if troubled else "ready"
