"""A journal in memory that a test can fill up, and crash."""

from collections.abc import AsyncIterator

from domain.ids import ConversationId
from ports.capture_journal import JournalRecord, RecordKind
from ports.errors import NotFound, TemporarilyUnavailable


class FragileJournal:
    """Keeps records in lists; survives the process that writes them, as a disk does."""

    def __init__(self) -> None:
        self._records: dict[ConversationId, list[JournalRecord]] = {}
        self._writers: list[FragileWriter] = []
        self.failure: TemporarilyUnavailable | None = None
        """What every append raises now."""
        self.unshared: TemporarilyUnavailable | None = None
        """Why others do not see now what is appended."""

    def of_another_process(self) -> "FragileJournal":
        """The same records, for one that does not end with this one."""
        other = FragileJournal()
        other._records = self._records
        return other

    def open(self, conversation: ConversationId) -> "FragileWriter":
        writer = FragileWriter(self, self._records.setdefault(conversation, []))
        self._writers.append(writer)
        return writer

    def crash(self) -> None:
        """The process is gone: nothing it still does reaches the disk."""
        for writer in self._writers:
            writer.gone = True

    async def conversations(self) -> tuple[ConversationId, ...]:
        return tuple(self._records)

    async def read(self, conversation: ConversationId) -> AsyncIterator[JournalRecord]:
        if conversation not in self._records:
            raise NotFound("this conversation has no journal")
        for record in tuple(self._records[conversation]):
            yield record

    async def bring(self, conversation: ConversationId) -> None:
        pass

    async def remove(self, conversation: ConversationId) -> None:
        self._records.pop(conversation, None)


class FragileWriter:
    """Appends to a list."""

    def __init__(self, journal: FragileJournal, records: list[JournalRecord]) -> None:
        self._journal = journal
        self._records = records
        self.gone = False

    def append(self, kind: RecordKind, payload: bytes) -> None:
        if self._journal.failure is not None:
            raise self._journal.failure
        if not self.gone:
            self._records.append(JournalRecord(kind, payload))

    async def sync(self) -> None:
        pass

    async def settle(self) -> None:
        if self._journal.unshared is not None:
            raise self._journal.unshared

    def close(self) -> None:
        self.gone = True
