from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import anyio
import pytest
from msgspec import Struct

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.clock.system import SystemClock
from ports.clock import Clock
from tests.contract.harness import Harness, over


class Setup(Struct):
    clock: Clock
    pass_time: Callable[[float], Awaitable[None]]
    """Lets so many seconds pass."""


@asynccontextmanager
async def system(_folder: Path) -> AsyncIterator[Setup]:
    yield Setup(SystemClock(), anyio.sleep)


@asynccontextmanager
async def manual(_folder: Path) -> AsyncIterator[Setup]:
    clock = ManualClock()
    yield Setup(clock, clock.advance)


HARNESSES: dict[str, Harness[Setup]] = {"system": system, "manual": manual}


@pytest.fixture(params=over("clock", HARNESSES))
async def setup(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Setup]:
    async with request.param(tmp_path) as ready:
        yield ready


async def test_now_is_universal_time(setup: Setup) -> None:
    assert setup.clock.now().utcoffset() == timedelta(0)


async def test_both_times_pass_alike(setup: Setup) -> None:
    wall, steady = setup.clock.now(), setup.clock.monotonic()
    await setup.pass_time(0.02)
    passed = setup.clock.monotonic() - steady
    assert passed >= 0.02
    assert abs((setup.clock.now() - wall).total_seconds() - passed) < 1


async def test_steady_time_never_goes_back(setup: Setup) -> None:
    readings = [setup.clock.monotonic() for _ in range(1_000)]
    assert readings == sorted(readings)


async def test_sleepers_wake_in_the_order_of_their_times(setup: Setup) -> None:
    awake: list[float] = []

    async def sleeper(seconds: float) -> None:
        await setup.clock.sleep(seconds)
        awake.append(seconds)

    with anyio.fail_after(10):
        async with anyio.create_task_group() as tasks:
            for seconds in (0.06, 0.02, 0.1):
                tasks.start_soon(sleeper, seconds)
            await anyio.lowlevel.checkpoint()
            await setup.pass_time(0.2)
    assert awake == [0.02, 0.06, 0.1]


@pytest.mark.parametrize("seconds", [0, -0.0])
async def test_no_time_to_wait_is_no_wait(setup: Setup, seconds: float) -> None:
    with anyio.fail_after(5):
        await setup.clock.sleep(seconds)


async def test_waiting_can_be_given_up(setup: Setup) -> None:
    with anyio.fail_after(5), anyio.CancelScope() as scope:
        scope.cancel()
        await setup.clock.sleep(1_000)
    assert scope.cancelled_caught
