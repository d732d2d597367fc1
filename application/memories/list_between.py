"""Memories of a span of time, a page of them."""

from datetime import datetime

from msgspec import Struct

from application.memories.pages import AT_ONCE
from domain.ids import UserId
from domain.memory import Memory
from ports.memory_repository import MemoryQuery, MemoryRepository


class Span(Struct, frozen=True, kw_only=True):
    """When memories were made; both ends belong to it."""

    first: datetime | None = None
    """Aware; None for the beginning."""
    last: datetime | None = None
    """Aware; None for the end."""

    def holds(self, moment: datetime) -> bool:
        """Whether a moment lies in it."""
        return not self.is_after(moment) and (self.last is None or moment <= self.last)

    def is_after(self, moment: datetime) -> bool:
        """Whether it begins later."""
        return self.first is not None and moment < self.first


async def list_between(
    memories: MemoryRepository, user: UserId, span: Span, *, query: MemoryQuery
) -> tuple[Memory, ...]:
    """Memories that were made in a span, newest first.

    Args:
        memories: where they are.
        user: whose they are.
        span: when they were made.
        query: which of them; its `limit` and `offset` count those of the span.

    Raises:
        TemporarilyUnavailable: not read.
    """
    if span == Span():
        return (await memories.page(user, query)).memories
    found: list[Memory] = []
    cursor: str | None = None
    while len(found) < query.offset + query.limit:
        wanted = MemoryQuery(
            limit=AT_ONCE, cursor=cursor, statuses=query.statuses, include_discarded=query.include_discarded
        )
        page = await memories.page(user, wanted)
        found += [memory for memory in page.memories if span.holds(memory.created_at)]
        cursor = page.next_cursor
        if cursor is None or (page.memories and span.is_after(page.memories[-1].created_at)):
            break
    return tuple(found[query.offset : query.offset + query.limit])
