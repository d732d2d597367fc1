"""What the adapters of the cloud stores cost beside their SDKs alone: operations a second, p99, and the ratio.

Run it with `python -m benchmarks.stores`, or with names: `python -m benchmarks.stores redis gcs`. Both sides ask the
same server here, in turn, so that the load of the machine falls on both. The target is a ratio of at most 1.3 where the
SDK alone does the same work: the same values, scripts or documents of the same size, found again in the same way. Where
it does less, there is no target. An event is kept for a minute for servers that lost the connection: alone, that is the
same script; a bare PUBLISH is told beside it. What Redis tells a server of its own event comes after that was heard, so
that the line of another server is the one with all the work in it.
"""

import socket
import statistics
import sys
import tempfile
import time
from array import array
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from random import Random

import anyio
import httpx
import jwt
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
from msgspec import Struct
from pinecone import AsyncIndex
from redis.asyncio import Redis

from adapters.inbound.simulators.pinecone import serve_pinecone
from adapters.outbound.authenticator.firebase import FirebaseAuthenticator, FirebaseAuthenticatorSettings
from adapters.outbound.clock.system import SystemClock
from adapters.outbound.event_bus.redis import PUBLISH, RedisEventBus, RedisEventBusSettings
from adapters.outbound.job_queue import redis_scripts
from adapters.outbound.job_queue.redis import PREFIX, RedisJobQueue, RedisJobQueueSettings
from adapters.outbound.key_value_store.redis import RedisKeyValueStore, RedisKeyValueStoreSettings
from adapters.outbound.object_store.gcs import GcsObjectStore, GcsObjectStoreSettings
from adapters.outbound.vector_index import pinecone_records as form
from adapters.outbound.vector_index.pinecone import PineconeVectorIndex, PineconeVectorIndexSettings
from benchmarks.figures import Figure, percentile, show
from domain.embedding import normalized
from domain.ids import JobId, MemoryId, UserId, new_id
from domain.session import StatusChanged
from ports.job_queue import Job
from ports.vector_index import VectorEntry
from tests.support.google_keys import PROJECT, claims, google_keys, private_key, signed
from tests.support.redis_server import redis_server

ROUNDS = 400
WARM_UP = 20
TARGET = 1.3
Operation = Callable[[], Awaitable[object]]


class Pair(Struct, frozen=True):
    """The same work twice."""

    what: str
    adapter: Operation
    alone: Operation
    rounds: int = ROUNDS
    alone_does: str = ""
    """What is less or more of it alone; there is no target then."""


async def measured(pair: Pair) -> list[Figure]:
    """Does both in turn."""
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(WARM_UP + pair.rounds):
        for operation, times in zip((pair.adapter, pair.alone), taken, strict=True):
            begin = time.perf_counter()
            await operation()
            if number >= WARM_UP:
                times.append(time.perf_counter() - begin)
    ratio = statistics.median(taken[0]) / statistics.median(taken[1])
    verdict = pair.alone_does or ("" if ratio <= TARGET else f"above {TARGET}")
    return [
        *(
            Figure(
                what=f"{pair.what}, {who}",
                value=1 / statistics.mean(times),
                unit="a second",
                remark=f"p50 {statistics.median(times) * 1000:.2f} ms, p99 {percentile(times, 99) * 1000:.2f} ms",
            )
            for who, times in zip(("adapter", "SDK alone"), taken, strict=True)
        ),
        Figure(what=f"{pair.what}, ratio of the medians", value=ratio, unit="", remark=verdict),
    ]


