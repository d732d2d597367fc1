"""What memories in Firestore cost: the adapter next to Google's SDK alone, over a simulation in a process of its own.

Run it with `python -m benchmarks.stores_firestore`. The simulation answers at once, so what is measured is the work of
adapter, SDK and simulation; a real database adds its own time to each call, on both sides. Both sides take turns.

The target of 1.3 is for the same work: the SDK alone stores and finds the same documents with the same conditions, and
makes them of the same values, or values of them (`firestore_alone.py` says what it leaves out). Beside it stands what
less would cost, and there is no target for it: the same calls with bytes that are made beforehand or left as they come,
one document in the place of two, one field that is written without looking; and what memories cost as plain maps, which
is what the SDK is made for.

First twelve hours of speech: how much is written and how large documents are, in the clear and sealed with the keys of
a vault. What is new is the transcript, compressed in one piece.
"""

import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import accumulate, count
from pathlib import Path
from subprocess import DEVNULL

import anyio
import msgspec
import zstandard
from anyio.streams.text import TextReceiveStream
from google.auth.credentials import AnonymousCredentials
from google.cloud.firestore import AsyncClient
from msgspec import structs

from adapters.inbound.simulators.firestore import serve_firestore
from adapters.outbound.clock.system import SystemClock
from adapters.outbound.memory_repository.firestore import FirestoreMemoryRepository, FirestoreMemoryRepositorySettings
from adapters.outbound.memory_repository.sealed import SealedMemoryRepository
from adapters.outbound.text_embedder.fake import FakeTextEmbedder
from adapters.outbound.text_index.sqlite import SqliteTextIndex
from adapters.outbound.vault.local import LocalVault, LocalVaultSettings
from adapters.outbound.vector_index.sqlite import SqliteVectorIndex, SqliteVectorIndexSettings
from application.questions.recall import Recall
from benchmarks.figures import Figure, show
from benchmarks.firestore_alone import FirestoreAlone
from benchmarks.stores import Pair, measured
from domain.ids import MemoryId, SegmentId, UserId, derived_id
from domain.memory import Memory, Structure
from domain.transcript import TranscriptSegment
from ports.memory_repository import MemoryQuery, MemoryRepository

Wiring = Callable[[str], AbstractAsyncContextManager[MemoryRepository]]
"""Address of a simulation -> what is measured over it."""
USER, VAULTED = UserId("benchmark"), UserId("vaulted")
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
    return [
        *await _long_day("12 hours of speech: ", _repository),
        *await _long_day("12 hours of speech, sealed: ", _sealed),
        *await _operations(),
    ]


async def _long_day(what: str, wired: Wiring) -> list[Figure]:
    day = memory(0, talk(12.0))
    async with AsyncExitStack() as stack:
        simulation = await stack.enter_async_context(serve_firestore())
        repository = await stack.enter_async_context(wired(simulation.url))
        metrics = simulation.metrics
        await repository.save(USER, day)
        once, documents, largest = metrics.bytes_written, metrics.documents_written, metrics.largest_document
        await repository.update(USER, day.id, _retitled)
        again = metrics.bytes_written - once
        began = time.perf_counter()
        assert await repository.get(USER, day.id) == _retitled(day)
        read = time.perf_counter() - began
        recall = await _recall(repository, stack)
        await recall.index(USER, day)
        began = time.perf_counter()
        [found] = await recall.search(USER, day.segments[-1].text)
        assert found.passages
        searched = time.perf_counter() - began
    own = _own_bytes(day.segments)
    return [
        Figure(what=what + "written", value=once / 12 / 1024, unit="KiB/hour", remark=f"{documents / 12:.2f} writes"),
        Figure(what=what + "beside its compressed words", value=once / own, unit="of the bytes", remark="at most 1.2"),
        Figure(what=what + "largest document", value=largest / 1024, unit="KiB", remark="at most 300"),
        Figure(what=what + "another title", value=(once + again) / once, unit="of the bytes", remark="at most 1.2"),
        Figure(what=what + "another title, written", value=again / 1024, unit="KiB", remark=""),
        Figure(what=what + "read back", value=read * 1_000, unit="ms", remark="all of it"),
        Figure(what=what + "searched", value=searched * 1_000, unit="ms", remark="with reading what was found"),
    ]


