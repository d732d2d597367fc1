"""What a client was told, by number: so that one that was cut off is told what it missed, once, in order."""

from collections import deque

import anyio
from msgspec import Struct

from ports.clock import Clock

MOST_EVENTS = 1_000
MOST_BYTES = 1_048_576
LONGEST_SECONDS = 600.0


class NumberedEvent(Struct, frozen=True, gc=False):
    """Something that a client is told."""

    number: int
    """Counted from 1."""
    text: str
    at: float
    """Seconds, monotonic."""
    standing: str = ""
    """The conversation that it tells as it stands; empty for what happened."""


class EventLog:
    """The last events of a session: bounded in number, in bytes and in time."""

    def __init__(
        self,
        *,
        clock: Clock,
        most_events: int = MOST_EVENTS,
        most_bytes: int = MOST_BYTES,
        longest: float = LONGEST_SECONDS,
        since: int = 0,
    ) -> None:
        self.last = since
        """Number of the newest event."""
        self.closed = anyio.Event()
        """Set when no more events come."""
        self._clock = clock
        self._most_events = most_events
        self._most_bytes = most_bytes
        self._longest = longest
        self._kept: deque[NumberedEvent] = deque()
        self._size = 0
        self._changed = anyio.Event()

    @property
    def is_closed(self) -> bool:
        """Whether no more events come."""
        return self.closed.is_set()

    def append(self, text: str, *, standing: str = "") -> None:
        """Numbers an event. What is too old for the bounds is forgotten."""
        if self.is_closed:
            return
        self.last += 1
        self._kept.append(NumberedEvent(self.last, text, self._clock.monotonic(), standing))
        self._size += len(text)
        self._forget()
        self._tell()

    def since(self, number: int) -> list[NumberedEvent] | None:
        """The events behind a number; None where some of them are forgotten, or were never there."""
        self._forget()
        first = self.last - len(self._kept) + 1
        if not first - 1 <= number <= self.last:
            return None
        return [self._kept[index] for index in range(number - first + 1, len(self._kept))]

    def close(self) -> None:
        """Ends the log; what is in it can be read on."""
        self.closed.set()
        self._tell()

    async def wait(self, *, behind: int) -> None:
        """Waits until there is an event behind a number, or the log is closed."""
        while self.last <= behind and not self.is_closed:
            await self._changed.wait()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()

    def _forget(self) -> None:
        oldest = self._clock.monotonic() - self._longest
        while self._kept and (
            len(self._kept) > self._most_events or self._size > self._most_bytes or self._kept[0].at < oldest
        ):
            self._size -= len(self._kept.popleft().text)
