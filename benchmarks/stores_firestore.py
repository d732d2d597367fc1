"""What memories in Firestore cost: the adapter next to Google's SDK alone, over a simulation in a process of its own.

Run it with `python -m benchmarks.stores_firestore`. The simulation answers at once, so what is measured is the work of
adapter, SDK and simulation; a real database adds its own time to each call. The SDK alone writes and reads one document
with as many bytes of transcript, at a name that is known, without looking what is there.
"""

import random
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import accumulate, count
from pathlib import Path
from subprocess import DEVNULL

import anyio
from anyio.streams.text import TextReceiveStream
from google.auth.credentials import AnonymousCredentials
from google.cloud.firestore import AsyncClient
from msgspec import structs

from adapters.inbound.simulators.firestore import serve_firestore
from adapters.outbound.memory_repository.firestore import FirestoreMemoryRepository, FirestoreMemoryRepositorySettings
from benchmarks.figures import Figure, percentile, show
from domain.ids import MemoryId, SegmentId, UserId, derived_id
from domain.memory import Memory, Structure
from domain.transcript import TranscriptSegment
from ports.memory_repository import MemoryQuery

USER = UserId("benchmark")
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
WORDS_AN_HOUR = 9_541
"""As meetings have them."""
CALLS = 400
AT_ONCE = 8
TITLED = Structure(title="A talk", overview="What was said in half an hour, in a sentence or two.")
Call = Callable[[int], Awaitable[object]]


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
    """Bytes of a long day, then operations per second of half-hour memories."""
    return [*await _long_day(), *await _operations()]


async def _long_day() -> list[Figure]:
    day = memory(0, talk(12.0))
    async with serve_firestore() as simulation, _repository(simulation.url) as repository:
        await repository.save(USER, day)
        once = simulation.metrics.bytes_written
        await repository.update(USER, day.id, lambda now: structs.replace(now, structure=Structure(title="Other")))
        again = simulation.metrics.bytes_written - once
        largest = simulation.metrics.largest_document
    return [
        Figure(what="12 hours of speech: written", value=once / 12 / 1024, unit="KiB/hour", remark="once"),
        Figure(what="12 hours of speech: largest document", value=largest / 1024, unit="KiB", remark="at most 300"),
        Figure(
            what="12 hours of speech: another title",
            value=(once + again) / once,
            unit="of the bytes",
            remark="at most 1.2",
        ),
    ]


async def _operations() -> list[Figure]:
    half_an_hour = talk(0.5)
    async with _simulation() as url, _repository(url) as repository, _client(url) as client:
        bare = client.collection("bare")
        content = {"content": random.Random(7).randbytes(15_000), "title": TITLED.title, "created_at": NOON}
        page = bare.order_by("created_at", direction="DESCENDING").limit(20)

        async def retitle(number: int) -> None:
            await repository.update(USER, MemoryId(f"m{number}"), lambda now: structs.replace(now, language="en"))

        calls: dict[str, Call] = {
            "SDK: set": lambda number: bare.document(f"m{number}").set(content),
            "adapter: save": lambda number: repository.save(USER, memory(number, half_an_hour)),
            "SDK: get": lambda number: bare.document(f"m{number}").get(),
            "adapter: get": lambda number: repository.get(USER, MemoryId(f"m{number}")),
            "adapter: update": retitle,
            "SDK: query of 20": lambda _: page.get(),
            "adapter: page of 20": lambda _: repository.page(USER, MemoryQuery(limit=20)),
        }
        return [figure for what, call in calls.items() for figure in await _timed(what, call)]


async def _timed(what: str, call: Call) -> list[Figure]:
    numbers, spent = count(), []

    async def work() -> None:
        while (number := next(numbers)) < CALLS:
            began = time.perf_counter()
            await call(number)
            spent.append((time.perf_counter() - began) * 1_000)

    began = time.perf_counter()
    async with anyio.create_task_group() as tasks:
        for _ in range(AT_ONCE):
            tasks.start_soon(work)
    rate = CALLS / (time.perf_counter() - began)
    remark = f"{AT_ONCE} at once"
    return [
        Figure(what=what, value=rate, unit="a second", remark=remark),
        Figure(what=f"{what}, p99", value=percentile(spent, 99), unit="ms", remark=remark),
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
