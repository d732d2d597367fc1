from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import anyio
import pytest

from adapters.outbound.event_bus.local import LocalEventBus
from adapters.outbound.event_bus.redis import RedisEventBus, RedisEventBusSettings
from domain.ids import UserId
from domain.session import SessionEvent, StatusChanged
from ports.event_bus import EventBus
from tests.contract.harness import Harness, over
from tests.support.memories import HOSTILE
from tests.support.redis_server import shared_redis

ANN, BOB = UserId("ann"), UserId("bob")


@asynccontextmanager
async def local(_folder: Path) -> AsyncIterator[EventBus]:
    yield LocalEventBus()


@asynccontextmanager
async def redis(folder: Path) -> AsyncIterator[EventBus]:
    async with (
        shared_redis(folder) as server,
        RedisEventBus(settings=RedisEventBusSettings(url=server.url)) as bus,
    ):
        yield bus


HARNESSES: dict[str, Harness[EventBus]] = {"local": local, "redis": redis}


@pytest.fixture(params=over("event_bus", HARNESSES))
async def bus(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[EventBus]:
    async with request.param(tmp_path) as adapter:
        yield adapter


def event(number: int) -> SessionEvent:
    return StatusChanged("ready", str(number))


async def received(events: AsyncIterator[SessionEvent], count: int) -> list[SessionEvent]:
    with anyio.fail_after(5):
        return [await anext(events) for _ in range(count)]


async def test_events_arrive_in_order(bus: EventBus) -> None:
    async with bus.subscribe(ANN) as events:
        for number in range(100):
            await bus.publish(ANN, event(number))
        assert await received(events, 100) == [event(number) for number in range(100)]


async def test_who_waits_already_gets_the_event(bus: EventBus) -> None:
    found: list[SessionEvent] = []
    async with bus.subscribe(ANN) as events, anyio.create_task_group() as tasks:

        async def listen() -> None:
            found.extend(await received(events, 1))

        tasks.start_soon(listen)
        await anyio.lowlevel.checkpoint()
        await bus.publish(ANN, event(1))
    assert found == [event(1)]


async def test_every_subscriber_of_a_user_gets_every_event(bus: EventBus) -> None:
    async with bus.subscribe(ANN) as one, bus.subscribe(ANN) as two:
        await bus.publish(ANN, event(1))
        await bus.publish(ANN, event(2))
        assert await received(one, 2) == await received(two, 2) == [event(1), event(2)]


async def test_events_reach_nobody_else(bus: EventBus) -> None:
    async with bus.subscribe(ANN) as anns, bus.subscribe(BOB) as bobs:
        await bus.publish(ANN, event(1))
        await bus.publish(BOB, event(2))
        assert await received(anns, 1) == [event(1)]
        assert await received(bobs, 1) == [event(2)]


async def test_users_hear_their_own_events_whatever_they_are_called(bus: EventBus) -> None:
    async with AsyncExitStack() as stack:
        users = [UserId(name) for name in (*HOSTILE, "half a character: \ud800")]
        heard = [await stack.enter_async_context(bus.subscribe(user)) for user in users]
        for number, user in enumerate(users):
            await bus.publish(user, event(number))
        for user in users:
            await bus.publish(user, event(-1))
        for number, events in enumerate(heard):
            assert await received(events, 2) == [event(number), event(-1)]


async def test_nothing_is_kept_for_who_comes_later(bus: EventBus) -> None:
    await bus.publish(ANN, event(1))
    async with bus.subscribe(ANN) as events:
        await bus.publish(ANN, event(2))
        assert await received(events, 1) == [event(2)]
    await bus.publish(ANN, event(3))
    async with bus.subscribe(ANN) as events:
        await bus.publish(ANN, event(4))
        assert await received(events, 1) == [event(4)]


async def test_a_slow_subscriber_holds_up_nobody_and_keeps_the_order(bus: EventBus) -> None:
    got: list[SessionEvent] = []
    async with bus.subscribe(ANN) as slow, bus.subscribe(ANN) as quick:
        with anyio.fail_after(60):
            for number in range(2_000):
                await bus.publish(ANN, event(number))
                got += await received(quick, 1)
        assert got == [event(number) for number in range(2_000)]
        behind = await received(slow, 10)
        assert behind == [event(number) for number in range(10)]


async def test_one_who_leaves_takes_no_other_along(bus: EventBus) -> None:
    async with bus.subscribe(ANN) as stays:
        async with bus.subscribe(ANN):
            pass
        with anyio.CancelScope() as scope:
            async with bus.subscribe(ANN) as leaves:
                scope.cancel()
                await anext(leaves)
        await bus.publish(ANN, event(1))
        assert await received(stays, 1) == [event(1)]
