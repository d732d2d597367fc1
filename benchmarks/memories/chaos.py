"""Adapters that fail at random, and a process that ends at random."""

# ruff: noqa: ANN401 - any adapter

import functools
import inspect
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import anyio
from msgspec import Struct

from adapters.outbound.clock.manual import ManualClock
from ports.clock import Clock
from ports.errors import TemporarilyUnavailable

UNCOUNTED = frozenset({"wait", "sleep"})
"""Calls that wait for work or for time: the process is idle in them."""
HANG_SECONDS = 40.0
"""On the clock of the run: longer than a lease is extended for, shorter than it lasts."""


IDLE_ROUNDS = 25
"""Rounds of the loop without a call under way after which everybody waits for time to pass."""


class Faults(Struct, frozen=True, kw_only=True):
    """How often what goes wrong, each between 0 and 1, for each call."""

    fails: float = 0.0
    """The call does nothing and raises."""
    half_done: float = 0.0
    """The call does what it should, and raises all the same: the answer got lost."""
    hangs: float = 0.0
    """The call takes long, then raises."""
    crashes: float = 0.0
    """The process ends, before the call or behind it."""


class Chaos:
    """One process's share of misfortune."""

    def __init__(self, seed: int, *, clock: Clock, crash: Callable[[], None]) -> None:
        self._random = random.Random(seed)
        self._clock = clock
        self._crash = crash
        self.is_over = False
        """The process is dead: nothing that it still does counts."""
        self.is_calm = False
        """Nothing goes wrong any more."""
        self.busy = 0
        """Calls under way."""
        self.happened: Counter[str] = Counter()

    def around(self, adapter: Any, name: str, faults: Faults) -> "Flaky":
        """The adapter, with its faults."""
        return Flaky(adapter, name, faults, self)

    async def before(self, name: str, faults: Faults) -> None:
        """What may go wrong before a call does anything."""
        self._may_crash(name, faults)
        if self._draws(faults.fails, f"{name} failed"):
            raise TemporarilyUnavailable(f"{name} failed")
        if self._draws(faults.hangs, f"{name} hung"):
            self.busy -= 1
            try:
                await self._clock.sleep(HANG_SECONDS)
            finally:
                self.busy += 1
            raise TemporarilyUnavailable(f"{name} gave no answer")

    def behind(self, name: str, faults: Faults) -> None:
        """What may go wrong once a call has done its work."""
        self._may_crash(name, faults)
        if self._draws(faults.half_done, f"{name} lost its answer"):
            raise TemporarilyUnavailable(f"{name} lost its answer")

    def require_life(self) -> None:
        """Nobody gets anything done in a process that is over."""
        if self.is_over:
            raise TemporarilyUnavailable("this process is over")

    def _may_crash(self, name: str, faults: Faults) -> None:
        if self._draws(faults.crashes, "the process crashed"):
            self.is_over = True
            self._crash()
        if self.is_over:
            raise TemporarilyUnavailable(f"the process ended in {name}")

    def _draws(self, chance: float, what: str) -> bool:
        if self.is_calm or self._random.random() >= chance:
            return False
        self.happened[what] += 1
        return True


class Flaky:
    """An adapter whose coroutines fail at random. Everything else of it is as it was."""

    def __init__(self, adapter: Any, name: str, faults: Faults, chaos: Chaos) -> None:
        self._adapter = adapter
        self._name = name
        self._faults = faults
        self._chaos = chaos

    async def __aenter__(self) -> Any:
        if hasattr(self._adapter, "__aenter__"):
            await self._adapter.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        if hasattr(self._adapter, "__aexit__"):
            await self._adapter.__aexit__(*error)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._adapter, name)
        if inspect.isasyncgenfunction(found):
            return self._counted(found)
        return self._flaky(found) if inspect.iscoroutinefunction(found) else found

    def _counted(self, method: Any) -> Any:
        chaos = self._chaos

        async def values(*args: Any, **named: Any) -> Any:
            found = method(*args, **named)
            while True:
                chaos.require_life()
                chaos.busy += 1
                try:
                    value = await anext(found)
                except StopAsyncIteration:
                    return
                finally:
                    chaos.busy -= 1
                yield value

        return values

    def _flaky(self, method: Any) -> Any:
        chaos, faults, place = self._chaos, self._faults, f"{self._name}.{method.__name__}"
        counted = int(method.__name__ not in UNCOUNTED)

        @functools.wraps(method)
        async def call(*args: Any, **named: Any) -> Any:
            chaos.require_life()
            chaos.busy += counted
            try:
                if counted:
                    await chaos.before(place, faults)
                result = await method(*args, **named)
                if counted:
                    chaos.behind(place, faults)
                return result
            finally:
                chaos.busy -= counted

        return call


class SteppedClock(ManualClock):
    """A manual clock that knows when somebody wakes up next."""

    @property
    def until_next(self) -> float:
        """Seconds; 0 when nobody sleeps."""
        return max(self._sleepers[0][0] - self._elapsed, 0.0) if self._sleepers else 0.0


async def let_time_pass(clock: SteppedClock, chaos: Chaos, *, until: Callable[[], bool]) -> None:
    """Moves the clock to its next sleeper whenever nobody works, until a condition holds."""
    idle = 0
    while not until():
        await anyio.sleep(0.0002 if chaos.busy else 0)
        idle = 0 if chaos.busy else idle + 1
        if idle >= IDLE_ROUNDS:
            await clock.advance(clock.until_next)
            idle = 0
