"""Journals that end with the process."""

from collections.abc import AsyncIterator

import anyio.lowlevel

from domain.ids import ConversationId
from ports.capture_journal import JournalRecord, RecordKind
from ports.errors import NotFound, TemporarilyUnavailable


class InMemoryCaptureJournal:
    """Keeps records in lists."""

    def __init__(self) -> None:
        self._journals: dict[ConversationId, _Journal] = {}

    def open(self, conversation: ConversationId) -> "InMemoryJournalWriter":
        """Starts or continues a journal.

        Raises:
            TemporarilyUnavailable: somebody else is writing it.
        """
        journal = self._journals.setdefault(conversation, _Journal())
        if journal.writing:
            raise TemporarilyUnavailable("this journal is being written already")
        return InMemoryJournalWriter(journal)

    async def conversations(self) -> tuple[ConversationId, ...]:
        """All conversations that have a journal, oldest first."""
        await anyio.lowlevel.checkpoint()
        return tuple(self._journals)

    async def read(self, conversation: ConversationId) -> AsyncIterator[JournalRecord]:
        """The records in order.

        Raises:
            NotFound: there is no such journal.
        """
        await anyio.lowlevel.checkpoint()
        if conversation not in self._journals:
            raise NotFound("this conversation has no journal")
        for record in tuple(self._journals[conversation].records):
            yield record

    async def bring(self, conversation: ConversationId) -> None:
        """Does nothing: no other server writes here."""

    async def remove(self, conversation: ConversationId) -> None:
        """Forgets a journal; nothing happens when there is none."""
        await anyio.lowlevel.checkpoint()
        self._journals.pop(conversation, None)


class InMemoryJournalWriter:
    """Appends to a list."""

    def __init__(self, journal: "_Journal") -> None:
        self._journal = journal
        self._closed = False
        journal.writing = True

    def append(self, kind: RecordKind, payload: bytes) -> None:
        """Keeps a record.

        Raises:
            TemporarilyUnavailable: the writer is closed.
        """
        self._check()
        self._journal.records.append(JournalRecord(kind, bytes(payload)))

    async def sync(self) -> None:
        """Does nothing: there is no disk.

        Raises:
            TemporarilyUnavailable: the writer is closed.
        """
        self._check()

    async def settle(self) -> None:
        """Does nothing: what was appended is in the list."""

    def close(self) -> None:
        """Ends writing. Harmless when called twice."""
        if not self._closed:
            self._closed = True
            self._journal.writing = False

    def _check(self) -> None:
        if self._closed:
            raise TemporarilyUnavailable("this journal is closed")


class _Journal:
    """Records, and whether somebody adds to them."""

    def __init__(self) -> None:
        self.records: list[JournalRecord] = []
        self.writing = False
