"""Journals that several servers share: each writes its own file, as alone, and others soon see a copy in Redis."""

from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Annotated, Self

import anyio
import anyio.to_thread
from msgspec import Meta

from adapters.outbound.capture_journal.file_writer import FileJournalWriter, translated
from adapters.outbound.capture_journal.journal_files import JournalFiles
from adapters.outbound.capture_journal.journal_format import RecordDecoder
from adapters.outbound.capture_journal.local_copy import (
    LocalCopy,
    add_fetched,
    begin_fetched,
    drop,
    local_copy,
    remove_forgotten,
    settle_fetched,
)
from adapters.outbound.capture_journal.redis_copies import CopyState, RedisCopies
from adapters.outbound.capture_journal.shipping import ShippedJournal, Shipping
from adapters.outbound.redis_connection import RedisServer
from domain.ids import ConversationId
from ports.capture_journal import JournalRecord, RecordKind
from ports.conversation_leases import ConversationLeases
from ports.diagnosis import Condition, Diagnosis
from ports.errors import AdapterError, NotFound, TemporarilyUnavailable

TIDY_SECONDS = 5.0
"""Between two looks at whether what lies here was removed elsewhere, or went on there."""
LEAVING_SECONDS = 0.5
"""For what is still to be shipped when this closes."""


class RedisCaptureJournalSettings(RedisServer, frozen=True, kw_only=True):
    """Settings of the shared journals."""

    interval: Annotated[float, Meta(gt=0)] = 0.025
    """Seconds after which others see what was appended, about: so much is missing to them when a server is killed."""


