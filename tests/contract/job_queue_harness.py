"""Job queues that are open and ready, each with the clock it goes by."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec import Struct

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.job_queue.memory import InMemoryJobQueue
from adapters.outbound.job_queue.redis import RedisJobQueue, RedisJobQueueSettings
from adapters.outbound.job_queue.sqlite import SqliteJobQueue
from domain.ids import JobId, UserId
from ports.job_queue import Job, JobQueue
from tests.contract.harness import Harness
from tests.support.redis_server import shared_redis


class Setup(Struct):
    queue: JobQueue
    clock: ManualClock


@asynccontextmanager
async def sqlite(folder: Path) -> AsyncIterator[Setup]:
    clock = ManualClock()
    async with SqliteJobQueue(data_dir=folder, clock=clock) as queue:
        yield Setup(queue, clock)


@asynccontextmanager
async def memory(_folder: Path) -> AsyncIterator[Setup]:
    clock = ManualClock()
    yield Setup(InMemoryJobQueue(clock=clock), clock)


@asynccontextmanager
async def redis(folder: Path) -> AsyncIterator[Setup]:
    clock = ManualClock()
    async with (
        shared_redis(folder) as server,
        RedisJobQueue(settings=RedisJobQueueSettings(url=server.url), clock=clock) as queue,
    ):
        yield Setup(queue, clock)


HARNESSES: dict[str, Harness[Setup]] = {"sqlite": sqlite, "redis": redis, "memory": memory}


def job(name: str, *, kind: str = "remember", user: str = "ann", payload: bytes = b"{}") -> Job:
    return Job(id=JobId(name), kind=kind, user=UserId(user), payload=payload)
