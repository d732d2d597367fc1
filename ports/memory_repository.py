"""Where memories are kept."""

from collections.abc import Callable, Sequence
from typing import Protocol

from msgspec import Struct

from domain.ids import MemoryId, UserId
from domain.memory import Memory, MemoryStatus


class MemoryQuery(Struct, frozen=True, kw_only=True):
    """Which memories to list: newest `created_at` first, `id` descending among equals."""

    limit: int = 100
    cursor: str | None = None
    """Continue behind an earlier page. Opaque; takes precedence over `offset`."""
    offset: int = 0
    statuses: Sequence[MemoryStatus] = ()
    """Only these; empty for all."""
    include_discarded: bool = True


class MemoryPage(Struct, frozen=True):
    """Some memories and where to go on."""

    memories: tuple[Memory, ...]
    next_cursor: str | None
    """None: there are no more."""


class MemoryRepository(Protocol):
    """Memories, by user. A user sees their own alone, whatever the identifiers look like."""

    async def save(self, user: UserId, memory: Memory) -> None:
        """Stores a memory whole; replaces the one with the same id.

        Raises:
            TemporarilyUnavailable: not stored; StorageFull among them.
        """
        ...

    async def get(self, user: UserId, memory_id: MemoryId) -> Memory:
        """A memory.

        Raises:
            NotFound: the user has none with this id.
            TemporarilyUnavailable: not read.
        """
        ...

    async def several(self, user: UserId, memory_ids: Sequence[MemoryId]) -> tuple[Memory, ...]:
        """Those of some memories that are there, in the order in which they were asked for, each of them once.

        What takes one wait for one memory takes about as long for a dozen. Any number may be asked for, and what is
        too much for one call to a database is read in more; but all of them are in memory at once, transcripts
        included, so who wants hundreds asks for some at a time, or for pages. Where none is asked for, nothing is read.

        Raises:
            TemporarilyUnavailable: one of them cannot be read.
        """
        ...

    async def update(self, user: UserId, memory_id: MemoryId, change: Callable[[Memory], Memory]) -> Memory:
        """Changes a memory as it is now, whatever else is going on; returns it changed.

        `change` is pure and may be called more than once.

        Raises:
            NotFound: the user has none with this id.
            TemporarilyUnavailable: not changed.
        """
        ...

    async def delete(self, user: UserId, memory_id: MemoryId) -> None:
        """Removes a memory for good. Nothing happens when there is none.

        Raises:
            TemporarilyUnavailable: not removed.
        """
        ...

    async def page(self, user: UserId, query: MemoryQuery) -> MemoryPage:
        """Lists memories.

        Raises:
            Rejected: the cursor is not one that this repository gave out.
            TemporarilyUnavailable: not read.
        """
        ...
