"""Journals that show nobody what was said."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from adapters.outbound.capture_journal.files import FileCaptureJournal
from adapters.outbound.capture_journal.sealed import SealedCaptureJournal
from domain.ids import ConversationId, UserId
from ports.capture_journal import CaptureJournal, JournalRecord, RecordKind
from ports.errors import NotFound, TemporarilyUnavailable
from ports.vault import Vault
from tests.support.vaults import a_vault

ANNA = UserId("anna")
TALK, OTHER = ConversationId("talk"), ConversationId("other")
SAID = b'{"words":["Zanzibarquux"]}'
OPENED = json.dumps({"user": ANNA, "language": "Zanzibarquux"}).encode()
RECORDS = [
    JournalRecord(RecordKind.OPENED, OPENED),
    JournalRecord(RecordKind.PACKET, b"a packet of Zanzibarquux"),
    JournalRecord(RecordKind.PACKET, b""),
    JournalRecord(RecordKind.WORDS, SAID),
]


@pytest.fixture
async def vault(tmp_path: Path) -> AsyncIterator[Vault]:
    async with a_vault(tmp_path) as ready:
        yield ready


@asynccontextmanager
async def journals(folder: Path, vault: Vault) -> AsyncIterator[CaptureJournal]:
    async with SealedCaptureJournal(FileCaptureJournal(data_dir=folder), vault=vault) as ready:
        yield ready


def write(journal: CaptureJournal, records: list[JournalRecord], conversation: ConversationId = TALK) -> None:
    writer = journal.open(conversation)
    try:
        for record in records:
            writer.append(record.kind, record.payload)
    finally:
        writer.close()


async def read(journal: CaptureJournal, conversation: ConversationId = TALK) -> list[JournalRecord]:
    return [record async for record in journal.read(conversation)]


async def test_what_was_written_is_read_and_no_file_shows_it(tmp_path: Path, vault: Vault) -> None:
    async with journals(tmp_path, vault) as journal:
        write(journal, RECORDS)
        assert await read(journal) == RECORDS
        assert await journal.conversations() == (TALK,)
    content = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"Zanzibarquux" not in content
    assert b"packet" not in content
    assert b"anna" in content  # whose it is has to be found without keys


async def test_the_next_process_continues_it_after_it_has_read_it(tmp_path: Path, vault: Vault) -> None:
    async with journals(tmp_path, vault) as journal:
        write(journal, RECORDS)
    async with journals(tmp_path, vault) as journal:
        assert await read(journal) == RECORDS
        write(journal, RECORDS[1:])
    async with journals(tmp_path, vault) as journal:
        assert await read(journal) == RECORDS + RECORDS[1:]


async def test_what_cannot_be_sealed_is_not_written(tmp_path: Path, vault: Vault) -> None:
    async with journals(tmp_path, vault) as journal:
        with pytest.raises(TemporarilyUnavailable, match="whose it is"):
            write(journal, RECORDS[1:])
        write(journal, [])
        assert await read(journal) == []


async def test_a_journal_that_began_in_the_clear_goes_on(tmp_path: Path, vault: Vault) -> None:
    write(FileCaptureJournal(data_dir=tmp_path), RECORDS)
    async with journals(tmp_path, vault) as journal:
        assert await read(journal) == RECORDS
        write(journal, RECORDS[1:])
        assert await read(journal) == RECORDS + RECORDS[1:]


async def test_without_the_keys_it_is_as_if_it_were_not_there(tmp_path: Path, vault: Vault) -> None:
    async with journals(tmp_path, vault) as journal:
        write(journal, RECORDS)
        await vault.erase(ANNA)
    async with journals(tmp_path, vault) as journal:
        with pytest.raises(NotFound):
            await read(journal)
        await journal.remove(TALK)
        assert await journal.conversations() == ()


async def test_records_of_another_conversation_are_refused(tmp_path: Path, vault: Vault) -> None:
    clear = FileCaptureJournal(data_dir=tmp_path)
    async with AsyncExitStack() as stack:
        journal = await stack.enter_async_context(journals(tmp_path, vault))
        for conversation in (TALK, OTHER):
            write(journal, RECORDS, conversation)
        theirs = [record async for record in clear.read(OTHER)]
        write(clear, theirs[1:2])
        with pytest.raises(TemporarilyUnavailable, match="another user or place"):
            await read(journal)


@pytest.mark.parametrize("payload", [b"", b"\0oj\x01", b"\0oj\x01\xff\xff\xff\xff", b"no json", b"[]"])
async def test_a_first_record_that_is_no_such_is_no_crash(tmp_path: Path, vault: Vault, payload: bytes) -> None:
    write(FileCaptureJournal(data_dir=tmp_path), [JournalRecord(RecordKind.OPENED, payload)])
    async with journals(tmp_path, vault) as journal:
        [found] = await read(journal)
        assert found.payload in {payload, b""}
