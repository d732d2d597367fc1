from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.outbound.capture_journal.files import FileCaptureJournal
from adapters.outbound.capture_journal.memory import InMemoryCaptureJournal
from adapters.outbound.capture_journal.redis import RedisCaptureJournal, RedisCaptureJournalSettings
from adapters.outbound.clock.system import SystemClock
from adapters.outbound.conversation_leases.local import LocalConversationLeases
from domain.ids import ConversationId, new_id
from ports.capture_journal import CaptureJournal, JournalRecord, RecordKind
from ports.errors import NotFound, TemporarilyUnavailable
from tests.contract.harness import Harness, over
from tests.support.redis_server import shared_redis

PACKET, WORDS = RecordKind.PACKET, RecordKind.WORDS
HOSTILE = ("", ".", "../../etc/passwd", "/etc/passwd", "a\0b", "a/b\\c", "%2e%2e", "ü" * 1000, "\ud800", "CON", "x\n")


@asynccontextmanager
async def files(folder: Path) -> AsyncIterator[CaptureJournal]:
    yield FileCaptureJournal(data_dir=folder / "data")


@asynccontextmanager
async def memory(_folder: Path) -> AsyncIterator[CaptureJournal]:
    yield InMemoryCaptureJournal()


@asynccontextmanager
async def redis(folder: Path) -> AsyncIterator[CaptureJournal]:
    async with (
        shared_redis(folder) as server,
        RedisCaptureJournal(
            settings=RedisCaptureJournalSettings(url=server.url),
            data_dir=folder / "data",
            leases=LocalConversationLeases(clock=SystemClock()),
        ) as journal,
    ):
        yield journal


HARNESSES: dict[str, Harness[CaptureJournal]] = {"files": files, "memory": memory, "redis": redis}


