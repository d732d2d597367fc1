"""What every chat history does."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest

from adapters.outbound.chat_history.firestore import FirestoreChatHistory
from adapters.outbound.chat_history.memory import InMemoryChatHistory
from adapters.outbound.chat_history.sealed import SealedChatHistory
from adapters.outbound.chat_history.sqlite import SqliteChatHistory
from adapters.outbound.firestore_settings import FirestoreSettings
from domain.chat import Message, MessageKind, Sender
from domain.ids import MemoryId, PluginId, UserId
from ports.chat_history import ChatHistory
from ports.errors import Rejected
from tests.contract.document_harness import document_harnesses, durable
from tests.contract.harness import Harness, over
from tests.support.hostile_pairs import GONE, PAIRS
from tests.support.memories import HOSTILE, NOON

ME, OTHER = UserId("me"), UserId("other")
HARNESSES: dict[str, Harness[ChatHistory]] = document_harnesses(
    sqlite=SqliteChatHistory,
    memory=InMemoryChatHistory,
    firestore=FirestoreChatHistory,
    sealed=SealedChatHistory,
    settings=FirestoreSettings,
)
DURABLE = durable(HARNESSES)


@pytest.fixture(params=over("chat_history", HARNESSES))
async def history(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ChatHistory]:
    async with request.param(tmp_path) as ready:
        yield ready


def a_message(identifier: str = "message", *, minute: int = 0, text: str = "Hello.", **fields: Any) -> Message:
    sender: dict[str, Any] = {"sender": Sender.HUMAN}
    return Message(id=identifier, text=text, created_at=NOON + timedelta(minutes=minute), **(sender | fields))


async def ids(history: ChatHistory, user: UserId = ME, **window: int) -> list[str]:
    return [message.id for message in await history.recent(user, **window)]


async def test_what_was_appended_is_read_back_with_every_field(history: ChatHistory) -> None:
    full = a_message(
        sender=Sender.AI,
        kind=MessageKind.DAY_SUMMARY,
        plugin_id=PluginId("p"),
        from_integration=True,
        memory_ids=(MemoryId("a"), MemoryId("b")),
        file_ids=("f", "g"),
        session_id="s",
        reported=True,
    )
    await history.append(ME, full)
    assert await history.recent(ME) == (full,)


async def test_a_user_without_messages_has_none(history: ChatHistory) -> None:
    assert await history.recent(ME) == ()


async def test_appending_the_same_id_again_replaces(history: ChatHistory) -> None:
    await history.append(ME, a_message())
    await history.append(ME, a_message(text="Bye."))
    assert await history.recent(ME) == (a_message(text="Bye."),)


async def test_the_newest_comes_first_and_among_equals_the_greater_id(history: ChatHistory) -> None:
    for name, minute in (("b", 1), ("a", 1), ("old", 0), ("new", 2)):
        await history.append(ME, a_message(name, minute=minute))
    assert await ids(history) == ["new", "b", "a", "old"]


async def test_a_limit_keeps_the_newest(history: ChatHistory) -> None:
    for minute in range(5):
        await history.append(ME, a_message(f"m{minute}", minute=minute))
    assert await ids(history, limit=2) == ["m4", "m3"]
    assert await ids(history, limit=0) == await ids(history, limit=-1) == []
    assert len(await ids(history, limit=10**30)) == 5


async def test_cleared_messages_are_gone(history: ChatHistory) -> None:
    for name in ("a", "b"):
        await history.append(ME, a_message(name))
    await history.clear(ME)
    assert await history.recent(ME) == ()


async def test_clearing_twice_or_what_never_was_does_nothing(history: ChatHistory) -> None:
    await history.clear(ME)
    await history.append(ME, a_message())
    await history.clear(ME)
    await history.clear(ME)
    await history.append(ME, a_message())
    assert await ids(history) == ["message"]


async def test_users_see_their_own_messages_alone_whatever_they_are_called(history: ChatHistory) -> None:
    for user in HOSTILE:
        await history.append(UserId(user), a_message(text=user))
    for user in HOSTILE:
        assert await history.recent(UserId(user)) == (a_message(text=user),)


async def test_users_and_identifiers_that_read_alike_are_not_taken_for_each_other(history: ChatHistory) -> None:
    for user, name in PAIRS:
        await history.append(user, a_message(name, text=f"{user} {name}"))
    gone = {user for user, _ in GONE}
    for user in gone:
        await history.clear(user)
    for user, name in PAIRS:
        kept = a_message(name, text=f"{user} {name}")
        assert (kept in await history.recent(user)) == (user not in gone)


async def test_clearing_leaves_other_users_alone(history: ChatHistory) -> None:
    for user in (ME, OTHER):
        await history.append(user, a_message())
    await history.clear(ME)
    assert await ids(history, OTHER) == ["message"]


async def test_any_text_is_an_id(history: ChatHistory) -> None:
    for name in HOSTILE:
        await history.append(ME, a_message(name))
    assert await ids(history) == sorted(HOSTILE, reverse=True)


async def test_concurrent_writers_all_succeed(history: ChatHistory) -> None:
    with anyio.fail_after(20):
        async with anyio.create_task_group() as tasks:
            for number in range(60):
                tasks.start_soon(history.append, (ME, OTHER)[number % 2], a_message(f"{number}"))
    assert len(await ids(history)) == len(await ids(history, OTHER)) == 30


async def test_text_that_no_store_can_write_is_rejected(history: ChatHistory) -> None:
    with pytest.raises(Rejected):
        await history.append(ME, a_message(text="\ud800"))
    assert await ids(history) == []


@DURABLE
async def test_messages_survive_reopening(harness: Harness[ChatHistory], tmp_path: Path) -> None:
    async with harness(tmp_path) as first:
        await first.append(ME, a_message())
    async with harness(tmp_path) as second:
        assert await second.recent(ME) == (a_message(),)


async def test_nothing_of_cleared_messages_stays_on_the_disk(tmp_path: Path) -> None:
    canary = "a sentence that nobody else says"
    async with SqliteChatHistory(tmp_path) as store:
        for number in range(50):
            await store.append(ME, a_message(f"{number}", text=canary * 10))
        assert holding(tmp_path, canary)
        await store.clear(ME)
        assert not holding(tmp_path, canary)


def holding(folder: Path, text: str) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]
