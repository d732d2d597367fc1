"""What only the queue in Redis does."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.clock.system import SystemClock
from adapters.outbound.job_queue.redis import RedisJobQueue, RedisJobQueueSettings
from domain.ids import JobId, UserId
from ports.clock import Clock
from ports.diagnosis import Condition
from ports.errors import Conflict, TemporarilyUnavailable
from ports.job_queue import Job
from tests.support.redis_server import RedisServer, redis_server

LEASE = timedelta(minutes=1)
KINDS = ("remember",)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[RedisServer]:
    async with redis_server(tmp_path) as running:
        yield running


@asynccontextmanager
async def worker(server: RedisServer, clock: Clock | None = None) -> AsyncIterator[RedisJobQueue]:
    settings = RedisJobQueueSettings(url=server.url, timeout=0.5, retries=1)
    async with RedisJobQueue(settings=settings, clock=clock or ManualClock()) as queue:
        yield queue


def job(name: str) -> Job:
    return Job(id=JobId(name), kind="remember", user=UserId("ann"))


async def test_what_was_taken_and_remembered_survives_a_killed_redis(server: RedisServer) -> None:
    async with worker(server) as queue:
        await queue.enqueue(job("one"))
        claim = await queue.claim(KINDS, lease=LEASE)
        assert claim is not None
        await queue.remember(claim, "step", b"1")
        await queue.enqueue(job("two"))
        server.kill()
        await server.start()
        assert await queue.recall(claim) == {"step": b"1"}
        await queue.complete(claim)
        other = await queue.claim(KINDS, lease=LEASE)
        assert other is not None
        assert other.job.id == "two"
        assert not await queue.enqueue(job("one"))


async def test_no_work_that_was_taken_is_lost_whenever_redis_is_killed(server: RedisServer) -> None:
    confirmed: set[str] = set()
    rng = random.Random(7)

    async def enqueue(queue: RedisJobQueue, round_: int) -> None:
        for number in range(400):
            name = f"{round_} {number}"
            try:
                await queue.enqueue(job(name))
            except TemporarilyUnavailable:
                return
            confirmed.add(name)

    async with worker(server) as queue:
        for round_ in range(4):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(enqueue, queue, round_)
                await anyio.sleep(rng.uniform(0.005, 0.05))
                server.kill()
            await server.start()
        assert confirmed
        found = set()
        while claim := await queue.claim(KINDS, lease=LEASE):
            found.add(claim.job.id)
            await queue.complete(claim)
        assert confirmed <= found


async def test_work_of_one_server_is_done_by_another_once(server: RedisServer) -> None:
    async with worker(server) as one, worker(server) as other:
        for number in range(20):
            await one.enqueue(job(f"{number}"))
        claims = [await queue.claim(KINDS, lease=LEASE) for _ in range(10) for queue in (one, other)]
        assert sorted(claim.job.id for claim in claims if claim) == sorted(f"{number}" for number in range(20))


async def test_who_was_asleep_cannot_undo_what_another_server_did(server: RedisServer) -> None:
    clock = ManualClock()
    async with worker(server, clock) as one, worker(server, clock) as other:
        await one.enqueue(job("one"))
        asleep = await one.claim(KINDS, lease=LEASE)
        await clock.advance(LEASE.total_seconds())
        awake = await other.claim(KINDS, lease=LEASE)
        assert asleep is not None
        assert awake is not None
        with pytest.raises(Conflict):
            await one.fail(asleep, reason="no", retry_at=None)
        await other.complete(awake)


@asynccontextmanager
async def waiting(queue: RedisJobQueue, clock: ManualClock) -> AsyncIterator[anyio.Event]:
    is_over = anyio.Event()

    async def wait() -> None:
        assert await queue.claim(KINDS, lease=LEASE) is None
        await queue.wait(at_most=timedelta(hours=1))
        is_over.set()

    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(wait)
            while not clock._sleepers:
                await anyio.sleep(0.001)
            yield is_over
            tasks.cancel_scope.cancel()


async def test_who_waits_is_told_of_work_that_another_server_took(server: RedisServer) -> None:
    clock = ManualClock()
    async with worker(server) as one, worker(server, clock) as other:
        await other._listener.follow(b"{omi:jobs}:changes")
        async with waiting(other, clock) as is_over:
            await one.enqueue(job("one"))
            await is_over.wait()


async def test_who_waits_looks_again_when_the_connection_was_lost(server: RedisServer) -> None:
    clock = ManualClock()
    async with worker(server, clock) as queue:
        await queue._listener.follow(b"{omi:jobs}:changes")
        async with waiting(queue, clock) as is_over:
            server.kill()
            await server.start()
            await is_over.wait()


async def test_while_redis_is_gone_nothing_is_taken_and_afterwards_everything(server: RedisServer) -> None:
    async with worker(server) as queue:
        server.stop()
        with pytest.raises(TemporarilyUnavailable):
            await queue.enqueue(job("one"))
        with pytest.raises(TemporarilyUnavailable):
            await queue.claim(KINDS, lease=LEASE)
        await server.start()
        assert await queue.enqueue(job("one"))


async def test_more_dead_letters_than_are_read_at_once_are_all_read(server: RedisServer) -> None:
    async with worker(server) as queue:
        for number in range(450):
            await queue.enqueue(job(f"{number}"))
            claim = await queue.claim(KINDS, lease=LEASE)
            assert claim is not None
            await queue.fail(claim, reason="no", retry_at=None)
        letters = await queue.dead_letters()
        assert [letter.job.id for letter in letters] == [f"{number}" for number in reversed(range(450))]


async def test_moments_are_kept_to_the_microsecond(server: RedisServer) -> None:
    clock = ManualClock(datetime(2026, 3, 1, 1, 2, 3, 456789, tzinfo=UTC))
    async with worker(server, clock) as queue:
        await queue.enqueue(job("one"))
        claim = await queue.claim(KINDS, lease=LEASE)
        assert claim is not None
        await queue.fail(claim, reason="no", retry_at=None)
        (letter,) = await queue.dead_letters()
        assert letter.died_at == clock.now()


async def test_a_redis_that_forgets_or_has_another_time_is_told(tmp_path: Path) -> None:
    async with redis_server(tmp_path) as server:
        async with worker(server, SystemClock()) as queue:
            assert (await queue.diagnose()).condition is Condition.WORKING
        async with worker(server, ManualClock()) as queue:
            assert "clocks" in (await queue.diagnose()).finding
        server.stop()
        async with worker(server, SystemClock()) as queue:
            assert (await queue.diagnose()).condition is Condition.BROKEN
        await server.start("--appendonly", "no")
        async with worker(server, SystemClock()) as queue:
            assert (await queue.diagnose()).condition is Condition.DEGRADED