class RedisCaptureJournal:
    """A file of its own for each journal, and a copy of it in Redis. What was shipped survives this machine.

    Appending is as quick as to a file alone. While Redis is away, nothing is lost: it catches up from the files.
    """

    def __init__(self, *, settings: RedisCaptureJournalSettings, data_dir: Path, leases: ConversationLeases) -> None:
        self._files = JournalFiles(data_dir=data_dir)
        self._copies = RedisCopies(settings)
        self._leases = leases
        self._shipping = Shipping(self._copies, leases=leases, interval=settings.interval)
        self._journals: dict[ConversationId, ShippedJournal] = {}
        """Those that this server wrote to since it was started."""
        self._brought: dict[ConversationId, int] = {}
        """Whose file here is complete, and how much of it others see."""

    async def __aenter__(self) -> Self:
        await self._copies.__aenter__()
        self._tasks = anyio.create_task_group()
        await self._tasks.__aenter__()
        self._tasks.start_soon(self._shipping.run)
        self._tasks.start_soon(self._tidy)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tasks.cancel_scope.cancel()
        await self._tasks.__aexit__(None, None, None)  # what went wrong outside is not theirs
        with anyio.move_on_after(LEAVING_SECONDS, shield=True):
            while any(journal.is_behind for journal in self._journals.values()):
                await self._shipping.ship()
                if self._shipping.trouble is not None:
                    break  # it is shipped after the next start
        for journal in self._journals.values():
            journal.close()
        await self._copies.__aexit__(kind, error, trace)

    def open(self, conversation: ConversationId) -> "RedisJournalWriter":
        """Starts or continues a journal. What a crash left unfinished at its end is cut off.

        Raises:
            StorageFull: there is no room for another file.
            TemporarilyUnavailable: the journal cannot be opened, or somebody else is writing it.
        """
        writer = self._files.open(conversation)
        path = self._files.path(conversation)
        found = local_copy(path)
        if found is None:
            writer.close()
            raise TemporarilyUnavailable("this journal was removed while it was opened")
        former = self._journals.get(conversation)
        offset = self._brought.pop(conversation, 0)
        if former is not None:
            offset = former.offset
            former.is_refused = True
            former.close()
        journal = ShippedJournal(
            conversation, path=path, opened=found.opened, header=found.header, offset=min(offset, found.size)
        )
        journal.end = found.size
        self._journals[conversation] = journal
        if journal.is_behind:
            self._shipping.add(journal)
        return RedisJournalWriter(writer, journal, self._shipping)

    async def conversations(self) -> tuple[ConversationId, ...]:
        """All conversations that have a journal, on whatever server, oldest first. Without Redis, those here."""
        found = {copy.conversation: copy.opened for copy in await self._local_copies()}
        with suppress(TemporarilyUnavailable):
            shared = await self._copies.conversations()
            unshared = [conversation for conversation in found if conversation not in shared]
            states = await self._copies.states(unshared)
            for conversation, state in zip(unshared, states, strict=True):
                if state.gone >= found[conversation]:
                    del found[conversation]
            found = shared | found
        return tuple(sorted(found, key=found.__getitem__))

    async def read(self, conversation: ConversationId) -> AsyncIterator[JournalRecord]:
        """The records in order. Ends at the first one that is not whole.

        Raises:
            NotFound: there is no such journal.
            TemporarilyUnavailable: it cannot be read now.
        """
        journal = self._journals.get(conversation)
        is_here = journal is not None and not journal.is_refused and (journal.is_written or journal.is_behind)
        state = None if is_here or conversation in self._brought else await self._state(conversation)
        if state is None or (state.size < 0 and not state.gone):
            async for record in self._files.read(conversation):
                yield record
            return
        if state.size < 0:
            raise NotFound("this conversation has no journal")
        decoder = RecordDecoder()
        async for piece in self._copies.content(conversation, size=state.size):
            for record in decoder.feed(piece):
                yield record

    async def bring(self, conversation: ConversationId) -> None:
        """Has all that other servers wrote in the file here, so that `open` continues it.

        Raises:
            TemporarilyUnavailable: not now.
        """
        if self._is_written(conversation):
            return
        state, path = await self._state(conversation), self._files.path(conversation)
        try:
            mine = await anyio.to_thread.run_sync(local_copy, path)
            if state.size < 0:
                if mine is not None and state.gone >= mine.opened:
                    await anyio.to_thread.run_sync(drop, path, state.forks)
                elif mine is not None:
                    self._brought[conversation] = 0
                return
            await self._fetch(conversation, state, path)
        except OSError as error:
            raise translated(error, "fetching a journal") from error
        if not self._is_written(conversation):  # who brought it at the same time may have begun to write
            self._forget(conversation)
            self._brought[conversation] = state.size

    async def _fetch(self, conversation: ConversationId, state: CopyState, path: Path) -> None:
        """Has the file of a journal begin with what others wrote. Raises OSError, TemporarilyUnavailable."""
        fetched = await anyio.to_thread.run_sync(lambda: begin_fetched(path, conversation, opened=state.opened))
        try:
            async for piece in self._copies.content(conversation, size=state.size):
                await anyio.to_thread.run_sync(add_fetched, fetched, piece)
            if not self._is_written(conversation):
                await anyio.to_thread.run_sync(settle_fetched, path, fetched)
        finally:
            fetched.unlink(missing_ok=True)

    def _is_written(self, conversation: ConversationId) -> bool:
        journal = self._journals.get(conversation)
        return journal is not None and journal.is_written and not journal.is_refused

    async def remove(self, conversation: ConversationId) -> None:
        """Forgets a journal, wherever it is; nothing happens when there is none.

        Raises:
            TemporarilyUnavailable: it cannot be removed now.
        """
        try:
            mine = await anyio.to_thread.run_sync(local_copy, self._files.path(conversation))
        except OSError as error:
            raise translated(error, "removing a journal") from error
        journal = self._journals.get(conversation)
        is_own = conversation in self._brought or (journal is not None and not journal.is_refused)
        self._forget(conversation)
        await self._copies.remove(conversation, opened=mine.opened if mine is not None else 0)
        if mine is not None and not is_own:  # from before this server was started, or while it was followed
            await self._drop(conversation, await self._state(conversation))
        await self._files.remove(conversation)

    async def diagnose(self) -> Diagnosis:
        """Whether Redis answers, and whether journals can be written here."""
        here = await self._files.diagnose()
        return here if here.condition is not Condition.WORKING else await self._copies.diagnose()

    async def _drop(self, conversation: ConversationId, state: CopyState) -> None:
        """Removes a file, or puts it aside where others do not have all of it. Raises TemporarilyUnavailable."""
        try:
            await anyio.to_thread.run_sync(drop, self._files.path(conversation), state.forks)
        except OSError as error:
            raise translated(error, "removing a journal") from error

    async def _state(self, conversation: ConversationId) -> CopyState:
        return (await self._copies.states([conversation]))[0]

    def _forget(self, conversation: ConversationId) -> None:
        self._brought.pop(conversation, None)
        journal = self._journals.pop(conversation, None)
        if journal is not None:
            journal.is_refused = True
            journal.close()

    async def _local_copies(self) -> list[LocalCopy]:
        return await anyio.to_thread.run_sync(
            lambda: [copy for path in self._files.paths() if (copy := local_copy(path)) is not None]
        )

    async def _tidy(self) -> None:
        """Removes files of what was removed elsewhere, or goes on there with all that is here. Until cancelled."""
        while True:
            await anyio.sleep(TIDY_SECONDS)
            with suppress(AdapterError, OSError):
                await self._tidy_once()
                await anyio.to_thread.run_sync(remove_forgotten, self._files.folder)

    async def _tidy_once(self) -> None:
        left = [copy for copy in await self._local_copies() if self._is_left(copy.conversation)]
        states = await self._copies.states([copy.conversation for copy in left])
        for copy, state in zip(left, states, strict=True):
            journal = self._journals.get(copy.conversation)
            went_on = journal is not None and not journal.is_refused and state.fence > journal.fence
            if state.gone >= copy.opened or went_on:
                self._forget(copy.conversation)
                await self._drop(copy.conversation, state)

    def _is_left(self, conversation: ConversationId) -> bool:
        """Whether nothing is done with a file here any more."""
        journal = self._journals.get(conversation)
        is_used = journal is not None and (journal.is_written or journal.is_behind)
        return not is_used and not self._leases.holds(conversation)


class RedisJournalWriter:
    """Appends to a file, and has it shipped."""

    def __init__(self, writer: FileJournalWriter, journal: ShippedJournal, shipping: Shipping) -> None:
        self._writer = writer
        self._journal = journal
        self._shipping = shipping

    def append(self, kind: RecordKind, payload: bytes) -> None:
        """Hands a record to the operating system. Others see it soon.

        Raises:
            StorageFull: nothing was written, the journal is whole and may be appended to later.
            TemporarilyUnavailable: likewise, for another reason.
        """
        journal = self._journal
        self._writer.append(kind, payload)
        journal.end = self._writer.end - journal.header
        if not journal.is_dirty:
            self._shipping.add(journal)

    async def sync(self) -> None:
        """Forces what was appended to the disk, and waits until others see it.

        Raises:
            TemporarilyUnavailable: they may not; somebody else may go on with this journal.
        """
        await self._writer.sync()
        await self._shipping.settle(self._journal)

    async def settle(self) -> None:
        """Waits until others see what was appended.

        Raises:
            TemporarilyUnavailable: they do not; somebody else may go on with this journal.
        """
        await self._shipping.follow(self._journal)

    def close(self) -> None:
        """Ends writing; what was written is shipped all the same. Harmless when called twice."""
        self._writer.close()
        self._journal.is_written = False
