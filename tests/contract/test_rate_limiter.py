"""What everybody does who counts how often something is done."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from adapters.outbound.clock.system import SystemClock
from adapters.outbound.rate_limiter.local import LocalRateLimiter
from adapters.outbound.rate_limiter.redis import RedisRateLimiter, RedisRateLimiterSettings
from domain.rate import Rate
from ports.errors import TemporarilyUnavailable
from ports.rate_limiter import RateLimiter
from tests.contract.harness import Harness, over
from tests.support.redis_server import redis_server

THREE = Rate(count=3, seconds=60.0)


@asynccontextmanager
async def local(_: Path) -> AsyncIterator[RateLimiter]:
    yield LocalRateLimiter(clock=SystemClock())


@asynccontextmanager
async def redis(folder: Path) -> AsyncIterator[RateLimiter]:
    async with (
        redis_server(folder) as server,
        RedisRateLimiter(settings=RedisRateLimiterSettings(url=server.url)) as limiter,
    ):
        yield limiter


HARNESSES: dict[str, Harness[RateLimiter]] = {"local": local, "redis": redis}


@pytest.fixture(params=over("rate_limiter", HARNESSES))
async def limiter(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[RateLimiter]:
    async with request.param(tmp_path) as ready:
        yield ready


async def test_a_share_may_be_taken_at_once_and_no_more(limiter: RateLimiter) -> None:
    taken = [await limiter.take("ann", rate=THREE) for _ in range(5)]
    assert [one.is_granted for one in taken] == [True, True, True, False, False]
    assert [one.remaining for one in taken] == [2, 1, 0, 0, 0]
    assert [one.wait for one in taken[:2]] == [0.0, 0.0]
    assert all(18.0 < one.wait <= 20.0 for one in taken[2:])


@pytest.mark.parametrize("other", ["bob", "", "ann ", "*", "ann:x", "../ann", "ä", "a" * 1_000])
async def test_nobody_takes_of_the_share_of_others(limiter: RateLimiter, other: str) -> None:
    for _ in range(4):
        await limiter.take("ann", rate=THREE)
    assert (await limiter.take(other, rate=THREE)).remaining == 2


async def test_what_was_taken_comes_back_with_time(limiter: RateLimiter) -> None:
    quick = Rate(count=2, seconds=0.2)
    assert [(await limiter.take("ann", rate=quick)).is_granted for _ in range(3)] == [True, True, False]
    with anyio.fail_after(5):
        while not (await limiter.take("ann", rate=quick)).is_granted:
            await anyio.sleep(0.02)


async def test_of_many_at_once_as_many_are_granted_as_there_are(limiter: RateLimiter) -> None:
    granted: list[bool] = []

    async def take() -> None:
        granted.append((await limiter.take("ann", rate=THREE)).is_granted)

    async with anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(take)
    assert sum(granted) == 3


async def test_servers_count_together_in_redis(tmp_path: Path) -> None:
    async with redis_server(tmp_path) as server:
        settings = RedisRateLimiterSettings(url=server.url, timeout=0.5)
        async with RedisRateLimiter(settings=settings) as one, RedisRateLimiter(settings=settings) as other:
            remaining = [(await limiter.take("ann", rate=THREE)).remaining for limiter in (one, other, one)]
            assert remaining == [2, 1, 0]
            assert not (await other.take("ann", rate=THREE)).is_granted
            server.stop()
            with pytest.raises(TemporarilyUnavailable):
                await one.take("ann", rate=THREE)
