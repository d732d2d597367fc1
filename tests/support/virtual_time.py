"""Hours in milliseconds: the event loop's own clock jumps to whatever is waited for next."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import anyio
import trio.testing

Result = TypeVar("Result")

START = datetime(2026, 1, 1, 12, tzinfo=UTC)


class LoopClock:
    """The clock of the loop, so that deadlines of the loop and sleeps on the clock agree."""

    def now(self) -> datetime:
        return START + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return anyio.current_time()

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(max(seconds, 0.0))


def in_virtual_time(function: Callable[[], Awaitable[Result]]) -> Result:
    """Runs a coroutine function to its end, however long it sleeps."""
    options = {"clock": trio.testing.MockClock(autojump_threshold=0)}
    return anyio.run(function, backend="trio", backend_options=options)
