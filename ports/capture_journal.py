"""What was received, written down before anything is made of it."""

from collections.abc import AsyncIterator
from enum import IntEnum
from typing import Protocol

from msgspec import Struct

from domain.ids import ConversationId


class RecordKind(IntEnum):
    """What a record holds. Numbers are on disk: they never change meaning."""

    OPENED = 1
    CONNECTED = 2
    PACKET = 3
    SKIPPED = 4
    WORDS = 5
    DISCONNECTED = 6
    FINISHED = 7
    GATE = 8
    BEGAN = 9
    VOICE = 10
    ASSIGNED = 11
    TRANSLATED = 12
    PLACED = 13


class JournalRecord(Struct, frozen=True, gc=False):
    """One record."""

    kind: RecordKind
    payload: bytes


class JournalWriter(Protocol):
    """Appends to the journal of one conversation. An append is synchronous: it costs two microseconds."""

    def append(self, kind: RecordKind, payload: bytes) -> None:
        """Hands a record to the operating system: it survives the end of this process from here on.

        Raises:
            StorageFull: nothing was written, the journal is whole and may be appended to later.
            TemporarilyUnavailable: likewise, for another reason.
        """
        ...

    async def sync(self) -> None:
        """Forces what was appended to the disk: it survives a power cut.

        Raises:
            TemporarilyUnavailable: it may not.
        """
        ...

    async def settle(self) -> None:
        """Waits until what was appended is wherever this journal is kept: where others see it, if it is shared.

        Takes no longer than it takes to get there by itself, and forces nothing to a disk.

        Raises:
            TemporarilyUnavailable: it does not get there now; or somebody else may go on with this journal.
        """
        ...

    def close(self) -> None:
        """Ends writing. Harmless when called twice."""
        ...


class CaptureJournal(Protocol):
    """The journals of all conversations that have no memory yet."""

    def open(self, conversation: ConversationId) -> JournalWriter:
        """Starts or continues a journal. What a crash left unfinished at its end is cut off.

        What other servers wrote has to be brought before.

        Raises:
            TemporarilyUnavailable: the journal cannot be opened; StorageFull among them.
        """
        ...

    async def conversations(self) -> tuple[ConversationId, ...]:
        """All conversations that have a journal, oldest first."""
        ...

    def read(self, conversation: ConversationId) -> AsyncIterator[JournalRecord]:
        """The records in order. Ends at the first one that is not whole.

        Raises (from the iteration):
            NotFound: there is no such journal.
        """
        ...

    async def bring(self, conversation: ConversationId) -> None:
        """Has all that other servers wrote here, so that `open` continues it. For who has the conversation's lease.

        Nothing happens when there is no such journal, or none but this server's own.

        Raises:
            TemporarilyUnavailable: not now.
        """
        ...

    async def remove(self, conversation: ConversationId) -> None:
        """Forgets a journal; nothing happens when there is none."""
        ...
