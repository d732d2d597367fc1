"""Whoever has the disk, the dump of Redis or the documents of Firestore, and no keys, finds no word that was said."""

import base64
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
import zstandard
from dependency_injector import providers

from adapters.inbound.simulators.firestore import FirestoreSimulation, serve_firestore
from adapters.outbound.clock.manual import ManualClock
from benchmarks.memories.life import SETTINGS
from bootstrap.container import Container
from bootstrap.lifespan import opened
from bootstrap.settings import load
from bootstrap.whole_users import ERASING, data_of
from domain.audio import AudioFormat, Codec
from domain.conversation import CaptureEpoch
from domain.ids import MemoryId, PluginId, UserId
from domain.recognition import FinalWords
from domain.session import SessionRequest
from domain.transcript import Word
from ports.errors import NotFound
from ports.memory_repository import MemoryQuery
from tests.support.redis_server import redis_server
from tests.support.user_data import ANNA, BERT, NOON, fill

WORD, OTHER = "Zanzibarquux", "Wobblefroth"
OPENED = (*ERASING, "text_embedder")
MASTER = base64.b64encode(bytes(range(32))).decode()
ZSTD = b"\x28\xb5\x2f\xfd"


@asynccontextmanager
async def server(folder: Path, **settings: str) -> AsyncIterator[Container]:
    container = Container(settings=load(SETTINGS | {"OMI_DATA_DIR": str(folder)} | settings, folder=folder))
    container.clock.override(providers.Object(ManualClock()))
    with anyio.fail_after(30):
        async with opened(container, OPENED):
            yield container


async def live(container: Container, user: UserId, word: str) -> None:
    """A user with something everywhere, and a conversation that goes on."""
    await container.vault().keys(user)
    await fill(data_of(container), user, word=word)
    for name in ("trip", "work"):
        await container.recall().index(user, await container.memory_repository().get(user, f"{user}-{name}"))
    request = SessionRequest(user=user, audio=AudioFormat(codec=Codec.PCM16, sample_rate=16_000))
    begun = container.conversations().begin(request, at=CaptureEpoch(0, NOON))
    begun.connect()
    begun.record(word.encode() * 50)
    begun.hear(FinalWords((Word(word, 0, 320),), through=320, recognizer="fake"))
    await begun.sync()
    await without_names(container, user, word)


async def without_names(container: Container, user: UserId, word: str) -> None:
    """What the support calls by the word that was said: addresses and keys have other names, a review is for all."""
    values = container.key_value_store()
    for key in (f"push_addresses:{word}", f"emotion_tasks:{word}", f"users:{user}:integration_keys:openglass"):
        await values.delete(key)
    await container.plugin_reviews().remove(PluginId("diary"), user)
    await values.delete("nothing")  # the log of the database is emptied


async def read(container: Container, user: UserId) -> list[str]:
    data = data_of(container)
    return [
        (await data.memories.get(user, MemoryId(f"{user}-trip"))).structure.title,
        *(fact.content for fact in await data.facts.list(user)),
        *(message.text for message in await data.chat.recent(user)),
        *(person.name for person in await data.people.list(user)),
        (await data.accounts.get(user)).name,
        (await data.objects.get(user, f"photos/{user}-trip/1.jpg"))[3:].decode(),
    ]


def shown(contents: Iterator[tuple[str, bytes]]) -> list[str]:
    """Where a word is that was said, or what an index makes of it."""
    sought = [word.lower()[:8].encode() for word in (WORD, OTHER)]
    return [name for name, content in contents if any(word in content.lower() for word in sought)]


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(folder)), path.name.encode() + b"\n" + path.read_bytes()


def documents(simulation: FirestoreSimulation) -> Iterator[tuple[str, bytes]]:
    """All documents, and what is compressed in them."""
    for name, stored in simulation.store._documents.items():
        document = stored.SerializeToString()
        yield name, name.encode() + b"\n" + document
        for at in range(len(document)):
            if document.startswith(ZSTD, at):
                yield f"{name}, inflated", zstandard.ZstdDecompressor().decompressobj().decompress(document[at:])


