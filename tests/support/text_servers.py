"""Servers whose text indexes follow each other: around one Redis, above the same memories."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import anyio

from adapters.outbound.memory_repository.memory import InMemoryMemoryRepository
from adapters.outbound.text_index.redis import RedisTextIndex, RedisTextIndexSettings
from adapters.outbound.text_index.sqlite import SqliteTextIndex
from application.questions.kept_passages import PassagesOfMemories
from application.questions.passages import passages_of
from domain.ids import MemoryId, UserId
from domain.memory import Memory
from ports.errors import Rejected, TemporarilyUnavailable
from ports.memory_repository import MemoryPage, MemoryQuery
from tests.support.memories import a_memory, a_segment
from tests.support.redis_server import RedisServer
from tests.support.vaults import a_vault

ANN, BOB = UserId("ann"), UserId("bob")
SOON = 0.05


class Memories(InMemoryMemoryRepository):
    """Memories that all servers see, or none does."""

    def __init__(self) -> None:
        super().__init__()
        self.pages = 0
        self.calls = 0
        """Of a memory, or of several."""
        self.reads: list[MemoryId] = []
        self.is_away = False
        self.broken: set[MemoryId] = set()
        self.may_go_on = anyio.Event()
        """Behind the first page."""
        self.may_go_on.set()

    def start_over(self) -> None:
        """Counts from here on."""
        self.pages = self.calls = 0
        self.reads = []

    async def get(self, user: UserId, memory_id: MemoryId) -> Memory:
        self.calls += 1
        self.reads.append(memory_id)
        if self.is_away:
            raise TemporarilyUnavailable("away")
        if memory_id in self.broken:
            raise Rejected("encrypted, and there is no secret")
        return await super().get(user, memory_id)

    async def several(self, user: UserId, memory_ids: Sequence[MemoryId]) -> tuple[Memory, ...]:
        self.calls += 1
        self.reads += memory_ids
        if self.is_away:
            raise TemporarilyUnavailable("away")
        if self.broken.intersection(memory_ids):
            raise Rejected("encrypted, and there is no secret")
        return await super().several(user, memory_ids)

    async def page(self, user: UserId, query: MemoryQuery) -> MemoryPage:
        self.pages += 1
        if query.cursor is not None:
            await self.may_go_on.wait()
        if self.is_away:
            raise TemporarilyUnavailable("away")
        return await super().page(user, query)


class World:
    """Servers around one Redis and the same memories."""

    def __init__(self, folder: Path, redis: RedisServer) -> None:
        self.folder = folder
        self.redis = redis
        self.memories = Memories()

    @asynccontextmanager
    async def server(self, name: str, *, patience: float = 1.0) -> AsyncIterator[RedisTextIndex]:
        folder = self.folder / name
        settings = RedisTextIndexSettings(
            url=self.redis.url, timeout=0.5, retries=0, patience=patience, forgets_every=SOON
        )
        async with a_vault(self.folder / "keys") as vault:
            local = SqliteTextIndex(folder, vault=vault)
            kept = PassagesOfMemories(self.memories)
            async with RedisTextIndex(settings=settings, data_dir=folder, local=local, kept=kept) as index:
                yield index

    async def remember(self, index: RedisTextIndex, user: UserId, name: str, text: str, *, minute: int = 0) -> None:
        """As the application does: a memory is saved, then indexed."""
        memory = a_memory(name, minute=minute, segments=(a_segment(text),))
        await self.memories.save(user, memory)
        await index.put(user, memory.id, passages_of(memory))

    async def forget(self, index: RedisTextIndex, user: UserId, name: str) -> None:
        await index.delete(user, MemoryId(name))
        await self.memories.delete(user, MemoryId(name))

    def left(self, name: str) -> bytes:
        return b"".join(path.read_bytes() for path in (self.folder / name).rglob("*") if path.is_file())


async def found(index: RedisTextIndex, user: UserId, query: str) -> set[str]:
    return {hit.memory_id for hit in await index.search(user, query)}


async def settled(index: RedisTextIndex, user: UserId, *names: str) -> None:
    """Waits until nothing but some memories is on the disk of a server."""
    with anyio.fail_after(5):
        while await index._local.memories(user) != tuple(sorted(names)):
            await anyio.sleep(0.01)