@pytest.fixture(params=over("capture_journal", HARNESSES))
async def journal(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[CaptureJournal]:
    async with request.param(tmp_path) as adapter:
        yield adapter


def conversation(name: str | None = None) -> ConversationId:
    return ConversationId(new_id() if name is None else name)


def write(journal: CaptureJournal, where: ConversationId, *payloads: bytes) -> None:
    writer = journal.open(where)
    for payload in payloads:
        writer.append(PACKET, payload)
    writer.close()


def files_under(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def payloads(journal: CaptureJournal, where: ConversationId) -> list[bytes]:
    return [record.payload async for record in journal.read(where)]


async def test_records_come_back_in_order_and_unchanged(journal: CaptureJournal) -> None:
    here = conversation()
    records = [JournalRecord(kind, bytes(range(kind * 19))) for kind in RecordKind] + [JournalRecord(WORDS, b"")]
    writer = journal.open(here)
    for record in records:
        writer.append(record.kind, record.payload)
    writer.close()
    assert [record async for record in journal.read(here)] == records


async def test_a_record_can_be_read_while_the_journal_is_still_written(journal: CaptureJournal) -> None:
    here = conversation()
    writer = journal.open(here)
    writer.append(PACKET, b"one")
    assert await payloads(journal, here) == [b"one"]
    writer.append(PACKET, b"two")
    assert await payloads(journal, here) == [b"one", b"two"]
    writer.close()


async def test_a_journal_goes_on_where_it_stopped(journal: CaptureJournal) -> None:
    here = conversation()
    write(journal, here, b"one", b"two")
    write(journal, here, b"three")
    assert await payloads(journal, here) == [b"one", b"two", b"three"]


async def test_a_journal_without_records_exists(journal: CaptureJournal) -> None:
    here = conversation()
    write(journal, here)
    assert await journal.conversations() == (here,)
    assert await payloads(journal, here) == []


async def test_reading_a_missing_journal_says_so(journal: CaptureJournal) -> None:
    with pytest.raises(NotFound):
        await payloads(journal, conversation())


async def test_a_journal_that_was_brought_goes_on(journal: CaptureJournal) -> None:
    here = conversation()
    write(journal, here, b"one")
    await journal.bring(here)
    assert await payloads(journal, here) == [b"one"]
    write(journal, here, b"two")
    assert await payloads(journal, here) == [b"one", b"two"]


async def test_bringing_what_there_is_not_makes_no_journal(journal: CaptureJournal) -> None:
    here = conversation()
    await journal.bring(here)
    assert await journal.conversations() == ()
    with pytest.raises(NotFound):
        await payloads(journal, here)


async def test_conversations_are_listed_oldest_first(journal: CaptureJournal) -> None:
    assert await journal.conversations() == ()
    order = [conversation() for _ in range(5)]
    for one in order:
        write(journal, one, b"x")
    write(journal, order[0], b"a later record does not make a journal younger")
    assert await journal.conversations() == tuple(order)


async def test_a_removed_journal_is_gone(journal: CaptureJournal) -> None:
    here, other = conversation(), conversation()
    write(journal, here, b"one")
    write(journal, other, b"two")
    await journal.remove(here)
    assert await journal.conversations() == (other,)
    with pytest.raises(NotFound):
        await payloads(journal, here)


async def test_removing_twice_does_nothing(journal: CaptureJournal) -> None:
    here = conversation()
    write(journal, here)
    await journal.remove(here)
    await journal.remove(here)


async def test_a_journal_starts_anew_after_its_removal(journal: CaptureJournal) -> None:
    here = conversation()
    write(journal, here, b"old")
    await journal.remove(here)
    write(journal, here, b"new")
    assert await payloads(journal, here) == [b"new"]


async def test_any_identifier_will_do_and_none_reaches_another_journal(journal: CaptureJournal, tmp_path: Path) -> None:
    for name in HOSTILE:
        write(journal, conversation(name), name.encode("utf-8", "surrogatepass"))
    assert await journal.conversations() == HOSTILE
    for name in HOSTILE:
        assert await payloads(journal, conversation(name)) == [name.encode("utf-8", "surrogatepass")]
    assert {path.parent for path in files_under(tmp_path / "data")} <= {tmp_path / "data" / "journal"}


async def test_large_records_are_whole(journal: CaptureJournal) -> None:
    here, large = conversation(), bytes(range(256)) * 4096
    write(journal, here, b"before", large, b"after")
    assert await payloads(journal, here) == [b"before", large, b"after"]


async def test_many_records_are_all_there(journal: CaptureJournal) -> None:
    here = conversation()
    expected = [b"%d" % number * (number % 50) for number in range(10_000)]
    write(journal, here, *expected)
    assert await payloads(journal, here) == expected


async def test_reading_may_be_given_up_anywhere(journal: CaptureJournal) -> None:
    here = conversation()
    write(journal, here, b"one", b"two")
    async for record in journal.read(here):
        assert record.payload == b"one"
        break
    assert await payloads(journal, here) == [b"one", b"two"]


async def test_a_journal_has_one_writer_at_a_time(journal: CaptureJournal) -> None:
    here = conversation()
    writer = journal.open(here)
    with pytest.raises(TemporarilyUnavailable):
        journal.open(here)
    writer.append(PACKET, b"one")
    writer.close()
    write(journal, here, b"two")
    assert await payloads(journal, here) == [b"one", b"two"]


async def test_closing_twice_is_harmless_and_nothing_can_be_added_after_it(journal: CaptureJournal) -> None:
    here = conversation()
    writer = journal.open(here)
    writer.close()
    writer.close()
    with pytest.raises(TemporarilyUnavailable):
        writer.append(PACKET, b"late")
    with pytest.raises(TemporarilyUnavailable):
        await writer.sync()
    assert await payloads(journal, here) == []


async def test_syncing_changes_nothing_that_can_be_read(journal: CaptureJournal) -> None:
    here = conversation()
    writer = journal.open(here)
    writer.append(PACKET, b"one")
    await writer.sync()
    writer.append(PACKET, b"two")
    await writer.sync()
    writer.close()
    assert await payloads(journal, here) == [b"one", b"two"]
