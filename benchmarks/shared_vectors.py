"""What meanings to search cost that lie in Redis, beside those on this disk: bytes there, and how long searches take.

Run it with `python -m benchmarks.shared_vectors`. One user, memories of 50 passages, vectors at random, sealed; two
servers in one process around a Redis of its own. A search asks for 500 passages and for 20 more by name, as the
application does.
"""

import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio
from redis.asyncio import Redis

from adapters.outbound.vector_index.redis import RedisVectorIndex, RedisVectorIndexSettings
from adapters.outbound.vector_index.sqlite import SqliteVectorIndex, SqliteVectorIndexSettings
from benchmarks.figures import Figure, percentile, show
from benchmarks.search import RandomEmbedder
from domain.ids import MemoryId, UserId
from ports.vector_index import VectorEntry, VectorIndex
from tests.support.redis_server import redis_server
from tests.support.vaults import a_vault

SIZES = (1_000, 50_000)
"""Passages."""
PASSAGES = 50
"""Of a memory."""
USER, SPACE = UserId("benchmark"), RandomEmbedder.name
ROUNDS, CHANGES, COLD_STARTS = 100, 20, 5
LIMIT, NAMED = 500, 20

Operation = Callable[[], Awaitable[object]]


async def measure(sizes: tuple[int, ...] = SIZES) -> list[Figure]:
    """All figures; takes half a minute."""
    figures: list[Figure] = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            figures += await _in_redis(size, Path(folder))
            async with SqliteVectorIndex(Path(folder), settings=SqliteVectorIndexSettings()) as index:
                talk = Talk(index)
                figures.append(await _timed(f"{size:,} passages: put a memory, sqlite", talk.put, size // PASSAGES))
                figures.append(await _timed(f"{size:,} passages: search, sqlite", talk.search, ROUNDS))
    return figures


class Talk:
    """What one user has at one server."""

    def __init__(self, index: VectorIndex) -> None:
        self._index = index
        self._embedder = RandomEmbedder()
        self._number = 0

    async def put(self) -> None:
        """One more memory."""
        vectors = await self._embedder.embed([""] * 2 * PASSAGES)
        entries = [VectorEntry(n, vectors[2 * n], vectors[2 * n + 1]) for n in range(PASSAGES)]
        await self._index.put(USER, _memory(self._number), entries, space=SPACE)
        self._number += 1

    async def search(self) -> None:
        """One search."""
        [query] = await self._embedder.embed([""])
        also = [(_memory(number), number) for number in range(NAMED)]
        assert await self._index.search(USER, query, space=SPACE, limit=LIMIT, also=also)


async def _in_redis(size: int, folder: Path) -> list[Figure]:
    async with redis_server(folder, "--appendfsync", "everysec") as server, a_vault(folder / "keys") as vault:
        settings = RedisVectorIndexSettings(url=server.url, patience=60.0)
        async with (
            Redis.from_url(server.url) as client,
            RedisVectorIndex(settings=settings, vault=vault) as one,
            RedisVectorIndex(settings=settings, vault=vault) as two,
        ):
            writer, reader = Talk(one), Talk(two)

            async def start_cold() -> None:
                async with RedisVectorIndex(settings=settings, vault=vault) as new:
                    await Talk(new).search()

            async def change_and_search() -> float:
                await writer.put()
                return await _seconds(reader.search)

            before = (await client.info("memory"))["used_memory"]
            put = await _timed(f"{size:,} passages: put a memory, redis", writer.put, size // PASSAGES)
            each = ((await client.info("memory"))["used_memory"] - before) / size
            cold = await _timed(f"{size:,} passages: the first search of a user, redis", start_cold, COLD_STARTS)
            await reader.search()
            warm = await _timed(f"{size:,} passages: search, redis", reader.search, ROUNDS)
            changed = [await change_and_search() for _ in range(CHANGES)]
            return [
                Figure(what=f"{size:,} passages: memory of Redis for 1,000", value=each / 1e3, unit="MB"),
                *(put, cold, warm),
                _figure(f"{size:,} passages: search after a change elsewhere, redis", changed),
            ]


async def _timed(what: str, operation: Operation, rounds: int) -> Figure:
    return _figure(what, [await _seconds(operation) for _ in range(rounds)])


async def _seconds(operation: Operation) -> float:
    begin = time.perf_counter()
    await operation()
    return time.perf_counter() - begin


def _figure(what: str, seconds: list[float]) -> Figure:
    p95 = f"p95 {percentile(seconds, 95) * 1e3:.1f} ms"
    return Figure(what=what, value=percentile(seconds, 50) * 1e3, unit="ms", remark=p95)


def _memory(number: int) -> MemoryId:
    return MemoryId(f"memory-{number:029}")


if __name__ == "__main__":
    show("meanings that servers share", anyio.run(measure, backend_options={"use_uvloop": True}))
