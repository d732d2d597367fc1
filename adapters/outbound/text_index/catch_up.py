"""Has the index on this disk hold what the memories say now: what changed since, or all of it."""

from collections.abc import Mapping, Sequence, Set
from contextlib import aclosing
from types import TracebackType
from typing import Protocol, Self

from anyio import CapacityLimiter

from adapters.outbound.text_index.followed_places import FollowedPlaces
from adapters.outbound.text_index.kept_passages import KeptPassages
from adapters.outbound.text_index.redis_changes import Change, Changes, Place, RedisChanges
from domain.ids import MemoryId, UserId
from ports.errors import AdapterError
from ports.text_index import Passage, TextIndex

_BUILT_AT_ONCE = 2
"""Users whose index is built at the same time: searches of the others want the disk, too."""
_MOST_FAILURES = 3
"""Memories that cannot be read until the others are left for later."""
_READ_TOGETHER = 16
"""Memories. A database far away takes as long for them as for one; what is read waits here until it is put."""


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
        read = _ReadAhead(self._kept, user)
        while waiting and len(failed) < _MOST_FAILURES:
            change = waiting.pop()
            try:
                passages = None if change.is_gone else await read.passages(change.memory, then=waiting)
                await self._put(user, change.memory, passages)
            except AdapterError:
                failed.append(change)
        left = [change.number - 1 for change in (*failed, *waiting)]
        return Place(found.head.epoch, min(left, default=found.head.number))

    async def _put(self, user: UserId, memory: MemoryId, passages: Sequence[Passage] | None) -> None:
        if passages is None:
            await self._local.delete(user, memory)
        else:
            await self._local.put(user, memory, passages)


class _ReadAhead:
    """Reads memories of one user together with those that come next; one by one after that has failed."""

    def __init__(self, kept: KeptPassages, user: UserId) -> None:
        self._kept = kept
        self._user = user
        self._asked: Set[MemoryId] = frozenset()
        self._found: Mapping[MemoryId, Sequence[Passage]] = {}
        self._together = _READ_TOGETHER

    async def passages(self, memory: MemoryId, *, then: Sequence[Change]) -> Sequence[Passage] | None:
        """The passages of a memory; None where there is none to find.

        Args:
            memory: which.
            then: what comes next, the last one first.
        """
        if memory not in self._asked and self._together > 1:
            await self._read([memory, *(change.memory for change in then[: -self._together : -1])])
        return self._found.get(memory) if memory in self._asked else await self._kept.of(self._user, memory)

    async def _read(self, memories: Sequence[MemoryId]) -> None:
        try:
            self._found = await self._kept.of_several(self._user, memories)
            self._asked = frozenset(memories)
        except AdapterError:  # one that cannot be read is to hold back no other
            self._together, self._asked = 1, frozenset()
