"""What the embedded stores show to who has their files alone, and what they make of what was meddled with."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, closing
from pathlib import Path

import pytest
from msgspec import Struct

from adapters.outbound.chat_history.sqlite import SqliteChatHistory
from adapters.outbound.facts.sqlite import SqliteFacts
from adapters.outbound.memory_repository.sqlite import SqliteMemoryRepository
from adapters.outbound.people.sqlite import SqlitePeople
from adapters.outbound.text_index.sqlite import SqliteTextIndex
from adapters.outbound.user_folder import user_folder
from domain.chat import Message, Sender
from domain.fact import Fact
from domain.ids import MemoryId, PersonId, UserId
from domain.memory import ActionItem, Structure
from domain.person import Person
from ports.errors import NotFound, TemporarilyUnavailable
from ports.memory_repository import MemoryQuery
from ports.text_index import Passage
from ports.vault import Vault
from tests.support.memories import NOON, a_memory, a_segment
from tests.support.vaults import a_vault

ANNA, BERT = UserId("anna"), UserId("bert")
WORD = "Zanzibarquux"
TRACES = (b"zanzibarquux", b"zanzibarqu")
TRIP = MemoryId("trip")


class Stores(Struct):
    """All of them, in one folder."""

    memories: SqliteMemoryRepository
    facts: SqliteFacts
    chat: SqliteChatHistory
    people: SqlitePeople
    texts: SqliteTextIndex


async def opened(stack: AsyncExitStack, folder: Path, vault: Vault | None) -> Stores:
    return Stores(
        memories=await stack.enter_async_context(SqliteMemoryRepository(folder, vault=vault)),
        facts=await stack.enter_async_context(SqliteFacts(folder, vault=vault)),
        chat=await stack.enter_async_context(SqliteChatHistory(folder, vault=vault)),
        people=await stack.enter_async_context(SqlitePeople(folder, vault=vault)),
        texts=await stack.enter_async_context(SqliteTextIndex(folder, vault=vault)),
    )


@pytest.fixture
async def vault(tmp_path: Path) -> AsyncIterator[Vault]:
    async with a_vault(tmp_path) as ready:
        yield ready


@pytest.fixture
async def stores(tmp_path: Path, vault: Vault) -> AsyncIterator[Stores]:
    async with AsyncExitStack() as stack:
        yield await opened(stack, tmp_path, vault)


async def fill(stores: Stores, user: UserId, word: str = WORD) -> None:
    structure = Structure(title=word, overview=word, action_items=(ActionItem(description=word),))
    memory = a_memory(TRIP, structure=structure, segments=(a_segment(word),), external={"said": word})
    await stores.memories.save(user, memory)
    await stores.facts.save(user, Fact(id="fact", content=f"Likes {word}", created_at=NOON, updated_at=NOON))
    await stores.chat.append(user, Message(id="message", text=word, created_at=NOON, sender=Sender.HUMAN))
    await stores.people.save(user, Person(id=PersonId("person"), name=word, created_at=NOON, updated_at=NOON))
    await stores.texts.put(user, TRIP, [Passage(TRIP, 0, f"About {word}"), Passage(TRIP, 1, f"{word} is far", NOON)])


async def what_is_read(stores: Stores, user: UserId) -> list[str]:
    memory = await stores.memories.get(user, TRIP)
    [hit, *_] = await stores.texts.search(user, WORD)
    return [
        memory.structure.title,
        memory.segments[0].text,
        (await stores.facts.get(user, "fact")).content,
        (await stores.chat.recent(user))[0].text,
        (await stores.people.list(user))[0].name,
        hit.text,
    ]


def traces(folder: Path) -> set[str]:
    contents = {path: path.read_bytes().lower() for path in folder.rglob("*") if path.is_file()}
    return {path.name.partition("-")[0] for path, content in contents.items() if any(t in content for t in TRACES)}


async def test_no_file_shows_a_word_that_was_said(stores: Stores, tmp_path: Path) -> None:
    await fill(stores, ANNA)
    assert all(WORD in text for text in await what_is_read(stores, ANNA))
    assert traces(tmp_path) == set()


async def test_without_the_keys_nothing_is_read(stores: Stores, vault: Vault) -> None:
    await fill(stores, ANNA)
    await fill(stores, BERT)
    await vault.erase(ANNA)
    for attempt in (
        stores.memories.get(ANNA, TRIP),
        stores.memories.page(ANNA, MemoryQuery()),
        stores.facts.list(ANNA),
        stores.chat.recent(ANNA),
        stores.people.get(ANNA, PersonId("person")),
    ):
        with pytest.raises(NotFound, match="erased"):
            await attempt
    assert await stores.texts.search(ANNA, WORD) == ()
    assert all(WORD in text for text in await what_is_read(stores, BERT))


async def test_a_folder_of_an_earlier_version_goes_on(tmp_path: Path, vault: Vault) -> None:
    async with AsyncExitStack() as stack:
        await fill(await opened(stack, tmp_path, None), ANNA)
    assert traces(tmp_path) == {"memories.db", "facts.db", "chat.db", "people.db", "search.db"}
    async with AsyncExitStack() as stack:
        stores = await opened(stack, tmp_path, vault)
        assert all(WORD in text for text in await what_is_read(stores, ANNA))
        await stores.texts.put(ANNA, MemoryId("new"), [Passage(MemoryId("new"), 1, f"Again {WORD}")])
        assert {hit.memory_id for hit in await stores.texts.search(ANNA, WORD)} == {TRIP, "new"}
        assert {hit.memory_id for hit in await stores.texts.rank_memories(ANNA, WORD)} == {TRIP, "new"}
        await fill(stores, ANNA)  # and what is written again is sealed
        await stores.texts.delete(ANNA, MemoryId("new"))
        await stores.texts.put(ANNA, MemoryId("new"), [])
        assert [hit.number for hit in await stores.texts.search(ANNA, WORD)] == [0, 1]
    for path in tmp_path.rglob("*.db"):
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("VACUUM")
    assert traces(tmp_path) == set()


@pytest.mark.parametrize(
    "place",
    [
        ("memories.db", "memories", "content"),
        ("memories.db", "memories", "segments"),
        ("facts.db", "documents", "content"),
        ("chat.db", "documents", "content"),
        ("people.db", "documents", "content"),
        ("search.db", "passages", "text"),
    ],
)
@pytest.mark.parametrize("meddle", ["changed", "cut", "another user's"])
async def test_what_was_meddled_with_is_refused(
    stores: Stores, tmp_path: Path, place: tuple[str, str, str], meddle: str
) -> None:
    for user in (ANNA, BERT):
        await fill(stores, user)
    file, table, column = place
    mine, theirs = (user_folder(tmp_path, user) / file for user in (ANNA, BERT))
    with closing(sqlite3.connect(theirs)) as connection:
        [(other,), *_] = connection.execute(f"SELECT {column} FROM {table}").fetchall()  # noqa: S608
    with closing(sqlite3.connect(mine)) as connection, connection:
        [(own,), *_] = connection.execute(f"SELECT {column} FROM {table}").fetchall()  # noqa: S608
        made = {"changed": own[:-1] + bytes([own[-1] ^ 1]), "cut": own[:-1], "another user's": other}[meddle]
        connection.execute(f"UPDATE {table} SET {column} = ?", (made,))  # noqa: S608
    with pytest.raises((TemporarilyUnavailable, NotFound), match="sealed"):
        await what_is_read(stores, ANNA)
    assert all(WORD in text for text in await what_is_read(stores, BERT))


async def test_a_value_of_one_memory_is_refused_in_the_place_of_another(stores: Stores, tmp_path: Path) -> None:
    await fill(stores, ANNA)
    await stores.memories.save(ANNA, a_memory("other"))
    with closing(sqlite3.connect(user_folder(tmp_path, ANNA) / "memories.db")) as connection, connection:
        connection.execute(
            "UPDATE memories SET segments = (SELECT segments FROM memories WHERE id = ?) WHERE id = ?",
            (b"other", TRIP.encode()),
        )
    with pytest.raises(TemporarilyUnavailable, match="another user or place"):
        await stores.memories.get(ANNA, TRIP)


async def test_hashed_words_are_ranked_like_words(stores: Stores, tmp_path: Path) -> None:
    texts = [
        "The trains to Lisbon were running late",
        "A train is a train is a train",
        "Lisbon, the café by the running water",
        "東京 で 会議",
        "a trained runner's naïve cafe",
        "Run. Ran? RUNNING!",
    ]
    async with SqliteTextIndex(tmp_path / "clear") as clear:
        for number, text in enumerate(texts):
            memory = MemoryId(f"m{number % 3}{number}")
            for index in (clear, stores.texts):
                await index.put(ANNA, memory, [Passage(memory, 0, text), Passage(memory, 1, text[::-1])])
        for query in ("train", "running trains", "cafe", "CAFÉ Lisbon", "東京", "the", "runner's", "late; DROP", "ran"):
            assert await stores.texts.search(ANNA, query) == await clear.search(ANNA, query), query
            assert await stores.texts.rank_memories(ANNA, query) == await clear.rank_memories(ANNA, query), query
