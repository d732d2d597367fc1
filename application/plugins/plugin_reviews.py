"""What users think of plugins."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import anyio

from application.plugins.stored_reviews import read_reviews, written_reviews
from domain.ids import PluginId, UserId, new_id
from domain.plugin_rating import Review
from ports.clock import Clock
from ports.errors import TemporarilyUnavailable
from ports.key_value_store import KeyValueStore

LOCK = timedelta(seconds=5)
"""A process that crashed while it wrote reviews is waited for no longer."""
PATIENCE = 10.0
LOOK_EVERY = 0.01
"""Seconds."""


class PluginReviews:
    """All reviews of a plugin under one key, as the original has them."""

    def __init__(self, *, store: KeyValueStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def of(self, plugin: PluginId) -> dict[UserId, Review]:
        """The reviews of a plugin, by user."""
        return read_reviews(await self._store.get(_key(plugin)))

    async def put(self, plugin: PluginId, review: Review) -> None:
        """Stores the review of a user in place of their earlier one.

        Raises:
            TemporarilyUnavailable: not stored.
        """
        async with self._alone(plugin):
            reviews = await self.of(plugin)
            reviews[review.user] = review
            await self._store.put(_key(plugin), written_reviews(reviews))

    async def remove(self, plugin: PluginId, user: UserId) -> None:
        """Removes the review of a user; nothing happens when there is none. Raises TemporarilyUnavailable."""
        if user not in await self.of(plugin):
            return
        async with self._alone(plugin):
            reviews = await self.of(plugin)
            reviews.pop(user, None)
            await self._store.put(_key(plugin), written_reviews(reviews))

    @asynccontextmanager
    async def _alone(self, plugin: PluginId) -> AsyncIterator[None]:
        """Of many who would write the reviews of a plugin, in whatever process, one does at a time."""
        key, mine = f"{_key(plugin)}:lock", new_id().encode()
        started = self._clock.monotonic()
        while not await self._store.put_if_absent(key, mine, lifetime=LOCK):
            if self._clock.monotonic() - started > PATIENCE:
                raise TemporarilyUnavailable("the reviews of the plugin are being written by others")
            await self._clock.sleep(LOOK_EVERY)
        try:
            yield
        finally:
            with anyio.move_on_after(LOCK.total_seconds(), shield=True):
                if await self._store.get(key) == mine:
                    await self._store.delete(key)


def _key(plugin: PluginId) -> str:
    return f"plugins:{plugin}:reviews"
