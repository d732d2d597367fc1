"""All memories of a user, a page at a time."""

from collections.abc import AsyncIterator

from domain.ids import UserId
from domain.memory import Memory
from ports.memory_repository import MemoryQuery, MemoryRepository

AT_ONCE = 100


async def every_memory(memories: MemoryRepository, user: UserId) -> AsyncIterator[Memory]:
    """All memories, newest first. One that is made meanwhile may be missed, one that is there all the time is not."""
    cursor: str | None = None
    while True:
        page = await memories.page(user, MemoryQuery(limit=AT_ONCE, cursor=cursor))
        for memory in page.memories:
            yield memory
        cursor = page.next_cursor
        if cursor is None:
            return
