"""Files of journals that were put aside, because somebody else went on with their conversations."""

from collections.abc import AsyncIterator
from pathlib import Path

import anyio.to_thread

from adapters.outbound.capture_journal.file_writer import translated
from adapters.outbound.capture_journal.journal_format import RecordDecoder
from adapters.outbound.capture_journal.local_copy import BEHIND, local_copy, shared_of
from adapters.outbound.capture_journal.sealed import of_conversation, opened, user_of
from ports.capture_journal import JournalRecord, RecordKind
from ports.errors import NotFound
from ports.left_behind import LeftBehind, LeftRecord
from ports.vault import UserKeys, Vault


class FileLeftJournals:
    """Those in `data_dir/journal`. What is sealed is opened."""

    def __init__(self, *, data_dir: Path, vault: Vault) -> None:
        self._folder = data_dir / "journal"
        self._vault = vault

    async def found(self) -> tuple[LeftBehind, ...]:
        """What there is. Raises TemporarilyUnavailable."""
        try:
            return await anyio.to_thread.run_sync(self._found)
        except OSError as error:
            raise translated(error, "looking for journals that were put aside") from error

    async def read(self, left: LeftBehind) -> AsyncIterator[LeftRecord]:
        """The records in order: those that others have, too, then those of this server alone.

        Raises:
            NotFound: it is gone, or the keys of its user are.
            TemporarilyUnavailable: it cannot be read now.
        """
        try:
            records = await anyio.to_thread.run_sync(_records, self._folder / left.name)
        except FileNotFoundError as error:
            raise NotFound("this journal is gone") from error
        except OSError as error:
            raise translated(error, "reading a journal that was put aside") from error
        keys: UserKeys | None = None
        for record, is_shared in records:
            if record.kind is RecordKind.OPENED and (user := user_of(record)) is not None:
                keys = of_conversation(await self._vault.known(user), left.conversation)
            yield LeftRecord(record if keys is None else opened(record, keys), is_shared)

    async def remove(self, left: LeftBehind) -> None:
        """Forgets one; nothing happens when it is gone. Raises TemporarilyUnavailable."""
        try:
            await anyio.to_thread.run_sync(lambda: (self._folder / left.name).unlink(missing_ok=True))
        except OSError as error:
            raise translated(error, "removing a journal that was put aside") from error

    def _found(self) -> tuple[LeftBehind, ...]:
        copies = ((path.name, local_copy(path)) for path in sorted(self._folder.glob(f"*.*.*{BEHIND}")))
        return tuple(LeftBehind(name=name, conversation=copy.conversation) for name, copy in copies if copy is not None)


def _records(path: Path) -> list[tuple[JournalRecord, bool]]:
    """All that are whole, and whether others have them."""
    copy, shared = local_copy(path), shared_of(path)
    if copy is None:
        raise NotFound("this journal is gone")
    decoder = RecordDecoder()
    with path.open("rb") as file:
        file.seek(copy.header)
        common = [(record, True) for record in decoder.feed(file.read(shared))]
        return common + [(record, False) for record in decoder.feed(file.read())]
