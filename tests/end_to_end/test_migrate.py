"""Users of a backend of the original, over all its stores, moved by the command into a data folder of our own."""

import hashlib
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import anyio.to_thread
import pytest
from click.testing import CliRunner, Result
from msgspec import Struct

from adapters.inbound.simulators.firestore import FirestoreSimulation, serve_firestore
from adapters.inbound.simulators.pinecone import SimulatedPinecone, serve_pinecone
from adapters.outbound.clock.system import SystemClock
from adapters.outbound.object_store.gcs import GcsObjectStore, GcsObjectStoreSettings
from benchmarks.memories.life import SETTINGS
from bootstrap.commands_migrate import INCOMPLETE, migrate
from bootstrap.container import Container
from bootstrap.lifespan import opened
from bootstrap.settings import load
from bootstrap.whole_users import IMPORTING, data_of
from ports.memory_repository import MemoryQuery
from tests.support.cloud_storage import cloud_storage
from tests.support.original_backend import (
    ANNA,
    BERT,
    SECRET,
    SHOWN,
    conversation,
    fill_bucket,
    fill_firestore,
    fill_redis,
    put_document,
)
from tests.support.redis_server import redis_server

WORD, OTHER = "Zanzibarquux", "Wobblefroth"
SOURCE = """
[memory_repository]
name = "firestore"
[memory_repository.firestore]
project = "omi"
host = "{firestore}"
insecure = true
encryption_secret = "{secret}"
[key_value_store]
name = "redis"
[key_value_store.redis]
url = "{redis}"
[object_store]
name = "gcs"
[object_store.gcs]
bucket = "{bucket}"
endpoint = "{storage}"
[vector_index]
name = "pinecone"
[vector_index.pinecone]
api_key = "key"
url = "{pinecone}"
original_index = "memories"
"""


class World(Struct, frozen=True, kw_only=True):
    """A backend of the original, and a folder to move to."""

    firestore: FirestoreSimulation
    pinecone: SimulatedPinecone
    source: Path
    target: Path

    async def omi(self, *arguments: str) -> Result:
        """Runs the command."""
        invoke = partial(CliRunner().invoke, migrate, ["--from", str(self.source), *arguments], standalone_mode=False)
        result: Result = await anyio.to_thread.run_sync(invoke)
        if result.exception is not None:
            raise result.exception
        return result


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    for name, value in (SETTINGS | {"OMI_DATA_DIR": str(tmp_path / "target")}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    bucket = hashlib.sha256(str(tmp_path).encode()).hexdigest()[:40]
    storage, source = cloud_storage(bucket), tmp_path / "source"
    source.mkdir()
    (tmp_path / "redis").mkdir()
    files = GcsObjectStoreSettings(bucket=bucket, endpoint=storage)
    async with (
        serve_firestore() as firestore,
        serve_pinecone(key="key") as pinecone,
        redis_server(tmp_path / "redis") as redis,
        GcsObjectStore(settings=files, data_dir=tmp_path, clock=SystemClock()) as objects,
    ):
        places: dict[str, Any] = {"firestore": firestore.url, "redis": redis.url, "pinecone": pinecone.url}
        text = SOURCE.format(secret=SECRET, bucket=bucket, storage=storage, **places)
        (source / "omi.toml").write_text(text)
        index = await pinecone.create("memories", dimension=4, metric="cosine")
        for user, word in ((ANNA, WORD), (BERT, OTHER)):
            await fill_firestore(firestore, user, word=word)
            await fill_redis(redis.url, user, word=word)
            await fill_bucket(objects, user, word=word)
            vector = {"id": f"{user}-plain", "values": [1.0, 0, 0, 0], "metadata": {"uid": user, "memory_id": "plain"}}
            index.upsert({"vectors": [vector], "namespace": "ns1"})
        yield World(firestore=firestore, pinecone=pinecone, source=source, target=tmp_path / "target")


def traces(folder: Path, word: str) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and word.encode() in path.read_bytes()]


