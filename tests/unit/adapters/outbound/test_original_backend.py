"""Every layout that a backend of the original ever had, as records to be moved."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from adapters.inbound.simulators.firestore import FirestoreSimulation, serve_firestore
from adapters.inbound.simulators.firestore_faults import FirestoreFault, FirestoreScript
from adapters.inbound.simulators.pinecone import serve_pinecone
from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.clock.system import SystemClock
from adapters.outbound.facts.firestore import FirestoreFacts, FirestoreFactsSettings
from adapters.outbound.firestore_settings import FirestoreSettings
from adapters.outbound.key_value_store.redis import RedisKeyValueStore, RedisKeyValueStoreSettings
from adapters.outbound.memory_repository.firestore import FirestoreMemoryRepository, FirestoreMemoryRepositorySettings
from adapters.outbound.object_store.gcs import GcsObjectStore, GcsObjectStoreSettings
from adapters.outbound.original_backend import OriginalBackend
from adapters.outbound.original_documents import OriginalDocuments
from adapters.outbound.original_values import OriginalValues, literal
from adapters.outbound.vector_index.pinecone import PineconeVectorIndex, PineconeVectorIndexSettings
from application.users.migrate_records import (
    CHAT,
    FACTS,
    FILES,
    MEMORIES,
    PEOPLE,
    REVIEWS,
    SETTINGS,
    WEBHOOKS,
    OriginalFile,
    OriginalReview,
    OriginalSettings,
    OriginalWebhook,
    Value,
)
from domain.chat import Message, Sender
from domain.fact import Fact
from domain.ids import MemoryId, UserId
from domain.memory import Memory, MemoryStatus, Visibility
from domain.person import Person
from ports.errors import AdapterError, Rejected, TemporarilyUnavailable
from ports.memory_repository import MemoryQuery
from tests.support.cloud_storage import cloud_storage
from tests.support.firestore import reaching
from tests.support.original_backend import (
    ANNA,
    BERT,
    NOON,
    SECRET,
    SHOWN,
    conversation,
    encrypted,
    fill_bucket,
    fill_firestore,
    fill_redis,
    put_document,
    said,
)
from tests.support.redis_server import redis_server

WORD = "Zanzibarquux"


@pytest.fixture
async def simulation() -> AsyncIterator[FirestoreSimulation]:
    async with serve_firestore() as ready:
        await fill_firestore(ready, ANNA, word=WORD)
        yield ready


@asynccontextmanager
async def documents(simulation: FirestoreSimulation, **fields: Any) -> AsyncIterator[OriginalDocuments]:
    given = {"encryption_secret": SECRET} | fields
    async with OriginalDocuments(reaching(simulation, FirestoreSettings, **given)) as opened:
        yield opened


async def loaded(source: Any, user: UserId = ANNA) -> tuple[dict[str, list[Value]], dict[str, str]]:
    """Values by table, and problems by path."""
    values: dict[str, list[Value]] = {}
    problems = {}
    async for record in source.records(user):
        try:
            value = await record.load()
        except AdapterError as error:
            problems[record.path] = str(error)
            continue
        if value is not None:
            values.setdefault(record.table, []).append(value)
    return values, problems


async def test_every_layout_of_a_memory_is_read(simulation: FirestoreSimulation) -> None:
    async with documents(simulation) as source:
        values, problems = await loaded(source)
    memories = {memory.id: memory for memory in values[MEMORIES] if isinstance(memory, Memory)}
    assert (problems, set(memories)) == ({}, set(SHOWN))
    for memory in memories.values():
        assert [(s.text, s.start, s.end, s.is_user) for s in memory.segments] == [
            (f"Shall we {WORD}?", 0, 24_000, False),
            (f"Yes, {WORD}.", 32_000, 48_000, True),
        ]
    assert memories[MemoryId("plain")].visibility is Visibility.SHARED
    for name in ("plain", "encrypted"):
        [photo] = memories[MemoryId(name)].photos
        assert photo.base64 == "/9j/AA=="
    assert memories[MemoryId("services")].segments[0].recognizer == "deepgram_streaming"
    assert memories[MemoryId("cut")].status is MemoryStatus.COMPLETED
    assert memories[MemoryId("discarded")].discarded


async def test_the_normal_adapters_read_every_layout_too(simulation: FirestoreSimulation) -> None:
    settings = reaching(simulation, FirestoreMemoryRepositorySettings, encryption_secret=SECRET)
    async with FirestoreMemoryRepository(settings) as repository:
        page = await repository.page(ANNA, MemoryQuery(limit=100, include_discarded=True))
    assert {memory.id for memory in page.memories} == set(SHOWN) - {"cut"}  # nobody listed those of 2024 as memories
    assert all(len(memory.segments) == 2 for memory in page.memories)
    facts_settings = reaching(simulation, FirestoreFactsSettings, encryption_secret=SECRET)
    async with FirestoreFacts(facts_settings) as facts:
        assert {fact.id for fact in await facts.list(ANNA)} == {"old", "new", "secret"}


async def test_people_facts_and_messages_are_read(simulation: FirestoreSimulation) -> None:
    async with documents(simulation) as source:
        values, _ = await loaded(source)
    assert [person.name for person in values[PEOPLE] if isinstance(person, Person)] == [f"Dave {WORD}"]
    facts = {fact.id: fact.content for fact in values[FACTS] if isinstance(fact, Fact)}
    assert facts == {"old": f"Likes {WORD}.", "new": f"Loves {WORD}.", "secret": f"Hides {WORD}."}
    messages = {m.id: (m.text, m.sender) for m in values[CHAT] if isinstance(m, Message)}
    assert messages == {"m1": (f"What of {WORD}?", Sender.HUMAN), "m2": (f"It is {WORD}.", Sender.AI)}


async def test_of_two_documents_of_a_message_the_newest_counts(simulation: FirestoreSimulation) -> None:
    newer = {"id": "m1", "text": "Newer.", "created_at": NOON.replace(hour=13), "sender": "human", "type": "text"}
    await put_document(simulation, f"users/{ANNA}/messages/Aa00", newer)
    async with documents(simulation) as source:
        values, _ = await loaded(source)
    assert "Newer." in {m.text for m in values[CHAT] if isinstance(m, Message)}


async def test_what_a_user_set_is_read(simulation: FirestoreSimulation) -> None:
    async with documents(simulation) as source:
        values, _ = await loaded(source)
    [settings] = values[SETTINGS]
    assert isinstance(settings, OriginalSettings)
    assert settings.push_token == "device"  # noqa: S105 - of nobody
    assert settings.chosen.flags == ("store_recording_permission",)
    assert settings.chosen.account is not None
    assert settings.chosen.account.time_zone == "Europe/Berlin"


async def test_everybody_is_found(simulation: FirestoreSimulation) -> None:
    await fill_firestore(simulation, BERT, word="pasta")
    async with documents(simulation) as source:
        assert await source.users() == (ANNA, BERT)


async def test_who_has_memories_but_no_document_is_found(simulation: FirestoreSimulation) -> None:
    await put_document(simulation, f"users/{BERT}/memories/one", conversation("one", "pasta"))
    async with documents(simulation) as source:
        assert BERT in await source.users()


async def test_more_memories_than_a_call_gives_are_read(simulation: FirestoreSimulation) -> None:
    for number in range(60):
        await put_document(simulation, f"users/{BERT}/memories/{number}", conversation(str(number), "pasta"))
    async with documents(simulation) as source:
        values, _ = await loaded(source, BERT)
    assert len(values[MEMORIES]) == 60


async def test_what_is_damaged_is_told_by_its_path_without_what_is_in_it(simulation: FirestoreSimulation) -> None:
    damaged = conversation("damaged", WORD) | {"transcript_segments": b"\x00damage " + WORD.encode()}
    other = conversation("other", WORD) | encrypted(BERT, said(WORD))  # with another key
    await put_document(simulation, f"users/{ANNA}/memories/damaged", damaged)
    await put_document(simulation, f"users/{ANNA}/conversations/other", other)
    async with documents(simulation) as source:
        values, problems = await loaded(source)
    assert set(problems) == {f"users/{ANNA}/memories/damaged", f"users/{ANNA}/conversations/other"}
    assert not [reason for reason in problems.values() if WORD in reason]
    assert len(values[MEMORIES]) == len(SHOWN)


async def test_without_the_secret_all_else_is_read(simulation: FirestoreSimulation) -> None:
    async with documents(simulation, encryption_secret="") as source:
        values, problems = await loaded(source)
    assert {path.rpartition("/")[2] for path in problems} == {"encrypted", "sealed", "secret", "Xy13"}
    assert all("ENCRYPTION_SECRET" in reason for reason in problems.values())
    assert len(values[MEMORIES]) == len(SHOWN) - 2


async def test_a_service_that_does_not_answer_is_no_fault_of_a_document(simulation: FirestoreSimulation) -> None:
    async with documents(simulation, patience=0.1) as source:
        records = [record async for record in source.records(ANNA)]
        simulation.script = FirestoreScript(faults=(FirestoreFault(),))
        plain = next(record for record in records if record.path.endswith("/plain"))
        with pytest.raises(TemporarilyUnavailable):
            await plain.load()


async def test_reading_writes_nothing(simulation: FirestoreSimulation) -> None:
    written = simulation.metrics.bytes_written
    async with documents(simulation) as source:
        await loaded(source)
    assert simulation.metrics.bytes_written == written


@asynccontextmanager
async def values_of(folder: Path) -> AsyncIterator[tuple[RedisKeyValueStore, OriginalValues]]:
    async with (
        redis_server(folder) as server,
        RedisKeyValueStore(settings=RedisKeyValueStoreSettings(url=server.url)) as store,
    ):
        await fill_redis(server.url, ANNA, word=WORD)
        await fill_redis(server.url, BERT, word="other")
        yield store, OriginalValues(store)


async def test_values_that_are_texts_of_python_are_read(tmp_path: Path) -> None:
    async with values_of(tmp_path) as (_, source):
        values, problems = await loaded(source)
        assert await source.has_unfiled_profile(ANNA)
    assert problems == {}
    [settings] = values[SETTINGS]
    assert isinstance(settings, OriginalSettings)
    assert settings.chosen.sets == {"enabled_plugins": ("chef", "diary")}
    assert settings.chosen.account is not None
    assert settings.chosen.account.name == "Anna"
    [review] = values[REVIEWS]
    assert isinstance(review, OriginalReview)
    assert (review.plugin, review.review.user, review.review.text) == ("chef", ANNA, f"Good {WORD}")
    webhooks = {hook.key: hook.value for hook in values[WEBHOOKS] if isinstance(hook, OriginalWebhook)}
    assert webhooks == {
        f"users:{ANNA}:developer:webhook:memory_created": f"https://{WORD}.example/made".encode(),
        f"users:{ANNA}:developer:webhook_status:memory_created": b"false",
    }


async def test_nothing_in_redis_is_run(tmp_path: Path) -> None:
    trap, trace = tmp_path / "trap", "__import__('pathlib').Path({!r}).touch()"
    async with values_of(tmp_path) as (store, source):
        await store.put("plugins:evil:reviews", ("{'anna': " + trace.format(str(trap)) + "}").encode())
        await store.put(f"users:{ANNA}:speech_profile", trace.format(str(trap)).encode())
        _, problems = await loaded(source)
        with pytest.raises(Rejected):
            await source.has_unfiled_profile(ANNA)
    assert "plugins:evil:reviews" in problems
    assert not trap.exists()


@pytest.mark.parametrize("hostile", [b"(" * 10_000, b"\xff\xfe", b"lambda: 1", b"[x for x in y]", b"{'a': b}", b""])
def test_what_is_no_literal_is_refused(hostile: bytes) -> None:
    with pytest.raises(Rejected):
        literal(hostile)


@pytest.mark.parametrize(
    ("stored", "value"),
    [(b"[[1, 2], [3]]", [[1, 2], [3]]), (b'{"a": null}', {"a": None}), (b"{'a': None}", {"a": None}), (b"7", 7)],
)
def test_literals_of_python_and_json_are_read(stored: bytes, value: object) -> None:
    assert literal(stored) == value


async def test_files_come_first_and_a_memory_knows_of_its_recording(
    simulation: FirestoreSimulation, tmp_path: Path
) -> None:
    bucket, voices = (hashlib.sha256(f"{tmp_path}{n}".encode()).hexdigest()[:40] for n in range(2))
    settings = GcsObjectStoreSettings(bucket=bucket, profiles_bucket=voices, endpoint=cloud_storage(bucket, voices))
    async with (
        documents(simulation) as source,
        values_of(tmp_path) as (_, values),
        GcsObjectStore(settings=settings, data_dir=tmp_path, clock=SystemClock()) as files,
    ):
        await fill_bucket(files, ANNA, word=WORD)
        backend = OriginalBackend(source, values=values, files=files)
        found, problems = await loaded(backend)
    assert problems == {}
    assert next(iter(found)) == FILES
    assert {file.key for file in found[FILES] if isinstance(file, OriginalFile)} == {
        "speech_profile.wav",
        "additional_profile_recordings/plain_segment_1.wav",
        "people_profiles/dave/plain_segment_0.wav",
        "status.wav",
    }
    recorded = {memory.id for memory in found[MEMORIES] if isinstance(memory, Memory) and memory.has_recording}
    assert recorded == {"status"}


async def test_an_enrollment_without_a_recording_is_told(simulation: FirestoreSimulation, tmp_path: Path) -> None:
    async with documents(simulation) as source, values_of(tmp_path) as (_, values):
        _, problems = await loaded(OriginalBackend(source, values=values))
    assert problems == {
        f"users:{ANNA}:speech_profile": (
            "an enrollment of which there is no recording cannot be moved: the user has to enroll anew"
        )
    }


async def test_vectors_of_one_user_are_removed(simulation: FirestoreSimulation) -> None:
    async with serve_pinecone(key="key") as pinecone, documents(simulation) as source:
        index = await pinecone.create("memories", dimension=4, metric="cosine")
        for user in (ANNA, BERT):
            vector = {"id": f"{user}-plain", "values": [1.0, 0, 0, 0], "metadata": {"uid": user, "memory_id": "plain"}}
            index.upsert({"vectors": [vector], "namespace": "ns1"})
        settings = PineconeVectorIndexSettings(api_key="key", url=pinecone.url, original_index="memories")
        async with PineconeVectorIndex(settings=settings, clock=ManualClock()) as vectors:
            assert await OriginalBackend(source, vectors=vectors).forget_vectors(ANNA) == 1
        assert sorted(index.namespaces["ns1"]) == [f"{BERT}-plain"]
    async with documents(simulation) as source:
        assert await OriginalBackend(source).forget_vectors(ANNA) == 0
