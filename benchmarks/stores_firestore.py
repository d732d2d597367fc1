"""What memories in Firestore cost: the adapter next to Google's SDK alone, over a simulation in a process of its own.

Run it with `python -m benchmarks.stores_firestore`. The simulation answers at once, so what is measured is the work of
adapter, SDK and simulation; a real database adds its own time to each call. The SDK alone writes and reads the same
documents with the same calls, made beforehand; both in turn. Beside it, what one document with as many bytes costs.
"""

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import accumulate, count
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

import anyio
import msgspec
import zstandard
from anyio.streams.text import TextReceiveStream
from google.auth.credentials import AnonymousCredentials
from google.cloud.firestore import AsyncClient, AsyncCollectionReference
from msgspec import structs

from adapters.inbound.simulators.firestore import serve_firestore
from adapters.outbound.memory_repository.firestore import FirestoreMemoryRepository, FirestoreMemoryRepositorySettings
from adapters.outbound.memory_repository.firestore_layout import laid_out
from adapters.outbound.memory_repository.firestore_pieces import closed
from adapters.outbound.text_embedder.fake import FakeTextEmbedder
from adapters.outbound.text_index.sqlite import SqliteTextIndex
from adapters.outbound.user_encryption import Protection, user_cipher
from adapters.outbound.vector_index.sqlite import SqliteVectorIndex, SqliteVectorIndexSettings
from application.questions.recall import Recall
from benchmarks.figures import Figure, show
from benchmarks.stores import Pair, measured
from domain.ids import MemoryId, SegmentId, UserId, derived_id
from domain.memory import Memory, Structure
from domain.transcript import TranscriptSegment
from ports.memory_repository import MemoryQuery

USER = UserId("benchmark")
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
WORDS_AN_HOUR = 9_541
"""As meetings have them."""
ROUNDS = 200
TITLED = Structure(title="A talk", overview="What was said in half an hour, in a sentence or two.")


def talk(hours: float) -> tuple[TranscriptSegment, ...]:
    """Made-up talk of four people, in sentences of about ten words that are as common as words are."""
    rng = random.Random(7)
    vocabulary = ["".join(rng.choices("etaoinshrdlucmfw", k=rng.randint(2, 8))) for _ in range(6_000)]
    often = list(accumulate(1 / place for place in range(1, len(vocabulary) + 1)))
    step = 10 * 3_600 * 16_000 // WORDS_AN_HOUR
    return tuple(
        TranscriptSegment(
            id=SegmentId(derived_id("talk", str(number))),
            text=" ".join(rng.choices(vocabulary, cum_weights=often, k=10)).capitalize() + ".",
            start=number * step,
            end=number * step + step * 4 // 5,
            speaker=rng.randrange(4),
            recognizer="moonshine",
        )
        for number in range(round(hours * WORDS_AN_HOUR / 10))
    )


def memory(number: int, segments: tuple[TranscriptSegment, ...]) -> Memory:
    """One of many."""
    created = NOON + timedelta(minutes=number)
    return Memory(id=MemoryId(f"m{number}"), created_at=created, structure=TITLED, segments=segments)


async def measure() -> list[Figure]:
    """Bytes of a long day, then half-hour memories beside the SDK alone."""
    return [*await _long_day(), *await _operations()]


async def _long_day() -> list[Figure]:
    day = memory(0, talk(12.0))
    async with AsyncExitStack() as stack:
        simulation = await stack.enter_async_context(serve_firestore())
        repository = await stack.enter_async_context(_repository(simulation.url))
        metrics = simulation.metrics
        await repository.save(USER, day)
        once, documents, largest = metrics.bytes_written, metrics.documents_written, metrics.largest_document
        await repository.update(USER, day.id, lambda now: structs.replace(now, structure=Structure(title="Other")))
        again = metrics.bytes_written - once
        began = time.perf_counter()
        assert (await repository.get(USER, day.id)).segments == day.segments
        read = time.perf_counter() - began
        recall = await _recall(repository, stack)
        await recall.index(USER, day)
        began = time.perf_counter()
        [found] = await recall.search(USER, day.segments[-1].text)
        assert found.passages
        searched = time.perf_counter() - began
    own = _own_bytes(day.segments)
    day_of = "12 hours of speech: "
    return [
        Figure(what=day_of + "written", value=once / 12 / 1024, unit="KiB/hour", remark=f"{documents / 12:.2f} writes"),
        Figure(
            what=day_of + "beside its compressed words", value=once / own, unit="of the bytes", remark="at most 1.2"
        ),
        Figure(what=day_of + "largest document", value=largest / 1024, unit="KiB", remark="at most 300"),
        Figure(what=day_of + "another title", value=(once + again) / once, unit="of the bytes", remark="at most 1.2"),
        Figure(what=day_of + "read back", value=read * 1_000, unit="ms", remark="all of it"),
        Figure(what=day_of + "searched", value=searched * 1_000, unit="ms", remark="with reading what was found"),
    ]


