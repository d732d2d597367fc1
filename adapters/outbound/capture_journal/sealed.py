r"""Journals of any kind, sealed: each conversation with keys of its own, derived from those of its user.

The first record names the user, `"\0oj\1" | u32 length | user | sealed record`; the others are sealed and nothing else.
Records of journals that began in the clear are read as they are.
"""

from collections.abc import AsyncIterator
from struct import Struct as Layout

import msgspec
from msgspec import Struct

from adapters.outbound.keys import key_bytes, key_text
from adapters.outbound.sealed_store import SealedStore
from adapters.outbound.vault.sealed_value import place_of
from domain.ids import ConversationId, UserId
from ports.capture_journal import CaptureJournal, JournalRecord, JournalWriter, RecordKind
from ports.errors import TemporarilyUnavailable
from ports.vault import UserKeys, Vault

_MARK = b"\0oj\x01"
_LENGTH = Layout("<I")
_HEAD = len(_MARK) + _LENGTH.size
_KINDS = {kind: bytes((kind.value,)) for kind in RecordKind}


class _Opened(Struct):
    """What is read of the first record of a journal."""

    user: UserId


class SealedCaptureJournal(SealedStore[CaptureJournal]):
    """Seals what goes into journals and opens what comes out of them."""

    def __init__(self, journal: CaptureJournal, *, vault: Vault) -> None:
        super().__init__(journal, vault=vault)
        self._keys: dict[ConversationId, UserKeys] = {}
        """Of conversations that were begun or read here, and not removed yet."""

    def open(self, conversation: ConversationId) -> "SealedJournalWriter":
        """Starts or continues a journal; one that is continued was read before.

        Raises:
            TemporarilyUnavailable: the journal cannot be opened; StorageFull among them.
        """
        return SealedJournalWriter(self._store.open(conversation), conversation, keys=self._keys, vault=self._vault)

    async def conversations(self) -> tuple[ConversationId, ...]:
        """All conversations that have a journal, oldest first."""
        return await self._store.conversations()

    async def read(self, conversation: ConversationId) -> AsyncIterator[JournalRecord]:
        """The records in order. Ends at the first one that is not whole.

        Raises:
            NotFound: there is no such journal, or the keys of its user have been erased.
            TemporarilyUnavailable: it cannot be read now, or somebody has changed it.
        """
        keys: UserKeys | None = None
        async for record in self._store.read(conversation):
            if record.kind is RecordKind.OPENED and (user := user_of(record)) is not None:
                is_sealed = record.payload.startswith(_MARK)  # if not, what follows will be all the same
                of_user = await (self._vault.known(user) if is_sealed else self._vault.keys(user))
                keys = self._keys[conversation] = of_conversation(of_user, conversation)
            yield record if keys is None else opened(record, keys)

    async def bring(self, conversation: ConversationId) -> None:
        """Has all that other servers wrote here. Raises TemporarilyUnavailable."""
        await self._store.bring(conversation)

    async def remove(self, conversation: ConversationId) -> None:
        """Forgets a journal; nothing happens when there is none."""
        self._keys.pop(conversation, None)
        await self._store.remove(conversation)


class SealedJournalWriter:
    """Appends to one journal."""

    def __init__(
        self, writer: JournalWriter, conversation: ConversationId, *, keys: dict[ConversationId, UserKeys], vault: Vault
    ) -> None:
        self._writer = writer
        self._conversation = conversation
        self._all = keys
        self._vault = vault
        self._keys = keys.get(conversation)

    def append(self, kind: RecordKind, payload: bytes) -> None:
        """Seals a record and hands it to the operating system.

        Raises:
            StorageFull: nothing was written, the journal is whole and may be appended to later.
            TemporarilyUnavailable: likewise, for another reason; that whose journal it is has not been told, too.
        """
        if kind is RecordKind.OPENED:
            self._begin(payload)
            return
        if self._keys is None:
            raise TemporarilyUnavailable("this journal is sealed, and nobody has read yet whose it is")
        self._writer.append(kind, self._keys.seal(payload, purpose=_KINDS[kind]))

    async def sync(self) -> None:
        """Forces what was appended to the disk. Raises TemporarilyUnavailable."""
        await self._writer.sync()

    async def settle(self) -> None:
        """Waits until it is wherever it is kept. Raises TemporarilyUnavailable."""
        await self._writer.settle()

    def close(self) -> None:
        """Ends writing. Harmless when called twice."""
        self._writer.close()

    def _begin(self, payload: bytes) -> None:
        user = msgspec.json.decode(payload, type=_Opened).user
        present = self._vault.present(user)
        if present is None:
            raise TemporarilyUnavailable("the keys of this user are not here yet")
        keys, name = of_conversation(present, self._conversation), key_bytes(user)
        sealed = keys.seal(payload, purpose=_KINDS[RecordKind.OPENED])
        self._writer.append(RecordKind.OPENED, _MARK + _LENGTH.pack(len(name)) + name + sealed)
        self._keys = self._all[self._conversation] = keys


def user_of(first: JournalRecord) -> UserId | None:
    """Whose conversation a journal is, by its first record; None where that is not one of ours."""
    if first.payload.startswith(_MARK):
        return UserId(key_text(_parted(first.payload)[0]))
    try:
        return msgspec.json.decode(first.payload, type=_Opened).user
    except msgspec.MsgspecError:
        return None


def opened(record: JournalRecord, keys: UserKeys) -> JournalRecord:
    """A record as it was before it was sealed with the keys of its conversation. Raises as `UserKeys.open`."""
    payload = _parted(record.payload)[1] if record.kind is RecordKind.OPENED else record.payload
    return JournalRecord(record.kind, keys.open(payload, purpose=_KINDS[record.kind]))


def _parted(payload: bytes) -> tuple[bytes, bytes]:
    """The user that a first record names, and the record itself."""
    if not payload.startswith(_MARK):
        return b"", payload
    (length,) = _LENGTH.unpack_from(payload.ljust(_HEAD, b"\0"), len(_MARK))
    return payload[_HEAD : _HEAD + length], payload[_HEAD + length :]


def of_conversation(keys: UserKeys, conversation: ConversationId) -> UserKeys:
    """The keys of a conversation, of those of its user."""
    return keys.derived(place_of(b"journal", key_bytes(conversation)))
