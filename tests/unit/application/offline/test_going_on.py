"""Conversations that have no memory yet."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from adapters.outbound.capture_journal.memory import InMemoryCaptureJournal
from adapters.outbound.clock.manual import START, ManualClock
from adapters.outbound.memory_repository.memory import InMemoryMemoryRepository
from application.listening.conversation_records import Opened
from application.offline.going_on import GoingOn
from domain.conversation import CaptureEpoch
from domain.ids import ConversationId
from ports.capture_journal import RecordKind
from tests.support.http_app import ANNA, BERT, a_memory

THEN = START - timedelta(minutes=5)


class Server:
    def __init__(self) -> None:
        self.journal = InMemoryCaptureJournal()
        self.memories = InMemoryMemoryRepository()
        nobody: Any = SimpleNamespace(open=())
        self.going_on = GoingOn(conversations=nobody, journal=self.journal, memories=self.memories, clock=ManualClock())

    def write(self, name: str, payload: bytes | None = None) -> None:
        opened = Opened(user=ANNA, epoch=CaptureEpoch(16_000, THEN))
        self.journal.open(ConversationId(name)).append(RecordKind.OPENED, payload or msgspec.json.encode(opened))


@pytest.fixture
def server() -> Server:
    return Server()


async def test_a_journal_without_a_memory_is_a_conversation_that_may_go_on_until_now(server: Server) -> None:
    server.write("c1")
    assert await server.going_on.of(ANNA) == ((THEN, START),)
    assert await server.going_on.of(BERT) == ()


async def test_a_journal_that_waits_for_its_gaps_has_a_memory(server: Server) -> None:
    server.write("c1")
    await server.memories.save(ANNA, a_memory("c1"))
    assert await server.going_on.of(ANNA) == ()


async def test_a_journal_that_cannot_be_read_holds_nobody_up(server: Server) -> None:
    server.write("c1", b"nonsense")
    assert await server.going_on.of(ANNA) == ()
