"""Looking for something that is nice to have, without holding anybody up."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Generic, TypeVar

import anyio

from ports.errors import AdapterError

T = TypeVar("T")

GRACE_SECONDS = 0.25
"""That a connection waits for what it could do without."""


class Lookup(Generic[T]):
    """A search that goes on when nobody waits for it any more: whoever asks next finds the result in memory."""

    def __init__(self, search: Callable[[], Awaitable[T]], *, otherwise: T) -> None:
        """Has not begun.

        Args:
            search: may raise any AdapterError, and then has found nothing.
            otherwise: the result where nothing was found, or nothing yet.
        """
        self._search = search
        self._found = otherwise
        self._done = anyio.Event()

    async def run(self) -> None:
        """Searches. To be run by whoever lives longer than who asks."""
        with suppress(AdapterError):
            self._found = await self._search()
        self._done.set()

    async def result(self) -> T:
        """What was found by then."""
        with anyio.move_on_after(GRACE_SECONDS):
            await self._done.wait()
        return self._found