async def test_no_byte_of_the_data_folder_shows_a_word(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with server(folder) as container:
        for user, word in ((ANNA, WORD), (BERT, OTHER)):
            await live(container, user, word)
            assert all(word in text for text in await read(container, user))
            assert (await container.recall().search(user, f"{word} Lisbon"))[0].memory.id == f"{user}-trip"
        assert shown(files(folder)) == []
    assert shown(files(folder)) == []
    assert len({name.rpartition("/")[2] for name, _ in files(folder)}) >= 12


async def test_without_the_key_nothing_of_a_user_opens_and_all_of_others(tmp_path: Path) -> None:
    async with server(tmp_path / "data") as container:
        for user, word in ((ANNA, WORD), (BERT, OTHER)):
            await live(container, user, word)
        await container.vault().erase(ANNA)
        data = data_of(container)
        for attempt in (
            data.memories.page(ANNA, MemoryQuery()),
            data.facts.list(ANNA),
            data.chat.recent(ANNA),
            data.people.list(ANNA),
            data.accounts.get(ANNA),
            data.objects.get(ANNA, f"recordings/{ANNA}-trip/0.flac"),
        ):
            with pytest.raises(NotFound, match="erased"):
                await attempt
        assert all(OTHER in text for text in await read(container, BERT))


async def test_neither_redis_nor_firestore_shows_a_word(tmp_path: Path) -> None:
    (tmp_path / "redis").mkdir()
    async with redis_server(tmp_path / "redis") as redis, serve_firestore() as firestore:
        shared = {"PROJECT": "omi", "HOST": firestore.url, "INSECURE": "true"}
        settings = {
            "OMI_VAULT__NAME": "shared",
            "OMI_VAULT__SHARED__MASTER_KEY": MASTER,
            **{f"OMI_{port}__NAME": "firestore" for port in ("MEMORY_REPOSITORY", "FACTS", "PEOPLE", "CHAT_HISTORY")},
            **{
                f"OMI_{port}__FIRESTORE__{name}": value
                for port in ("MEMORY_REPOSITORY", "FACTS", "PEOPLE", "CHAT_HISTORY")
                for name, value in shared.items()
            },
            "OMI_KEY_VALUE_STORE__NAME": "redis",
            "OMI_KEY_VALUE_STORE__REDIS__URL": redis.url,
            "OMI_JOB_QUEUE__NAME": "redis",
            "OMI_JOB_QUEUE__REDIS__URL": redis.url,
        }
        async with server(tmp_path / "data", **settings) as container:
            await live(container, ANNA, WORD)
            assert all(WORD in text for text in await read(container, ANNA))
            assert shown(documents(firestore)) == []
        redis.stop()
        assert shown(files(tmp_path / "data")) == []
        kept = [name for name, _ in files(tmp_path / "redis")]
        assert kept
        # its log tells what was said of keys that were deleted, too: only the test called them by that word
        assert f"users:{ANNA}:account".encode() in b"".join(content for _, content in files(tmp_path / "redis"))
        await redis.start()
        assert shown(await dumped(redis.url)) == []


async def dumped(url: str) -> Iterator[tuple[str, bytes]]:
    """All values of Redis, by key."""
    from redis.asyncio import Redis  # noqa: PLC0415 - for this alone

    read = {b"string": "GET", b"set": "SMEMBERS", b"hash": "HGETALL", b"zset": "ZRANGE", b"list": "LRANGE"}
    found: list[tuple[str, bytes]] = []
    async with Redis.from_url(url) as client:
        async for key in client.scan_iter():
            kind = await client.type(key)
            window = ("0", "-1") if kind in {b"zset", b"list"} else ()
            value = await client.execute_command(read[kind], key, *window) if kind in read else b""
            found.append((repr(key), key + repr(value).encode()))
    return iter(found)
