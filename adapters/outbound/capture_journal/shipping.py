"""Brings what is appended to local journals to where other servers see it: soon, in batches, off the path of audio."""

import os
from pathlib import Path

import anyio
import anyio.to_thread

from adapters.outbound.capture_journal.redis_copies import Piece, RedisCopies
from adapters.outbound.capture_journal.redis_scripts import GONE, LOST
from domain.ids import ConversationId
from ports.conversation_leases import ConversationLeases
from ports.errors import AdapterError, TemporarilyUnavailable

MOST_OF_ONE = 1 << 18
MOST_AT_ONCE = 1 << 20
"""Bytes. Redis does nothing else while it takes them."""
TROUBLE_PAUSE = 0.5
"""Seconds until Redis is tried again."""


class ShippedJournal:
    """A local file, and how much of it is known to others. Nothing is kept in memory: the file is read again."""

    def __init__(self, conversation: ConversationId, *, path: Path, opened: int, header: int, offset: int) -> None:
        self.conversation = conversation
        self.path = path
        self.opened = opened
        """Microseconds since 1970."""
        self.offset = offset
        """Bytes of records that others can see."""
        self.end = 0
        """Bytes of records that were written."""
        self.is_dirty = False
        self.is_written = True
        """Somebody appends to it."""
        self.is_refused = False
        """Somebody else writes it by now, or it was removed."""
        self.header = header
        """Bytes of the file in front of the records."""
        self.fence = 0
        """Of the lease under which it is written; 0 until it is known."""
        self._file = -1

    @property
    def is_behind(self) -> bool:
        """Whether others have yet to see some of it."""
        return self.offset < self.end and not self.is_refused

    def next(self) -> bytes:
        """What is to be shipped next. Reads the file; raises OSError."""
        if self._file < 0:
            self._file = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        most = min(self.end - self.offset, MOST_OF_ONE)
        return os.pread(self._file, most, self.header + self.offset)

    def close(self) -> None:
        """Lets go of the file. Harmless when called twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


class Shipping:
    """One task for all journals of this server."""

    def __init__(self, copies: RedisCopies, *, leases: ConversationLeases, interval: float) -> None:
        self._copies = copies
        self._leases = leases
        self._interval = interval
        self._dirty: list[ShippedJournal] = []
        self._news = anyio.Event()
        self._hurry = anyio.Event()
        self._round = anyio.Event()
        self.trouble: str | None = None
        """Why nothing can be shipped now."""

    def add(self, journal: ShippedJournal) -> None:
        """There is more to ship of a journal. Not called again before that is done."""
        journal.is_dirty = True
        self._dirty.append(journal)
        self._news.set()

    async def run(self) -> None:
        """Ships until cancelled."""
        while True:
            await self._news.wait()
            with anyio.move_on_after(self._interval):
                await self._hurry.wait()
            await self.ship()
            if self.trouble is not None:
                await anyio.sleep(TROUBLE_PAUSE)

    async def follow(self, journal: ShippedJournal) -> None:
        """Waits until others see all that was written so far.

        Raises:
            TemporarilyUnavailable: they do not.
        """
        end = journal.end
        while journal.offset < end:
            await self._next_round(journal)

    async def settle(self, journal: ShippedJournal) -> None:
        """Likewise, and has it shipped at once. Raises as `follow`."""
        end = journal.end
        while journal.offset < end:
            self._hurry.set()
            await self._next_round(journal)

    async def ship(self) -> None:
        """One batch. What remains is left for the next."""
        self._news, self._hurry = anyio.Event(), anyio.Event()
        dirty, self._dirty = self._dirty, []
        try:
            await self._leases.settle()
            batch = await anyio.to_thread.run_sync(self._gathered, dirty)
            sizes = await self._copies.append(batch)
        except AdapterError as error:
            self.trouble = str(error)
        except OSError as error:
            self.trouble = f"reading a journal: {error.strerror}"
        else:
            self.trouble = None
            by_name = {journal.conversation: journal for journal in dirty}
            for piece, size in zip(batch, sizes, strict=True):
                self._shipped(by_name[piece.conversation], size)
        self._sort_out(dirty)
        this_round, self._round = self._round, anyio.Event()
        this_round.set()

    async def _next_round(self, journal: ShippedJournal) -> None:
        if journal.is_refused:
            raise TemporarilyUnavailable("another server goes on with this conversation")
        await self._round.wait()
        if self.trouble is not None:
            raise TemporarilyUnavailable(self.trouble)

    def _gathered(self, journals: list[ShippedJournal]) -> list[Piece]:
        batch: list[Piece] = []
        total = 0
        for journal in journals:
            if not journal.is_behind or total >= MOST_AT_ONCE:
                continue
            content = journal.next()
            # never a later one: what was written under this lease must not end up behind what others wrote since
            journal.fence = journal.fence or self._leases.fence(journal.conversation)
            total += len(content)
            batch.append(
                Piece(
                    conversation=journal.conversation,
                    fence=journal.fence,
                    opened=journal.opened,
                    offset=journal.offset,
                    content=content,
                )
            )
        return batch

    def _shipped(self, journal: ShippedJournal, size: int) -> None:
        if size in (LOST, GONE):
            journal.is_refused = True
            if self._leases.fence(journal.conversation) == journal.fence:  # else it is ours again by now
                self._leases.lose(journal.conversation)
        else:
            journal.offset = size  # less than before where Redis has forgotten what it was given

    def _sort_out(self, journals: list[ShippedJournal]) -> None:
        """Those that have more go on, behind the others; those that are complete let go of their file."""
        for journal in journals:
            journal.is_dirty = False
            if journal.is_behind:
                self.add(journal)
            elif not journal.is_written:
                journal.close()