async def test_all_users_arrive_with_everything(world: World) -> None:
    result = await world.omi("--all-users")
    assert (result.return_value, "not moved" in result.output) == (0, False)
    container = Container(settings=load())
    async with opened(container, IMPORTING):
        data = data_of(container)
        for user, word in ((ANNA, WORD), (BERT, OTHER)):
            page = await data.memories.page(user, MemoryQuery(limit=100, include_discarded=True))
            assert {memory.id for memory in page.memories} == set(SHOWN)
            assert {memory.id for memory in page.memories if memory.has_recording} == {"status"}
            assert await data.objects.get(user, "speech_profile.wav") == b"RIFF" + word.encode()
            assert len(await data.facts.list(user)) == 3
            assert await data.values.members(f"users:{user}:enabled_plugins") == {"chef", "diary"}
            account = await data.accounts.get(user)
            assert (account.name, account.time_zone) == ("Anna", "Europe/Berlin")
            found = await container.recall().search(user, f"shall we {word}")
            assert word in found[0].passages[0].text
    assert sorted(world.pinecone.indexes["memories"].namespaces["ns1"]) == [f"{ANNA}-plain", f"{BERT}-plain"]


async def test_twice_is_once_and_the_old_vectors_go_when_that_is_asked_for(world: World) -> None:
    await world.omi("--all-users")
    written = world.firestore.metrics.bytes_written
    again = await world.omi("--all-users", "--remove-old-vectors")
    for line in again.output.splitlines()[2:]:
        if line.partition(" ")[0] in {"memories", "facts", "files", "people", "messages", "settings", "reviews"}:
            assert line.split()[1] == "0"  # nothing was added
    assert "2 vectors of the original removed" in again.output
    assert not world.pinecone.indexes["memories"].namespaces.get("ns1")
    assert world.firestore.metrics.bytes_written == written


async def test_a_dry_run_tells_and_writes_nothing(world: World) -> None:
    result = await world.omi("--all-users", "--dry-run", "--remove-old-vectors")
    assert result.return_value == 0
    assert "Would be moved so" in result.output
    assert traces(world.target, WORD) == []
    assert len(world.pinecone.indexes["memories"].namespaces["ns1"]) == 2


async def test_of_one_user_nothing_of_others_is_moved(world: World) -> None:
    await world.omi("--user", ANNA)
    assert traces(world.target, OTHER) == []
    container = Container(settings=load())
    async with opened(container, IMPORTING):
        data = data_of(container)
        assert (await data.memories.page(ANNA, MemoryQuery())).memories
        assert (await data.memories.page(BERT, MemoryQuery(include_discarded=True))).memories == ()
        assert await data.objects.list(BERT) == ()


async def test_what_cannot_be_read_is_listed_and_the_exit_code_says_so(world: World) -> None:
    damaged = conversation("damaged", WORD) | {"transcript_segments": WORD.encode()}
    await put_document(world.firestore, f"users/{ANNA}/memories/damaged", damaged)
    result = await world.omi("--user", ANNA)
    assert result.return_value == INCOMPLETE
    [told] = [line for line in result.output.splitlines() if "not moved" in line]
    assert told == f"not moved users/{ANNA}/memories/damaged: a stored transcript cannot be read: it is damaged"


async def test_in_the_same_database_memories_are_laid_out_anew_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for port in ("memory_repository", "people", "facts", "chat_history"):
        own = {"project": "omi", "host": world.firestore.url, "insecure": "true", "encryption_secret": SECRET}
        monkeypatch.setenv(f"OMI_{port.upper()}__NAME", "firestore")
        for name, value in own.items():
            monkeypatch.setenv(f"OMI_{port.upper()}__FIRESTORE__{name.upper()}", value)
    monkeypatch.setenv("OMI_VAULT__NAME", "none")
    await world.omi("--user", ANNA)
    container = Container(settings=load())
    async with opened(container, IMPORTING):
        page = await data_of(container).memories.page(ANNA, MemoryQuery(limit=100, include_discarded=True))
        assert {memory.id for memory in page.memories} == set(SHOWN)
        assert all(len(memory.segments) == 2 for memory in page.memories)
        assert f"{WORD}" in (await container.recall().search(ANNA, WORD))[0].passages[0].text
    laid_out = {path.split("/")[3] for path in world.firestore.store.names() if "/transcript/" in path}
    assert laid_out == set(SHOWN)
    await world.omi("--user", ANNA)
    written = world.firestore.metrics.bytes_written
    await world.omi("--user", ANNA)
    assert world.firestore.metrics.bytes_written == written