@asynccontextmanager
async def redis() -> AsyncIterator[list[Pair]]:
    """Values, work and events; the log of Redis is forced to the disk once a second, as it is usually set."""
    ann, minute = UserId("ann"), timedelta(minutes=1)
    with tempfile.TemporaryDirectory() as folder:
        async with (
            redis_server(Path(folder), "--appendfsync", "everysec") as server,
            RedisKeyValueStore(settings=RedisKeyValueStoreSettings(url=server.url)) as store,
            RedisJobQueue(settings=RedisJobQueueSettings(url=server.url), clock=SystemClock()) as queue,
            RedisEventBus(settings=RedisEventBusSettings(url=server.url)) as bus,
            RedisEventBus(settings=RedisEventBusSettings(url=server.url)) as other_bus,
            Redis.from_url(server.url) as client,
            client.pubsub() as pubsub,
            bus.subscribe(ann) as events,
        ):
            await pubsub.subscribe("told")
            await pubsub.get_message(timeout=1)
            names = ("ENQUEUE", "CLAIM", "COMPLETE")
            scripts = {name: client.register_script(getattr(redis_scripts, name)) for name in names}

            async def work() -> None:
                await queue.enqueue(Job(id=JobId(new_id()), kind="remember", user=ann))
                claim = await queue.claim(("remember",), lease=minute)
                assert claim is not None
                await queue.complete(claim)

            async def work_alone() -> None:
                name, now = new_id(), time.time_ns() // 1000
                await scripts["ENQUEUE"]((PREFIX,), (name, "alone", "ann", b"{}", now, name, "alone"))
                await scripts["CLAIM"]((PREFIX,), (name, now, now + 60_000_000, "alone"))
                assert await scripts["COMPLETE"]((PREFIX,), (name, name, now))

            told = b'{"type": "status_changed", "status": "ready", "text": "text"}'
            tell = client.register_script(PUBLISH.format(kept=256, milliseconds=60_000))

            async def event() -> None:
                await bus.publish(ann, StatusChanged("ready", "text"))
                await anext(events)

            async def event_elsewhere() -> None:
                await other_bus.publish(ann, StatusChanged("ready", "text"))
                await anext(events)

            async def event_alone() -> None:
                await tell(("told",), (told,))
                await pubsub.get_message(timeout=1)

            async def event_unkept() -> None:
                await client.publish("told", told)
                await pubsub.get_message(timeout=1)

            await store.put("read", b"v" * 200)
            await client.set("read alone", b"v" * 200)
            yield [
                Pair("Redis: get", lambda: store.get("read"), lambda: client.get("read alone")),
                Pair(
                    "Redis: put for a minute",
                    lambda: store.put("key", b"v" * 200, lifetime=minute),
                    lambda: client.set("alone", b"v" * 200, px=60_000),
                ),
                Pair("Redis: enqueue, claim, complete", work, work_alone),
                Pair("Redis: an event, until its own server hears it", event, event_alone),
                Pair("Redis: an event, until another server hears it", event_elsewhere, event_alone),
                Pair(
                    "Redis: the same, beside a bare PUBLISH",
                    event_elsewhere,
                    event_unkept,
                    alone_does="no target: alone nothing is kept",
                ),
            ]


@asynccontextmanager
async def gcs() -> AsyncIterator[list[Pair]]:
    """A minute of speech as FLAC, about; against the emulator, in a process of its own."""
    ann, content = UserId("ann"), bytes(1_000_000)
    endpoint = f"http://127.0.0.1:{_free_port()}"
    client = storage.Client(
        project="omi", credentials=AnonymousCredentials(), client_options={"api_endpoint": endpoint}
    )
    blob = client.bucket("benchmark").blob("ann/alone.flac")
    settings = GcsObjectStoreSettings(bucket="benchmark", endpoint=endpoint)
    with tempfile.TemporaryDirectory() as folder:
        async with (
            _emulator(endpoint),
            GcsObjectStore(settings=settings, data_dir=Path(folder), clock=SystemClock()) as store,
        ):

            async def put_alone() -> None:
                blob.upload_from_string(content, content_type="audio/flac")

            async def get_alone() -> None:
                blob.download_as_bytes()

            yield [
                Pair("Cloud Storage: put 1 MB", lambda: store.put(ann, "a.flac", content), put_alone, 60),
                Pair("Cloud Storage: get 1 MB", lambda: store.get(ann, "a.flac"), get_alone, 60),
            ]


