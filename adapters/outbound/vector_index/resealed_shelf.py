"""Sealing anew what lies in Redis, memory by memory."""

from contextlib import aclosing

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from adapters.outbound.vector_index.redis_shelves import NOTHING, RedisShelves
from adapters.outbound.vector_index.sealed_vectors import SealedVectors
from domain.ids import UserId
from ports.sealing_again import Resealed


async def resealed_shelf(redis: RedisShelves, vectors: SealedVectors, user: UserId) -> Resealed:
    """Seals a shelf; what is written meanwhile by others stays as they wrote it. Raises as `SealsAgain.seal_again`."""
    seen = sealed = 0
    threads = CapacityLimiter(1)
    there = await redis.since(user, vectors.space, NOTHING)
    async with aclosing(redis.read(user, vectors.space, there.written)) as parts:
        async for part in parts:
            for memory_id, stored in part:
                if stored is None:  # removed meanwhile
                    continue
                seen += 1
                after = await run_sync(vectors.again, memory_id, stored, limiter=threads)
                if after is not None:
                    sealed += await redis.replace(user, vectors.space, memory_id, before=stored, after=after)
    return Resealed(seen, sealed)
