"""The files of journals: one write to the operating system for each record."""

from collections.abc import AsyncIterator
from functools import cached_property
from pathlib import Path

import anyio
import anyio.to_thread

from adapters.outbound.capture_journal.file_writer import FileJournalWriter, damaged, open_writer, translated
from adapters.outbound.capture_journal.journal_format import (
    LARGEST_HEADER,
    JournalHeader,
    NewerJournal,
    RecordDecoder,
    decode_header,
)
from adapters.outbound.keys import file_name
from adapters.outbound.storage_diagnosis import diagnosed
from adapters.outbound.user_folder import create
from domain.ids import ConversationId
from ports.capture_journal import JournalRecord
from ports.diagnosis import Diagnosis
from ports.errors import NotFound

_CHUNK = 1 << 18
"""Bytes read at a time: 2 ms to decode, so that a long journal never holds up the event loop for long."""
_SUFFIX = ".journal"


class JournalFiles:
    """One file for each conversation in `data_dir/journal`, readable for its owner only."""

    def __init__(self, *, data_dir: Path) -> None:
        self.folder = data_dir / "journal"
        """Of all files. It may not be there yet."""

    def open(self, conversation: ConversationId) -> FileJournalWriter:
        """Starts or continues a journal. What a crash left unfinished at its end is cut off.

        Reads what is there: about 1 us for each record.

        Raises:
            StorageFull: there is no room for another file.
            TemporarilyUnavailable: the journal cannot be opened, or somebody else is writing it.
        """
        try:
            create(self.folder)
            return open_writer(self.path(conversation), conversation)
        except OSError as error:
            raise translated(error, "opening a journal") from error

    async def conversations(self) -> tuple[ConversationId, ...]:
        """All conversations that have a journal, oldest first."""
        headers = await anyio.to_thread.run_sync(self._headers, limiter=self._limiter)
        headers.sort(key=lambda header: header.opened_at)
        return tuple(header.conversation for header in headers)

    async def read(self, conversation: ConversationId) -> AsyncIterator[JournalRecord]:
        """The records in order. Ends at the first one that is not whole.

        No file stays open between two records: an iteration may be given up at any time.

        Raises:
            NotFound: there is no such journal.
            TemporarilyUnavailable: it cannot be read now.
        """
        path = self.path(conversation)
        header = await anyio.to_thread.run_sync(_read_header, path, limiter=self._limiter)
        if header is None:
            raise NotFound("this conversation has no journal")
        decoder, at = RecordDecoder(), header.size
        while not decoder.broken:
            piece = await anyio.to_thread.run_sync(_read_piece, path, at, limiter=self._limiter)
            if not piece:
                return
            at += len(piece)
            for record in decoder.feed(piece):
                yield record

    async def bring(self, conversation: ConversationId) -> None:
        """Does nothing: no other server writes here."""

    async def remove(self, conversation: ConversationId) -> None:
        """Forgets a journal, a damaged one too; nothing happens when there is none.

        Raises:
            TemporarilyUnavailable: it cannot be removed now.
        """
        path = self.path(conversation)
        try:
            await anyio.to_thread.run_sync(_remove, path, limiter=self._limiter)
        except OSError as error:
            raise translated(error, "removing a journal") from error

    async def diagnose(self) -> Diagnosis:
        """Whether journals can be written, and for how long."""
        return await diagnosed(self.folder)

    @cached_property
    def _limiter(self) -> anyio.CapacityLimiter:
        return anyio.CapacityLimiter(4)

    def paths(self) -> list[Path]:
        """All files of journals there are. Reads the folder."""
        return list(self.folder.glob(f"*{_SUFFIX}"))

    def path(self, conversation: ConversationId) -> Path:
        """Where a journal lies. Identifiers are whatever a client likes: only their hash becomes a name."""
        return self.folder / f"{file_name(conversation)}{_SUFFIX}"

    def _headers(self) -> list[JournalHeader]:
        found = (_read_header(path) for path in self.paths())
        return [header for header in found if header is not None]


def _read_header(path: Path) -> JournalHeader | None:
    """What a file says about itself; None when it is missing, not a journal, or a newer version's."""
    try:
        with path.open("rb") as file:
            return decode_header(file.read(LARGEST_HEADER))
    except (FileNotFoundError, NewerJournal):
        return None
    except OSError as error:
        raise translated(error, "reading a journal") from error


def _read_piece(path: Path, at: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(at)
            return file.read(_CHUNK)
    except FileNotFoundError as error:
        raise NotFound("this journal was removed while it was read") from error
    except OSError as error:
        raise translated(error, "reading a journal") from error


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    damaged(path).unlink(missing_ok=True)
