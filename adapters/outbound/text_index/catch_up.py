"""Has the index on this disk hold what the memories say now: what changed since, or all of it."""

from collections.abc import Set
from contextlib import aclosing
from types import TracebackType
from typing import Protocol, Self

from anyio import CapacityLimiter

from adapters.outbound.text_index.followed_places import FollowedPlaces
from adapters.outbound.text_index.kept_passages import KeptPassages
from adapters.outbound.text_index.redis_changes import Change, Changes, Place, RedisChanges
from domain.ids import MemoryId, UserId
from ports.errors import AdapterError
from ports.text_index import TextIndex

_BUILT_AT_ONCE = 2
"""Users whose index is built at the same time: searches of the others want the disk, too."""
_MOST_FAILURES = 3
"""Memories that cannot be read until the others are left for later."""


class LocalTextIndex(TextIndex, Protocol):
    """An index on this disk, to be opened and closed."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class CatchUp:
    """Applies changes. One at a time for each user. Raises AdapterError throughout.

    A memory is read after its change was noted and is at least as new as that. What was written here meanwhile by
    somebody who knew an older one was noted as a change, too, and is looked at again.
    """

    def __init__(self, *, local: TextIndex, kept: KeptPassages, places: FollowedPlaces, changes: RedisChanges) -> None:
        self._local = local
        self._kept = kept
        self._places = places
        self._changes = changes
        self._building = CapacityLimiter(_BUILT_AT_ONCE)  # made where an event loop runs

    async def run(self, user: UserId) -> bool:
        """Applies what there is; says whether that was all of it."""
        before = await self._places.of(user)
        found = await self._changes.since(user, before)
        if found.follows:
            reached = await self._apply(user, found)
        else:
            async with self._building:
                reached = await self._anew(user, found)
            if not await self._local.memories(user):
                await self._places.empty(user, after=reached)
                return reached == found.head
        await self._places.reached(user, before=before, after=reached)
        return reached == found.head

    async def _anew(self, user: UserId, found: Changes) -> Place:
        if found.is_whole:  # as after the user was erased: memories that are not in the log are on their way out
            await self._local.clear(user)
            return await self._apply(user, found)
        await self._build(user, {change.memory for change in found.changes if change.is_gone})
        return found.head

    async def _build(self, user: UserId, gone: Set[MemoryId]) -> None:
        """Puts all memories, newest first, and deletes what is none any more or is on its way out."""
        seen: set[MemoryId] = set()
        async with aclosing(self._kept.newest_first(user)) as memories:
            async for memory_id, passages in memories:
                if memory_id not in gone:
                    await self._local.put(user, memory_id, passages)
                    seen.add(memory_id)
        for memory_id in await self._local.memories(user):
            if memory_id in gone or (memory_id not in seen and await self._kept.of(user, memory_id) is None):
                await self._local.delete(user, memory_id)

    async def _apply(self, user: UserId, found: Changes) -> Place:
        """What was deleted first, then the newest. What cannot be read is left for later, and what came after it."""
        failed: list[Change] = []
        waiting = sorted(found.changes, key=lambda change: (change.is_gone, change.number))
        while waiting and len(failed) < _MOST_FAILURES:
            change = waiting.pop()
            try:
                await self._one(user, change)
            except AdapterError:
                failed.append(change)
        left = [change.number - 1 for change in (*failed, *waiting)]
        return Place(found.head.epoch, min(left, default=found.head.number))

    async def _one(self, user: UserId, change: Change) -> None:
        passages = None if change.is_gone else await self._kept.of(user, change.memory)
        if passages is None:
            await self._local.delete(user, change.memory)
        else:
            await self._local.put(user, change.memory, passages)