@asynccontextmanager
async def pinecone() -> AsyncIterator[list[Pair]]:
    """Memories of 20 passages, and the 50 nearest of 400; against the simulation."""
    rng, ann, trip, space = Random(1), UserId("ann"), MemoryId("trip"), "minilm"
    vectors = [normalized(array("f", (rng.gauss(0, 1) for _ in range(384)))) for _ in range(40)]
    entries = [VectorEntry(number, vectors[number], vectors[number + 1]) for number in range(20)]
    records = form.records(trip, entries, at=0)
    query = form.values(form.floats(vectors[0]))
    async with serve_pinecone(key="key") as simulation:
        settings = PineconeVectorIndexSettings(api_key="key", url=simulation.url)
        async with PineconeVectorIndex(settings=settings, clock=SystemClock()) as index:
            for number in range(20):
                await index.put(ann, MemoryId(f"{number}"), entries, space=space)
            host = simulation.indexes["omi-384"].host
            async with AsyncIndex(host=host, api_key="key") as alone:

                async def put_alone() -> None:
                    await alone.upsert(vectors=records, namespace="ann#minilm")
                    await alone.delete(filter={"m": "trip", "n": {"$nin": list(range(20))}}, namespace="ann#minilm")

                yield [
                    Pair(
                        "Pinecone: put 20 passages", lambda: index.put(ann, trip, entries, space=space), put_alone, 80
                    ),
                    Pair(
                        "Pinecone: search for 50",
                        lambda: index.search(ann, vectors[0], space=space),
                        lambda: alone.query(vector=query, top_k=50, namespace="ann#minilm", include_metadata=True),
                        80,
                    ),
                ]


@asynccontextmanager
async def firebase() -> AsyncIterator[list[Pair]]:
    """A token, judged with keys that were fetched; beside PyJWT with the key at hand."""
    clock = SystemClock()
    token, key = signed(claims("ann", now=clock.now())), private_key("first").public_key()
    async with google_keys() as google:
        settings = FirebaseAuthenticatorSettings(project=PROJECT, certificates_url=google.url)
        async with FirebaseAuthenticator(settings=settings, clock=clock) as authenticator:

            async def alone() -> None:
                jwt.decode(token, key, algorithms=["RS256"], audience=PROJECT)

            yield [Pair("Firebase: judge a token", lambda: authenticator.authenticate(token), alone, 2_000)]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@asynccontextmanager
async def _emulator(endpoint: str) -> AsyncIterator[None]:
    """Cloud Storage's emulator with a bucket, until the context is left."""
    port = endpoint.rpartition(":")[2]
    program = str(Path(sys.executable).with_name("gcp-storage-emulator"))
    command = [program, "start", "--host", "127.0.0.1", "--port", port, "--in-memory", "--default-bucket", "benchmark"]
    async with await anyio.open_process([*command, "--quiet"], stdout=None, stderr=None) as process:
        async with httpx.AsyncClient() as http:
            while True:
                try:
                    await http.get(endpoint)
                    break
                except httpx.ConnectError:
                    await anyio.sleep(0.05)
        yield
        process.terminate()


STORES = {"redis": redis, "gcs": gcs, "pinecone": pinecone, "firebase": firebase}


async def measure(names: tuple[str, ...] = tuple(STORES)) -> list[Figure]:
    """All figures of some stores."""
    figures: list[Figure] = []
    for name in names:
        async with STORES[name]() as pairs:
            for pair in pairs:
                figures += await measured(pair)
    return figures


if __name__ == "__main__":
    show("stores", anyio.run(measure, tuple(sys.argv[1:]) or tuple(STORES), backend_options={"use_uvloop": True}))
