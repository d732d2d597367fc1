"""Messages of earlier backends in Firestore."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from adapters.inbound.simulators.firestore import FirestoreSimulation, serve_firestore
from adapters.outbound.chat_history.firestore import FirestoreChatHistory
from adapters.outbound.firestore_settings import FirestoreSettings
from adapters.outbound.user_encryption import Protection
from domain.chat import Message, MessageKind, Sender
from domain.ids import UserId
from tests.support.firestore import reaching
from tests.support.memories import NOON

ME = UserId("me")


@pytest.fixture
async def simulation() -> AsyncIterator[FirestoreSimulation]:
    async with serve_firestore() as ready:
        yield ready


@pytest.fixture
async def history(simulation: FirestoreSimulation) -> AsyncIterator[FirestoreChatHistory]:
    async with FirestoreChatHistory(reaching(simulation, FirestoreSettings)) as ready:
        yield ready


async def stored(history: FirestoreChatHistory, **fields: Any) -> None:
    """A document with a name of its own, as in 2024."""
    messages = history._connection.user(ME).collection("messages")
    plain = {"id": "m", "text": "Hello.", "created_at": NOON, "sender": "human", "type": "text", "memories_id": []}
    await messages.add(plain | fields)


async def test_a_message_of_2024_is_read(history: FirestoreChatHistory) -> None:
    await stored(history, sender="ai", type="day_summary", plugin_id="null", from_external_integration=True)
    assert await history.recent(ME) == (
        Message(
            id="m",
            text="Hello.",
            created_at=NOON,
            sender=Sender.AI,
            kind=MessageKind.DAY_SUMMARY,
            from_integration=True,
        ),
    )


async def test_messages_that_were_cleared_in_2024_stay_away(history: FirestoreChatHistory) -> None:
    await stored(history, deleted=True)
    await stored(history, id="n")
    assert [message.id for message in await history.recent(ME)] == ["n"]


async def test_of_two_documents_of_one_message_the_newest_counts(history: FirestoreChatHistory) -> None:
    await stored(history)
    await stored(history, text="Bye.", created_at=NOON + timedelta(minutes=1))
    assert [message.text for message in await history.recent(ME)] == ["Bye."]


async def test_clearing_removes_what_was_only_marked_too(
    simulation: FirestoreSimulation, history: FirestoreChatHistory
) -> None:
    await stored(history, deleted=True)
    await stored(history)
    await history.clear(ME)
    assert simulation.store.names() == []


async def test_more_messages_than_a_call_gives_are_read(history: FirestoreChatHistory) -> None:
    for number in range(230):
        await stored(history, id=f"{number}", created_at=NOON + timedelta(seconds=number))
    assert [m.id for m in await history.recent(ME, limit=225)] == [f"{number}" for number in range(229, 4, -1)]


async def test_new_messages_are_encrypted_where_that_is_set(simulation: FirestoreSimulation) -> None:
    secret = "a secret of at least 32 characters"  # noqa: S105 - of nobody
    settings = reaching(simulation, FirestoreSettings, protection=Protection.ENHANCED, encryption_secret=secret)
    message = Message(id="m", text="Likes pasta.", created_at=NOON, sender=Sender.HUMAN)
    async with FirestoreChatHistory(settings) as history:
        await history.append(ME, message)
        stored = await history._connection.user(ME).collection("messages").document("m").get()
        assert "pasta" not in str(stored.to_dict())
        assert await history.recent(ME) == (message,)