async def _recall(repository: FirestoreMemoryRepository, stack: AsyncExitStack) -> Recall:
    """Search with the embedded indexes; meanings cost nothing."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    texts = await stack.enter_async_context(SqliteTextIndex(folder))
    vectors = await stack.enter_async_context(SqliteVectorIndex(folder, settings=SqliteVectorIndexSettings()))
    return Recall(memories=repository, embedder=FakeTextEmbedder(), texts=texts, vectors=vectors)


def _own_bytes(segments: tuple[TranscriptSegment, ...]) -> int:
    """Of a transcript, compressed in one piece: what is new when it is stored."""
    return len(zstandard.ZstdCompressor(level=3).compress(msgspec.msgpack.encode(segments)))


async def _operations() -> list[Figure]:
    async with _simulation() as url, _repository(url) as repository, _client(url) as client:
        pairs = _pairs(repository, _Alone(client))
        return [figure for pair in pairs for figure in await measured(pair)]


def _pairs(repository: FirestoreMemoryRepository, alone: "_Alone") -> list[Pair]:
    half_an_hour, numbers = talk(0.5), count()

    async def save() -> None:
        await repository.save(USER, memory(next(numbers), half_an_hour))

    async def retitle() -> None:
        await repository.update(USER, MemoryId("m1"), lambda now: structs.replace(now, language="en"))

    return [
        Pair("Firestore: save half an hour", save, alone.save, ROUNDS),
        Pair("Firestore: save half an hour, beside one document", save, alone.save_one, ROUNDS),
        Pair("Firestore: get", lambda: repository.get(USER, MemoryId("m1")), alone.get, ROUNDS),
        Pair("Firestore: another title", retitle, alone.change, ROUNDS),
        Pair(
            "Firestore: a page of 20",
            lambda: repository.page(USER, MemoryQuery(limit=20)),
            alone.page,
            ROUNDS // 4,
        ),
    ]


class _Alone:
    """The SDK, with the documents of memories that were laid out and compressed beforehand."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client
        self._user = client.collection("users").document("alone")
        self._numbers = count()
        self._no_cipher = user_cipher("")
        laid = laid_out(
            memory(0, talk(0.5)), user=USER, cipher=self._no_cipher, protection=Protection.STANDARD, revision="r"
        )
        [part] = laid.parts["transcript"]
        self._name = part.name
        self._header = laid.header
        content = closed(part.content, user=USER, cipher=self._no_cipher, protection=Protection.STANDARD)
        self._part = {"content": content}

    async def save(self) -> None:
        """One commit, as the adapter's."""
        number = next(self._numbers)
        header = self._memories.document(f"m{number}")
        batch = self._client.batch()
        batch.set(header.collection("transcript").document(self._name), self._part)
        batch.create(header, self._header | {"created_at": NOON + timedelta(minutes=number)})
        batch.delete(self._user.collection("conversations").document(header.id))
        await batch.commit()

    async def save_one(self) -> None:
        """One document."""
        await self._user.collection("bare").document(f"m{next(self._numbers)}").set(self._part)

    async def get(self) -> None:
        """The header from where it may be, then its part."""
        await self._read(["m1"])

    async def change(self) -> None:
        """What is there, and then the header."""
        [snapshot] = await self._read(["m1"])
        batch = self._client.batch()
        batch.update(
            snapshot.reference, self._header, option=self._client.write_option(last_update_time=snapshot.update_time)
        )
        await batch.commit()

    async def page(self) -> None:
        """The newest headers of both collections, then their parts."""
        newest = [
            self._user.collection(name).order_by("created_at", direction="DESCENDING").limit(21).get()
            for name in ("memories", "conversations")
        ]
        found, _ = await asyncio.gather(*newest)
        await self._parts(found[:20])

    @property
    def _memories(self) -> AsyncCollectionReference:
        memories: AsyncCollectionReference = self._user.collection("memories")
        return memories

    async def _read(self, names: list[str]) -> list[Any]:
        places = [self._user.collection(c).document(n) for n in names for c in ("memories", "conversations")]
        found = [one async for one in self._client.get_all(places) if one.exists]
        await self._parts(found)
        return found

    async def _parts(self, headers: list[Any]) -> None:
        wanted = [one.reference.collection("transcript").document(self._name) for one in headers]
        parts = [one async for one in self._client.get_all(wanted)]
        assert all(part.to_dict() for part in parts)


@asynccontextmanager
async def _simulation() -> AsyncIterator[str]:
    """Address of a simulation in a process of its own."""
    omi = Path(sys.executable).with_name("omi")
    async with await anyio.open_process([str(omi), "simulate", "firestore"], stderr=DEVNULL) as process:
        try:
            assert process.stdout is not None
            told = ""
            async for text in TextReceiveStream(process.stdout):
                told += text
                if "\n" in told:
                    break
            yield told.splitlines()[0].rpartition(" ")[2]
        finally:
            process.terminate()


def _repository(url: str) -> FirestoreMemoryRepository:
    return FirestoreMemoryRepository(FirestoreMemoryRepositorySettings(host=url, insecure=True, patience=60.0))


@asynccontextmanager
async def _client(url: str) -> AsyncIterator[AsyncClient]:
    client = AsyncClient(project="omi", credentials=AnonymousCredentials())
    client._emulator_host = url  # noqa: SLF001 - as FIRESTORE_EMULATOR_HOST does it
    yield client
    await client._firestore_api.transport.close()  # noqa: SLF001


if __name__ == "__main__":
    show("stores: Firestore", anyio.run(measure, backend_options={"use_uvloop": True}))
