"""What of a capture servers have written down: the packets in order, from their files or from what they share."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct

from adapters.outbound.capture_journal.journal_format import LARGEST_HEADER, RecordDecoder, decode_header
from adapters.outbound.capture_journal.redis import RedisCaptureJournalSettings
from adapters.outbound.capture_journal.redis_copies import RedisCopies
from application.listening.conversation_records import NO_AUDIO, Placed, Skipped, decoded
from ports.capture_journal import JournalRecord, RecordKind


class StoredCapture(Struct, frozen=True):
    """One user's, of all conversations."""

    packets: list[bytes]
    absent: int
    """Samples without audio that the servers believe in."""
    conversations: int


async def in_files(data_dir: Path) -> StoredCapture:
    """What one server has in its folder."""
    contents = []
    for path in sorted((data_dir / "journal").glob("*.journal"), key=_opened_at):
        content = path.read_bytes()
        header = decode_header(content[:LARGEST_HEADER])
        contents.append(content[header.size if header else 0 :])
    return _stored(contents)


async def in_redis(url: str) -> StoredCapture:
    """What several servers see."""
    async with RedisCopies(RedisCaptureJournalSettings(url=url)) as copies:
        opened = await copies.conversations()
        names = sorted(opened, key=opened.__getitem__)
        sizes = [state.size for state in await copies.states(names)]
        pieces = [
            b"".join([piece async for piece in copies.content(name, size=size)])
            for name, size in zip(names, sizes, strict=True)
        ]
    return _stored(pieces)


def _stored(contents: list[bytes]) -> StoredCapture:
    packets: list[bytes] = []
    absent = 0
    for record in _records(contents):
        value = record.payload if record.kind is RecordKind.PACKET else decoded(record)
        if isinstance(value, bytes):
            packets.append(value)
        elif isinstance(value, Placed):
            packets.append(value.packet)
        elif isinstance(value, Skipped) and value.reason == NO_AUDIO:
            absent += value.samples
    return StoredCapture(packets, absent, len(contents))


def _records(contents: Iterable[bytes]) -> Iterator[JournalRecord]:
    for content in contents:
        yield from RecordDecoder().feed(content)


def _opened_at(path: Path) -> int:
    header = decode_header(path.read_bytes()[:LARGEST_HEADER])
    return header.opened_at if header else 0
