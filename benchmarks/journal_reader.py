"""What a server that was killed has written down: read from its files, each byte once."""

from pathlib import Path

import msgspec

from adapters.outbound.capture_journal.journal_format import LARGEST_HEADER, RecordDecoder, decode_header
from adapters.outbound.capture_journal.sealed import of_conversation, opened, user_of
from adapters.outbound.clock.system import SystemClock
from adapters.outbound.vault.local import LocalVault, LocalVaultSettings
from application.listening.conversation_records import Connected
from benchmarks.talker import packet_of
from domain.ids import ConversationId
from ports.capture_journal import JournalRecord, RecordKind
from ports.vault import UserKeys


class Connection:
    """The packets of one connection, as a journal has them."""

    def __init__(self, *, goes_on: bool) -> None:
        self.goes_on = goes_on
        """Its beginning is in the journal of the conversation before."""
        self.packets: list[int] = []


class JournalFile:
    """A journal that grows between two looks."""

    def __init__(self, path: Path, *, vault: LocalVault) -> None:
        header = decode_header(path.read_bytes()[:LARGEST_HEADER])
        self._vault = vault
        self._keys: UserKeys | None = None
        self.conversation = header.conversation if header else ConversationId("")
        self.opened_at = header.opened_at if header else 0
        self.user = ""
        self.connections: list[Connection] = []
        self._path = path
        self._at = header.size if header else 0

    def look(self) -> None:
        """Reads what is new. What was torn by a kill is read again: the next run cuts it off."""
        decoder = RecordDecoder()
        with self._path.open("rb") as file:
            file.seek(self._at)
            for record in decoder.feed(file.read()):
                self._take(record)
        self._at += decoder.whole

    def _take(self, record: JournalRecord) -> None:
        if record.kind is RecordKind.OPENED and (user := user_of(record)) is not None:
            self.user = user
            self._keys = of_conversation(self._vault.present(user), self.conversation)
        if self._keys is not None:
            record = opened(record, self._keys)
        if record.kind is RecordKind.CONNECTED:
            goes_on = msgspec.json.decode(record.payload, type=Connected).goes_on
            if goes_on and self.connections:
                self.connections.pop()  # what was held: it is in the journal before as well
            self.connections.append(Connection(goes_on=goes_on))
        elif record.kind is RecordKind.PACKET:
            self.connections[-1].packets.append(packet_of(record.payload))


class JournalReader:
    """All journals of a server."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "journal"
        self._vault = LocalVault(LocalVaultSettings(), data_dir=data_dir, clock=SystemClock())
        self._files: dict[Path, JournalFile] = {}

    def look(self) -> list[JournalFile]:
        """The journals there are, oldest first."""
        for path in self._folder.glob("*.journal"):
            if path not in self._files:
                self._files[path] = JournalFile(path, vault=self._vault)
        for path, file in tuple(self._files.items()):
            if path.exists():
                file.look()
            else:
                del self._files[path]
        return sorted(self._files.values(), key=lambda file: file.opened_at)
