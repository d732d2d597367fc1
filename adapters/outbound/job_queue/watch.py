"""Waiting for work without asking for it all the time."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import anyio
import anyio.lowlevel

from ports.clock import Clock

NextDue = Callable[[datetime], Awaitable[datetime | None]]
"""When the first work becomes due after a moment; None: nothing will."""
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Watch:
    """Remembers until when a queue was looked through in vain, so that a waiting worker misses nothing after it.

    What was due at that look already is not waited for: it was of a kind that nobody here does, and would have the
    worker look again and again.
    """

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._changes = 0
        self._changed = anyio.Event()
        self._seen_changes = -1
        self._seen_until = _LONG_AGO

    @property
    def changes(self) -> int:
        """Counts what was put into the queue: to be asked for before a look."""
        return self._changes

    def change(self) -> None:
        """Something was put into the queue: whoever waits should look."""
        self._changes += 1
        self._changed.set()
        self._changed = anyio.Event()

    def looked_in_vain(self, *, changes: int, at: datetime) -> None:
        """Nothing was there, at a moment and after so many changes."""
        self._seen_changes = changes
        self._seen_until = at

    async def wait(self, next_due: NextDue, *, at_most: timedelta) -> None:
        """Returns when something was put in since the last look, has become due since, or the time is over."""
        await anyio.lowlevel.checkpoint()
        if self._changes != self._seen_changes:
            return
        changed = self._changed
        end = self._clock.now() + at_most
        due = await next_due(self._seen_until)
        pause = (min(due or end, end) - self._clock.now()).total_seconds()
        if pause > 0:
            await self._either(changed, pause)

    async def _either(self, changed: anyio.Event, pause: float) -> None:
        async with anyio.create_task_group() as tasks:

            async def sleep() -> None:
                await self._clock.sleep(pause)
                tasks.cancel_scope.cancel()

            tasks.start_soon(sleep)
            await changed.wait()
            tasks.cancel_scope.cancel()
