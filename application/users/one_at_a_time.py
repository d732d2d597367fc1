"""Work of which each user has one at a time, whichever server does it."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import anyio

from domain.ids import UserId, new_id
from ports.clock import Clock
from ports.errors import TemporarilyUnavailable
from ports.key_value_store import KeyValueStore

LEASE = timedelta(minutes=2)
"""So long after a crash somebody else may begin."""
PATIENCE = 20.0
"""Seconds to wait for somebody else's work to end."""
LOOK_AGAIN = 0.1
CLEAN_UP = 5.0


class OneAtATime:
    """Turns of a user: within this process by a lock, among processes by a note in the store that they share."""

    def __init__(self, work: str, *, values: KeyValueStore, clock: Clock) -> None:
        """Keeps what it works with.

        Args:
            work: a name for it; the note is `users:{user}:{work}:lease`.
            values: where the note is.
            clock: tells how long somebody else is waited for.
        """
        self._work = work
        self._values = values
        self._clock = clock
        self._locks: dict[UserId, anyio.Lock] = {}
        self._interested: Counter[UserId] = Counter()

    @asynccontextmanager
    async def turn(self, user: UserId) -> AsyncIterator[None]:
        """Waits for the user's turn, and holds it.

        Raises:
            TemporarilyUnavailable: somebody else takes too long, or the store is out of reach.
        """
        self._interested[user] += 1
        try:
            async with self._locks.setdefault(user, anyio.Lock()), self._noted(user):
                yield
        finally:
            self._interested[user] -= 1
            if not self._interested[user]:
                del self._interested[user], self._locks[user]

    @asynccontextmanager
    async def _noted(self, user: UserId) -> AsyncIterator[None]:
        key, mine = f"users:{user}:{self._work}:lease", new_id().encode()
        give_up = self._clock.monotonic() + PATIENCE
        while not await self._values.put_if_absent(key, mine, lifetime=LEASE):
            if self._clock.monotonic() >= give_up:
                raise TemporarilyUnavailable(f"the {self._work} of this user are being changed by somebody else")
            await self._clock.sleep(LOOK_AGAIN)
        try:
            yield
        finally:
            with anyio.move_on_after(CLEAN_UP, shield=True):
                if await self._values.get(key) == mine:
                    await self._values.delete(key)
