"""Writing one journal file."""

import contextlib
import errno
import fcntl
import os
import threading
import time
from pathlib import Path

import anyio.to_thread

from adapters.outbound.capture_journal.journal_format import (
    LARGEST_HEADER,
    MAXIMUM_PAYLOAD,
    NewerJournal,
    RecordDecoder,
    decode_header,
    encode_header,
    encode_record,
)
from domain.ids import ConversationId
from ports.capture_journal import RecordKind
from ports.errors import AdapterError, StorageFull, TemporarilyUnavailable

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_PIECE = 1 << 20
_flush = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync


class FileJournalWriter:
    """Appends to one file, and owns it. One thread appends; another may `sync` meanwhile."""

    def __init__(self, file: int, *, end: int, folder: Path) -> None:
        self._file = file
        self.end = end
        """Bytes that are whole, the header among them: everything behind is cut off before anything is added."""
        self._torn = False
        self._folder: Path | None = folder
        """Until its entry for this file has been forced to the disk as well."""
        self._closing = threading.Lock()

    def append(self, kind: RecordKind, payload: bytes) -> None:
        """Hands a record to the operating system: it survives the end of this process from here on.

        Raises:
            StorageFull: nothing was written, the journal is whole and may be appended to later.
            TemporarilyUnavailable: likewise, for another reason.
            ValueError: the payload is larger than any record can be (16 MiB).
        """
        if len(payload) > MAXIMUM_PAYLOAD:
            raise ValueError(f"a record holds {MAXIMUM_PAYLOAD} bytes at most, not {len(payload)}")
        record = encode_record(kind, payload)
        try:
            if self._torn:
                self._mend()
            written = os.write(self._file, record)
        except OSError as error:
            raise translated(error, "writing a journal") from error
        if written != len(record):
            self._torn = True
            self._take_back()
        self.end += written

    async def sync(self) -> None:
        """Forces what was appended to the disk: it survives a power cut.

        Raises:
            StorageFull: the disk turned out to be full.
            TemporarilyUnavailable: the disk failed, or the writer is closed.
        """
        await anyio.to_thread.run_sync(self._sync)

    async def settle(self) -> None:
        """Does nothing: what was appended is in the file."""

    def _sync(self) -> None:
        try:
            with self._closing:  # else the number may be another file's by the time it is flushed
                file = os.dup(self._file)
            try:
                _flush(file)
            finally:
                os.close(file)
            self._sync_folder()
        except OSError as error:
            raise translated(error, "forcing a journal to the disk") from error

    def close(self) -> None:
        """Ends writing. Harmless when called twice."""
        with self._closing:
            file, self._file = self._file, -1
        if file >= 0:
            os.close(file)

    def _take_back(self) -> None:
        """A file is written short for one reason only: there is no more room."""
        try:
            self._mend()
        except OSError as error:
            raise translated(error, "taking back an unfinished record") from error
        raise StorageFull("writing a journal: no room for the whole record")

    def _mend(self) -> None:
        os.ftruncate(self._file, self.end)
        self._torn = False

    def _sync_folder(self) -> None:
        if self._folder is None:
            return
        entry = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(entry)
        finally:
            os.close(entry)
        self._folder = None


def open_writer(path: Path, conversation: ConversationId) -> FileJournalWriter:
    """Starts a file, or continues it behind its last whole record.

    A file whose header cannot be read, though there is more behind it, is put aside and not thrown away.

    Raises:
        OSError: the file system refused.
        TemporarilyUnavailable: somebody else is writing the file, or it is a newer version's.
    """
    _put_aside(path, conversation)
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        _own(file)
        end = _end(file)
        if end is None:
            end = _begin(file, path, conversation)
        os.ftruncate(file, end)
    except (OSError, AdapterError):
        os.close(file)
        raise
    return FileJournalWriter(file, end=end, folder=path.parent)


def damaged(path: Path) -> Path:
    """Where a file goes whose header cannot be read."""
    return path.with_suffix(".damaged")


def translated(error: OSError, action: str) -> TemporarilyUnavailable:
    """The failure in words of the port."""
    kind = StorageFull if error.errno in _FULL else TemporarilyUnavailable
    return kind(f"{action}: {error.strerror}")


def _put_aside(path: Path, conversation: ConversationId) -> None:
    """What is shorter than a header is a start that was cut off; what is longer may hold records."""
    header = encode_header(conversation, opened_at=0)
    with contextlib.suppress(FileNotFoundError, NewerJournal), path.open("rb") as file:
        beginning = file.read(LARGEST_HEADER)
        if len(beginning) > len(header) and decode_header(beginning) is None:
            path.rename(damaged(path))


def _own(file: int) -> None:
    """Two writers would cut off each other's records. The lock ends with the file, however the process ends."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise TemporarilyUnavailable("this journal is being written already") from error


def _end(file: int) -> int | None:
    """Where the last whole record ends; None when there is no whole header."""
    try:
        header = decode_header(os.pread(file, LARGEST_HEADER, 0))
    except NewerJournal as error:
        raise TemporarilyUnavailable(f"this journal cannot be continued: {error}") from error
    if header is None:
        return None
    decoder, at = RecordDecoder(), header.size
    while not decoder.broken and (piece := os.pread(file, _PIECE, at)):
        at += len(piece)
        decoder.feed(piece)
    return header.size + decoder.whole


def _begin(file: int, path: Path, conversation: ConversationId) -> int:
    """Writes the header. Its time is the machine's: the order of journals must hold where a test's clock stands."""
    header = encode_header(conversation, opened_at=time.time_ns())
    os.ftruncate(file, 0)
    try:
        written = os.write(file, header)
    except OSError:
        path.unlink()
        raise
    if written != len(header):
        path.unlink()
        raise StorageFull("starting a journal: no room for its header")
    return written
