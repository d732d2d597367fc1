"""Has shelves in memory hold what Redis holds now: what changed since, or all of it."""

from collections.abc import Sequence
from contextlib import aclosing, suppress

import anyio
from anyio import CapacityLimiter
from anyio.abc import TaskGroup
from anyio.to_thread import run_sync
from msgspec import Struct

from adapters.outbound.vector_index.packed_vectors import PackedVectors
from adapters.outbound.vector_index.redis_shelves import NOTHING, RedisShelves, State
from adapters.outbound.vector_index.sealed_vectors import SealedVectors
from adapters.outbound.vector_index.shelf import Shelf, Shelves
from domain.ids import MemoryId, UserId
from ports.errors import AdapterError, TemporarilyUnavailable
from ports.vault import Vault

_REST = 2.0
"""Seconds until Redis is asked again that did not answer."""


class Patience(Struct, frozen=True, kw_only=True):
    """How long searches wait, in seconds."""

    look: float
    """For Redis to tell whether anything changed."""
    read: float
    """For what changed, from when it is begun to be read."""


class FollowShelves:
    """Reads each shelf once at a time, however many want it; goes on when nobody waits any more."""

    def __init__(self, *, redis: RedisShelves, vault: Vault, shelves: Shelves, patience: Patience) -> None:
        self._redis = redis
        self._vault = vault
        self._shelves = shelves
        self._patience = patience
        self._rounds: dict[Shelf, _Round] = {}
        self._silent_until = 0.0
        self._threads = CapacityLimiter(1)  # made where an event loop runs

    async def follow(self, user: UserId, space: str, *, tasks: TaskGroup) -> Shelf:
        """The shelf with what others changed, if that takes no longer than one is patient; else with what is here.

        Raises:
            TemporarilyUnavailable: Redis cannot be reached, and nothing is here.
        """
        shelf = self._shelves.of(user, space)
        try:
            head = await self._look(user, space, shelf)
            await self._reach(_Wanted(user, space, shelf), head, tasks=tasks, patience=self._patience.read)
        except TemporarilyUnavailable:
            if shelf.is_empty and not shelf.is_known:
                raise
        return shelf

    async def keep_up(self, every: float, *, tasks: TaskGroup) -> None:
        """Follows all shelves in memory: what is deleted elsewhere goes though nobody searches there."""
        while True:
            await anyio.sleep(every)
            wanted = [_Wanted(user, space, shelf) for (user, space), shelf in self._shelves.all().items()]
            if not wanted:
                continue
            heads: Sequence[State] = ()
            with suppress(AdapterError):  # it is tried again
                heads = await self._redis.look([(one.user, one.space) for one in wanted])
            for one, head in zip(wanted, heads, strict=False):
                with suppress(AdapterError):
                    await self._reach(one, head, tasks=tasks, patience=float("inf"))

    async def _look(self, user: UserId, space: str, shelf: Shelf) -> State:
        if anyio.current_time() < self._silent_until:
            raise TemporarilyUnavailable("Redis did not answer a moment ago")
        before = shelf.state
        try:
            with anyio.fail_after(self._patience.look):
                (head,) = await self._redis.look(((user, space),))
        except (TemporarilyUnavailable, TimeoutError) as error:
            self._silent_until = anyio.current_time() + _REST
            raise TemporarilyUnavailable("Redis does not answer") from error
        if before.epoch == head.epoch and before.number > head.number:  # it has forgotten its last changes
            shelf.state = NOTHING
        return head

    async def _reach(self, wanted: "_Wanted", head: State, *, tasks: TaskGroup, patience: float) -> None:
        """Reads what changed up to a state. Several who want that have it done once. Raises AdapterError."""
        looked = anyio.current_time()
        while not _covers(wanted.shelf.state, head):
            current = self._rounds.get(wanted.shelf)
            if current is None:
                current = self._rounds[wanted.shelf] = _Round()
                tasks.start_soon(self._run, wanted, current)
            with anyio.CancelScope(deadline=current.began + patience):
                await current.done.wait()
            if current.error is not None:
                raise current.error
            if not current.done.is_set() or current.began >= looked:
                return  # it takes too long, or there is another state by now

    async def _run(self, wanted: "_Wanted", current: "_Round") -> None:
        try:
            await self._catch_up(wanted.user, wanted.space, wanted.shelf)
        except AdapterError as error:
            current.error = error
        finally:
            self._shelves.trim()
            del self._rounds[wanted.shelf]
            current.done.set()

    async def _catch_up(self, user: UserId, space: str, shelf: Shelf) -> None:
        """Applies what there is, deletions first. What is read of a memory is at least as new as its change."""
        changes = await self._redis.since(user, space, shelf.state)
        if changes.follows:
            shelf.drop(changes.gone)
        else:
            shelf.keep(changes.written, dimension=changes.dimension)
        if changes.written:
            sealed = SealedVectors(await self._vault.known(user), space)
            async with aclosing(self._redis.read(user, space, changes.written)) as parts:
                async for part in parts:
                    opened = await run_sync(sealed.opened, part, limiter=self._threads)
                    _place(shelf, opened, dimension=changes.dimension)
        shelf.reached(changes.state)


class _Wanted(Struct, frozen=True):
    """A shelf, and whose it is."""

    user: UserId
    space: str
    shelf: Shelf


class _Round:
    """Catching up, once."""

    def __init__(self) -> None:
        self.began = anyio.current_time()
        self.done = anyio.Event()
        self.error: AdapterError | None = None


def _place(shelf: Shelf, vectors: Sequence[tuple[MemoryId, PackedVectors | None]], *, dimension: int) -> None:
    for memory_id, one in vectors:
        if one is None or one.dimension != dimension:
            shelf.drop((memory_id,))
        else:
            shelf.put(memory_id, one)


def _covers(state: State, head: State) -> bool:
    return state.epoch == head.epoch and state.number >= head.number
