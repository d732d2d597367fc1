"""Calls of plugins: not too many at once, and none to a plugin that is in trouble."""

from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import anyio
from msgspec import Struct

from domain.ids import PluginId, UserId
from ports.clock import Clock
from ports.errors import TemporarilyUnavailable

T = TypeVar("T")


class CallLimits(Struct, frozen=True, kw_only=True):
    """How many calls may be under way, and when a plugin is left alone."""

    at_once: int = 64
    per_plugin: int = 4
    per_user: int = 8
    failures: int = 5
    """So many within `window` and a plugin is left alone."""
    window: float = 60.0
    """Seconds."""
    pause: float = 300.0
    """Seconds that a plugin is left alone. Then one call is tried: if it fails, the pause begins anew."""


class LeftAlone(TemporarilyUnavailable):
    """The plugin failed too often; it was not called."""


class CallPlugins:
    """Every call of a plugin goes through here, so that one that hangs or fails takes nobody else along."""

    def __init__(self, *, clock: Clock, limits: CallLimits | None = None) -> None:
        self._clock = clock
        self._limits = limits or CallLimits()
        self._under_way: Counter[object] = Counter()
        self._freed = anyio.Event()
        self._breakers: dict[PluginId, _Breaker] = {}

    async def call(self, plugin: PluginId, user: UserId, work: Callable[[], Awaitable[T]]) -> T:
        """Does the work of one call when its turn has come.

        Raises:
            LeftAlone: the plugin failed too often.
            Exception: whatever the work raises. TemporarilyUnavailable counts as a failure of the plugin.
        """
        async with self._place(plugin, user):
            breaker = self._breakers.setdefault(plugin, _Breaker(self._limits))
            if not breaker.lets_through(self._clock.monotonic()):
                raise LeftAlone("the plugin failed too often and is left alone for a while")
            try:
                result = await work()
            except TemporarilyUnavailable:
                breaker.failed(self._clock.monotonic())
                raise
            finally:
                breaker.is_trying = False
            breaker.answered()
            return result

    @asynccontextmanager
    async def _place(self, plugin: PluginId, user: UserId) -> AsyncIterator[None]:
        """Waits until all limits leave room, and holds nothing while it waits."""
        keys = (("all",), ("plugin", plugin), ("user", user))
        most = (self._limits.at_once, self._limits.per_plugin, self._limits.per_user)
        while any(self._under_way[key] >= count for key, count in zip(keys, most, strict=True)):
            await self._freed.wait()
        self._under_way.update(keys)
        try:
            yield
        finally:
            self._under_way.subtract(keys)
            self._under_way += Counter()  # drops what is at nothing
            self._freed.set()
            self._freed = anyio.Event()


class _Breaker:
    """Whether a plugin is called. Times are seconds of a clock that never goes back."""

    def __init__(self, limits: CallLimits) -> None:
        self._limits = limits
        self._failures: deque[float] = deque(maxlen=limits.failures)
        self._closed_until: float | None = None
        self.is_trying = False
        """One call finds out whether a plugin is back."""

    def lets_through(self, now: float) -> bool:
        if self._closed_until is None:
            return True
        if now < self._closed_until or self.is_trying:
            return False
        self.is_trying = True
        return True

    def failed(self, now: float) -> None:
        self._failures.append(now)
        often = len(self._failures) == self._limits.failures and now - self._failures[0] <= self._limits.window
        if often or self._closed_until is not None:
            self._closed_until = now + self._limits.pause

    def answered(self) -> None:
        self._failures.clear()
        self._closed_until = None
