"""How a journal lies on disk. Pure: bytes in, values out.

A file is a header and then records, all numbers little-endian::

    header   "OMIJ" | u8 version | u64 opened at | u32 length of id | u32 crc32 over time and id | id
    record   u32 length of payload | u32 crc32 over kind and payload | u8 kind | payload

The time is nanoseconds since 1970, the id UTF-8.
A checksum that is wrong, a length beyond all reason or a file that stops too soon: there the journal ends.
"""

from struct import Struct as Layout
from zlib import crc32

from msgspec import Struct

from adapters.outbound.keys import key_bytes, key_text
from domain.ids import ConversationId
from ports.capture_journal import JournalRecord, RecordKind

VERSION = 1
MAXIMUM_PAYLOAD = 1 << 24
"""Bytes. A damaged length must not make a reader wait for gigabytes."""
LARGEST_HEADER = 4096
"""Bytes; an identifier that does not fit is refused."""
_MAGIC = b"OMIJ"
_HEADER = Layout("<4sBQII")
_RECORD = Layout("<II")
_OVERHEAD = _RECORD.size + 1
_KINDS = {kind.value: kind for kind in RecordKind}
_KIND_BYTES = {kind: bytes((kind.value,)) for kind in RecordKind}
_pack = _RECORD.pack


class JournalHeader(Struct, frozen=True, gc=False):
    """What a file says about itself."""

    conversation: ConversationId
    opened_at: int
    """Nanoseconds since 1970."""
    size: int
    """Bytes of the header itself: here the records begin."""


class NewerJournal(Exception):
    """The file was written by a version that came after this one."""


def encode_header(conversation: ConversationId, *, opened_at: int) -> bytes:
    """The first bytes of a file; `opened_at` in nanoseconds since 1970.

    Raises:
        ValueError: the identifier is too long.
    """
    name = key_bytes(conversation)
    if len(name) > LARGEST_HEADER - _HEADER.size:
        raise ValueError(f"an identifier of {len(name)} bytes is too long for a journal")
    return _HEADER.pack(_MAGIC, VERSION, opened_at, len(name), _checksum(opened_at, name)) + name


def decode_header(content: bytes) -> JournalHeader | None:
    """What the first bytes of a file say; None when they are not a whole header.

    Raises:
        NewerJournal: it is a journal, but of a version unknown here.
    """
    if len(content) < _HEADER.size:
        return None
    magic, version, opened_at, length, checksum = _HEADER.unpack_from(content)
    if magic != _MAGIC:
        return None
    if version > VERSION:
        raise NewerJournal(f"version {version}, at most {VERSION} is known")
    size = _HEADER.size + length
    name = content[_HEADER.size : size]
    if len(name) != length or _checksum(opened_at, name) != checksum:
        return None
    return JournalHeader(ConversationId(key_text(name)), opened_at, size)


def _checksum(opened_at: int, name: bytes) -> int:
    return crc32(opened_at.to_bytes(8, "little") + name)


def encode_record(kind: RecordKind, payload: bytes) -> bytes:
    """One record, whole."""
    body = _KIND_BYTES[kind] + payload
    return _pack(len(payload), crc32(body)) + body


class RecordDecoder:
    """Turns the bytes behind the header, in pieces of any size, into records."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self.whole = 0
        """Bytes of all records found whole so far."""
        self.broken = False
        """Nothing that follows can be read."""

    def feed(self, piece: bytes) -> list[JournalRecord]:
        """The records that are whole now. Kinds unknown here, from a newer version, are passed over."""
        if self.broken:
            return []
        self._rest += piece
        found: list[JournalRecord] = []
        with memoryview(self._rest) as content:
            end = self._decode(content, found)
        del self._rest[:end]
        self.whole += end
        return found

    def _decode(self, content: memoryview, found: list[JournalRecord]) -> int:
        at, size = 0, len(content)
        while at + _OVERHEAD <= size:
            length, checksum = _RECORD.unpack_from(content, at)
            end = at + _OVERHEAD + length
            if length > MAXIMUM_PAYLOAD:
                self.broken = True
                break
            if end > size:
                break
            body = content[at + _RECORD.size : end]
            if crc32(body) != checksum:
                self.broken = True
                break
            kind = _KINDS.get(body[0])
            if kind is not None:
                found.append(JournalRecord(kind, bytes(body[1:])))
            at = end
        return at
