"""A vector index of many servers: vectors lie sealed in Redis; each server has in memory what it is asked for."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from types import TracebackType
from typing import Annotated, Self

import anyio
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from msgspec import Meta

from adapters.outbound.redis_connection import RedisConnection, RedisServer
from adapters.outbound.vault.none import ClearVault
from adapters.outbound.vector_index.follow_shelves import FollowShelves, Patience
from adapters.outbound.vector_index.packed_vectors import PackedVectors
from adapters.outbound.vector_index.ranked_places import floats, ranked
from adapters.outbound.vector_index.redis_shelves import RedisShelves
from adapters.outbound.vector_index.resealed_shelf import resealed_shelf
from adapters.outbound.vector_index.sealed_vectors import SealedVectors
from adapters.outbound.vector_index.shelf import Rows, Shelves
from domain.embedding import Embedding
from domain.ids import MemoryId, UserId
from ports.diagnosis import Diagnosis
from ports.sealing_again import Resealed
from ports.text_index import Place
from ports.vault import Vault
from ports.vector_index import Near, VectorEntry

_THREADS = 2
"""Searches and seals at the same time."""


class RedisVectorIndexSettings(RedisServer, frozen=True, kw_only=True):
    """Settings of the vector index."""

    cache_bytes: Annotated[int, Meta(ge=0)] = 256 << 20
    """Vectors kept in memory, over all users: those asked for longest ago go first; 1.7 KB a passage.

    The user who was asked for last stays, however much they have.
    """
    candidates: Annotated[int, Meta(ge=0)] = 500
    """Passages that are compared exactly, of all whose signs were compared."""
    patience: Annotated[float, Meta(ge=0)] = 1.0
    """Seconds that a search waits for what other servers changed, from when it is begun to be read."""
    forgets_every: Annotated[float, Meta(gt=0)] = 5.0
    """Seconds until a server that nobody asks has forgotten what was deleted on another one."""


class RedisVectorIndex:
    """Vectors (half precision) in Redis, compared in memory. While Redis is away, it answers with what it has there."""

    def __init__(self, *, settings: RedisVectorIndexSettings, vault: Vault | None = None) -> None:
        self._settings = settings
        self._vault = vault or ClearVault()
        self._connection = RedisConnection(settings)
        self._redis = RedisShelves(self._connection)

    async def __aenter__(self) -> Self:
        settings = self._settings
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._connection)
            self._redis.prepare()
            self._threads = CapacityLimiter(_THREADS)
            self._following = FollowShelves(
                redis=self._redis,
                vault=self._vault,
                shelves=Shelves(capacity=settings.cache_bytes),
                patience=Patience(look=settings.patience or settings.timeout, read=settings.patience),
            )
            self._tasks = anyio.create_task_group()
            await self._tasks.__aenter__()
            self._tasks.start_soon(partial(self._following.keep_up, settings.forgets_every, tasks=self._tasks))
            self._opened = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tasks.cancel_scope.cancel()
        await self._tasks.__aexit__(None, None, None)  # what went wrong outside is not theirs
        await self._opened.__aexit__(kind, error, trace)

    async def put(self, user: UserId, memory_id: MemoryId, entries: Sequence[VectorEntry], *, space: str) -> None:
        """Replaces all entries of a memory in a space, in one step."""
        if not entries:
            await self._redis.delete(user, memory_id, spaces=(space,))
            return
        seal = partial(_packed, SealedVectors(await self._vault.keys(user), space), memory_id, entries)
        dimension, vectors = await run_sync(seal, limiter=self._threads)
        await self._redis.put(user, space, memory_id, vectors=vectors, dimension=dimension)

    async def delete(self, user: UserId, memory_id: MemoryId) -> None:
        """Forgets a memory in all spaces; other servers do so soon, or when they are asked."""
        await self._redis.delete(user, memory_id)

    async def spaces(self, user: UserId) -> tuple[str, ...]:
        """The spaces in which a user has entries."""
        return await self._redis.spaces(user)

    async def delete_space(self, user: UserId, space: str) -> None:
        """Forgets all entries of a space."""
        await self._redis.delete_space(user, space)

    async def search(
        self, user: UserId, query: Embedding, *, space: str, limit: int = 50, also: Sequence[Place] = ()
    ) -> tuple[Near, ...]:
        """Nearest entries first; cosines are exact to a thousandth."""
        if limit <= 0 and not also:
            return ()
        shelf = await self._following.follow(user, space, tasks=self._tasks)
        if shelf.is_empty:
            return ()
        work = partial(_searched, shelf.rows, query, candidates=self._settings.candidates, limit=limit, also=also)
        return await run_sync(work, limiter=self._threads)

    async def seal_again(self, user: UserId) -> Resealed:
        """Seals all vectors of a user with the key that seals now."""
        keys = await self._vault.keys(user)
        seen = sealed = 0
        for space in await self._redis.spaces(user):
            done = await resealed_shelf(self._redis, SealedVectors(keys, space), user)
            seen, sealed = seen + done.seen, sealed + done.sealed
        return Resealed(seen, sealed)

    async def diagnose(self) -> Diagnosis:
        """Whether Redis answers."""
        return await self._connection.diagnose()


def _packed(sealed: SealedVectors, memory_id: MemoryId, entries: Sequence[VectorEntry]) -> tuple[int, bytes]:
    vectors = PackedVectors.of(entries)
    return vectors.dimension, sealed.sealed(memory_id, vectors)


def _searched(rows: Rows, query: Embedding, *, candidates: int, limit: int, also: Sequence[Place]) -> tuple[Near, ...]:
    wanted = floats(query)
    return ranked(
        rows.matrix,
        wanted,
        cosines_at=lambda places: rows.cosines_at(places, wanted),
        candidates=candidates,
        limit=limit,
        also=also,
    )