def _retitled(day: Memory) -> Memory:
    return structs.replace(day, structure=Structure(title="Other"))


async def _recall(repository: MemoryRepository, stack: AsyncExitStack) -> Recall:
    """Search with the embedded indexes; meanings cost nothing."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    texts = await stack.enter_async_context(SqliteTextIndex(folder))
    vectors = await stack.enter_async_context(SqliteVectorIndex(folder, settings=SqliteVectorIndexSettings()))
    return Recall(memories=repository, embedder=FakeTextEmbedder(), texts=texts, vectors=vectors)


def _own_bytes(segments: tuple[TranscriptSegment, ...]) -> int:
    """Of a transcript, compressed in one piece: what is new when it is stored."""
    return len(zstandard.ZstdCompressor(level=3).compress(msgspec.msgpack.encode(segments)))


async def _operations() -> list[Figure]:
    async with _simulation() as url, _repository(url) as repository, _client(url) as client, _sealed(url) as sealed:
        pairs = _pairs(repository, FirestoreAlone(client, memory(0, talk(0.5))), sealed)
        return [figure for pair in pairs for figure in await measured(pair)]


def _pairs(repository: MemoryRepository, alone: FirestoreAlone, sealed: MemoryRepository) -> list[Pair]:
    half_an_hour, numbers = talk(0.5), count()
    first, newest = MemoryId("m1"), MemoryQuery(limit=20)
    dozen = [MemoryId(f"m{number}") for number in range(1, 13)]

    async def save() -> None:
        await repository.save(USER, memory(next(numbers), half_an_hour))

    async def save_sealed() -> None:
        await sealed.save(VAULTED, memory(next(numbers), half_an_hour))

    async def retitle() -> None:
        await repository.update(USER, first, lambda now: structs.replace(now, language="en"))

    async def get() -> None:
        await repository.get(USER, first)

    async def page() -> None:
        await repository.page(USER, newest)

    async def several() -> None:
        assert len(await repository.several(USER, dozen)) == len(dozen)

    few = ROUNDS // 4
    return [
        Pair("Firestore: save half an hour", save, alone.save, ROUNDS),
        Pair("Firestore: get", get, alone.get, ROUNDS),
        Pair("Firestore: another title", retitle, alone.change, ROUNDS),
        Pair("Firestore: a page of 20", page, alone.page, few),
        Pair("Firestore: a dozen by name", several, lambda: alone.several(dozen), few),
        *(
            Pair(f"Firestore: {what}", operation, less, rounds, alone_does="no target: alone it does less")
            for what, operation, less, rounds in (
                ("save, beside bytes made beforehand", save, alone.save_premade, ROUNDS),
                ("save, beside one document", save, alone.save_one, ROUNDS),
                ("get, beside bytes as they come", get, alone.get_stored, ROUNDS),
                ("another title, beside one field unseen", retitle, alone.change_field, ROUNDS),
                ("a page of 20, beside bytes as they come", page, alone.page_stored, few),
            )
        ),
        Pair(
            "Firestore: save, beside plain maps",
            save,
            alone.save_maps,
            few,
            alone_does="no target: as it was once done",
        ),
        Pair(
            "Firestore: get, beside plain maps", get, alone.get_maps, few, alone_does="no target: as it was once done"
        ),
        Pair("Firestore: save sealed", save_sealed, alone.save, ROUNDS, alone_does="no target: alone it does not seal"),
    ]


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


@asynccontextmanager
async def _sealed(url: str) -> AsyncIterator[MemoryRepository]:
    """As a server with a vault has it."""
    with tempfile.TemporaryDirectory() as folder:
        async with (
            LocalVault(LocalVaultSettings(), data_dir=Path(folder), clock=SystemClock()) as vault,
            SealedMemoryRepository(_repository(url), vault=vault) as sealed,
        ):
            yield sealed


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
