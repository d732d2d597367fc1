"""A text index of many servers: each has its own on its disk, and Redis tells it what the others changed."""

from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Annotated, Self

import anyio
from msgspec import Meta

from adapters.outbound.redis_connection import RedisConnection, RedisServer
from adapters.outbound.text_index.catch_up import CatchUp, LocalTextIndex
from adapters.outbound.text_index.followed_places import FollowedPlaces
from adapters.outbound.text_index.kept_passages import KeptPassages
from adapters.outbound.text_index.redis_changes import Place, RedisChanges
from domain.ids import MemoryId, UserId
from ports.diagnosis import Diagnosis
from ports.errors import AdapterError
from ports.text_index import Hit, Passage
from ports.text_index import Place as PassagePlace

_REST = 2.0
"""Seconds until Redis is asked again that did not answer, or memories that could not be read."""


class RedisTextIndexSettings(RedisServer, frozen=True, kw_only=True):
    """Settings of the index."""

    patience: Annotated[float, Meta(ge=0)] = 1.0
    """Seconds that a search waits for what other servers changed, from when it is begun to be read."""
    forgets_every: Annotated[float, Meta(gt=0)] = 5.0
    """Seconds until a server that nobody asks has forgotten what was deleted on another one."""


class RedisTextIndex:
    """An index on this disk that follows the memories. While Redis is away, it answers with what it has.

    What is put or deleted is so here at once, and noted in Redis; when that fails, the error says so, and it is to be
    done again.
    """

    def __init__(
        self, *, settings: RedisTextIndexSettings, data_dir: Path, local: LocalTextIndex, kept: KeptPassages
    ) -> None:
        self._settings = settings
        self._local = local
        self._kept = kept
        self._redis = RedisConnection(settings)
        self._places = FollowedPlaces(data_dir)
        self._changes = RedisChanges(self._redis)
        self._rounds: dict[UserId, _Round] = {}
        self._resting: dict[UserId, float] = {}
        """Users whose memories could not be read, and until when nobody tries again."""
        self._silent_until = 0.0

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            for opened in (self._local, self._places, self._redis):
                await stack.enter_async_context(opened)
            self._changes.prepare()
            self._catch_up = CatchUp(local=self._local, kept=self._kept, places=self._places, changes=self._changes)
            self._tasks = anyio.create_task_group()
            await self._tasks.__aenter__()
            self._tasks.start_soon(self._forget)
            self._opened = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tasks.cancel_scope.cancel()
        await self._tasks.__aexit__(None, None, None)  # what went wrong outside is not theirs
        await self._opened.__aexit__(kind, error, trace)

    async def put(self, user: UserId, memory_id: MemoryId, passages: Sequence[Passage]) -> None:
        """Replaces all passages of a memory."""
        before = await self._places.of(user)
        await self._local.put(user, memory_id, passages)
        place, previous = await self._changes.note(user, memory_id, "put")
        # whoever changed it before may know it better than who put it here
        await self._places.count(user, before=before, after=None if previous else place)

    async def delete(self, user: UserId, memory_id: MemoryId) -> None:
        """Forgets a memory, here at once, on other servers soon."""
        await self._local.delete(user, memory_id)
        await self._changes.note(user, memory_id, "delete")

    async def clear(self, user: UserId) -> None:
        """Forgets all memories of a user, here at once, on other servers soon."""
        await self._local.clear(user)
        await self._places.empty(user, after=await self._changes.clear(user))

    async def memories(self, user: UserId) -> tuple[MemoryId, ...]:
        """Which memories have passages, sorted."""
        await self._follow(user)
        return await self._local.memories(user)

    async def search(self, user: UserId, query: str, *, limit: int = 50) -> tuple[Hit, ...]:
        """Best passages first."""
        await self._follow(user)
        return await self._local.search(user, query, limit=limit)

    async def rank_memories(self, user: UserId, query: str, *, limit: int = 50) -> tuple[Hit, ...]:
        """Best memories first."""
        await self._follow(user)
        return await self._local.rank_memories(user, query, limit=limit)

    async def between(self, user: UserId, start: datetime, end: datetime, *, limit: int = 50) -> tuple[Hit, ...]:
        """Passages of a time, newest first."""
        await self._follow(user)
        return await self._local.between(user, start, end, limit=limit)

    async def read(self, user: UserId, places: Sequence[PassagePlace]) -> tuple[Hit, ...]:
        """Some passages."""
        await self._follow(user)
        return await self._local.read(user, places)

    async def diagnose(self) -> Diagnosis:
        """Whether Redis answers."""
        return await self._redis.diagnose()

    async def _follow(self, user: UserId) -> None:
        """Has what others changed be here, if that takes no longer than one is patient."""
        if anyio.current_time() < self._silent_until:
            return
        try:
            with anyio.fail_after(self._settings.patience or self._settings.timeout):
                head = await self._changes.look(user)
        except (AdapterError, TimeoutError):
            self._silent_until = anyio.current_time() + _REST
            return
        with anyio.move_on_after(self._settings.patience):
            await self._reach(user, head, patience=self._settings.patience)

    async def _reach(self, user: UserId, head: Place, *, patience: float) -> bool:
        """Catches up with a place of the log; says whether it did. Several who want that have it done once."""
        looked = anyio.current_time()
        while not _covers(await self._places.of(user), head):
            if anyio.current_time() < self._resting.get(user, 0.0):
                return False
            current = self._rounds.get(user)
            if current is None:
                current = self._rounds[user] = _Round()
                self._tasks.start_soon(self._run, user, current)
            with anyio.CancelScope(deadline=current.began + patience):
                await current.done.wait()
            if not current.done.is_set():
                return False
            if current.began >= looked:  # there is another log by now, if it is not there yet
                return current.is_complete
        return True

    async def _run(self, user: UserId, current: "_Round") -> None:
        """Goes on when nobody waits any more."""
        try:
            with suppress(AdapterError):
                current.is_complete = await self._catch_up.run(user)
            if current.is_complete:
                self._resting.pop(user, None)
            else:
                self._resting[user] = anyio.current_time() + _REST
        finally:
            del self._rounds[user]
            current.done.set()

    async def _forget(self) -> None:
        """Has this disk forget what is deleted on other servers, whether anybody asks for it or not."""
        number, pending = 0, set[UserId]()
        while True:
            try:
                now, folders = await self._changes.lost(number)
                owners = [await self._places.owner(folder) for folder in folders]
                pending |= {owner for owner in owners if owner is not None}
                number = now if now >= number else 0  # Redis has lost its memory
                for user in tuple(pending):
                    if await self._reach(user, await self._changes.look(user), patience=float("inf")):
                        pending.discard(user)
            except AdapterError:
                pass  # it is tried again
            await anyio.sleep(self._settings.forgets_every)


class _Round:
    """Catching up, once."""

    def __init__(self) -> None:
        self.began = anyio.current_time()
        self.done = anyio.Event()
        self.is_complete = False


def _covers(place: Place, head: Place) -> bool:
    return place.epoch == head.epoch and place.number >= head.number
