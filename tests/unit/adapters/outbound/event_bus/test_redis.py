"""What only the bus through Redis does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from redis.asyncio import Redis

from adapters.outbound.event_bus.redis import RedisEventBus, RedisEventBusSettings
from domain.ids import UserId
from domain.session import SessionEvent, StatusChanged
from ports.event_bus import EventBus
from tests.support.redis_server import RedisServer, redis_server

ANN = UserId("ann")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[RedisServer]:
    async with redis_server(tmp_path) as running:
        yield running


@asynccontextmanager
async def joined(server: RedisServer) -> AsyncIterator[RedisEventBus]:
    async with RedisEventBus(settings=RedisEventBusSettings(url=server.url, timeout=0.3)) as bus:
        yield bus


def event(number: int) -> SessionEvent:
    return StatusChanged("ready", str(number))


async def received(events: AsyncIterator[SessionEvent], count: int) -> list[SessionEvent]:
    with anyio.fail_after(5):
        return [await anext(events) for _ in range(count)]


async def drop_connections(server: RedisServer, kind: str) -> None:
    async with Redis.from_url(server.url) as client:
        await client.execute_command("CLIENT", "KILL", "TYPE", kind)


async def until_heard(bus: EventBus, events: AsyncIterator[SessionEvent], mark: SessionEvent) -> list[SessionEvent]:
    """Tells something until it is heard; gives what was heard before."""
    before: list[SessionEvent] = []
    with anyio.fail_after(10):
        while True:
            await bus.publish(ANN, mark)
            with anyio.move_on_after(0.1):
                while (heard := await anext(events)) != mark:
                    before.append(heard)
                return before


async def test_events_go_from_server_to_server(server: RedisServer) -> None:
    async with joined(server) as one, joined(server) as other, other.subscribe(ANN) as events:
        await one.publish(ANN, event(1))
        assert await received(events, 1) == [event(1)]


async def test_a_connection_that_breaks_costs_no_event(server: RedisServer) -> None:
    async with joined(server) as one, joined(server) as other, other.subscribe(ANN) as events:
        for number in range(60):
            if number % 20 == 10:
                await drop_connections(server, "pubsub")
            await one.publish(ANN, event(number))
        assert await received(events, 60) == [event(number) for number in range(60)]


async def test_what_was_told_before_one_listened_is_not_caught_up_with(server: RedisServer) -> None:
    async with joined(server) as one, joined(server) as other:
        await one.publish(ANN, event(1))
        async with other.subscribe(ANN) as events:
            await drop_connections(server, "pubsub")
            await one.publish(ANN, event(2))
            assert await received(events, 1) == [event(2)]


async def test_events_are_heard_again_after_a_restart_of_redis(server: RedisServer) -> None:
    async with joined(server) as one, joined(server) as other, other.subscribe(ANN) as events:
        await one.publish(ANN, event(1))
        assert await received(events, 1) == [event(1)]
        server.kill()
        await server.start()
        await until_heard(one, events, event(2))
        await one.publish(ANN, event(3))
        while (heard := (await received(events, 1))[0]) == event(2):
            pass
        assert heard == event(3)


async def test_without_redis_events_reach_the_sessions_of_this_server_once(server: RedisServer) -> None:
    async with joined(server) as bus, bus.subscribe(ANN) as events:
        server.kill()
        for number in range(5):
            await bus.publish(ANN, event(number))
        assert await received(events, 5) == [event(number) for number in range(5)]
        await server.start()
        assert await until_heard(bus, events, event(9)) == []


async def test_who_comes_while_redis_is_gone_hears_when_it_is_back(server: RedisServer) -> None:
    async with joined(server) as one, joined(server) as other:
        server.kill()
        async with other.subscribe(ANN) as events:
            await server.start()
            await until_heard(one, events, event(1))


async def test_a_redis_that_hangs_holds_up_nobody_twice(server: RedisServer) -> None:
    async with joined(server) as bus, bus.subscribe(ANN) as events:
        server.freeze()
        with anyio.fail_after(2):
            for number in range(100):
                await bus.publish(ANN, event(number))
        assert await received(events, 100) == [event(number) for number in range(100)]
        server.thaw()
        assert await until_heard(bus, events, event(-1)) == []


async def test_nothing_is_kept_for_long_and_nobody_is_left_behind(server: RedisServer) -> None:
    async with joined(server) as bus:
        async with bus.subscribe(ANN):
            await bus.publish(ANN, event(1))
        async with Redis.from_url(server.url) as client:
            assert [0 < await client.pttl(key) <= 60_000 for key in await client.keys("omi:events:*")] == [True]
            assert await client.pubsub_channels() == []


async def test_what_a_newer_server_tells_is_passed_over(server: RedisServer) -> None:
    async with joined(server) as bus, bus.subscribe(ANN) as events:
        async with Redis.from_url(server.url) as client:
            await client.publish("omi:events:ann", '1-1 {"id": "1", "event": {"type": "from_the_future"}}')
            await client.publish("omi:events:ann", "nonsense")
        await bus.publish(ANN, event(1))
        assert await received(events, 1) == [event(1)]


async def test_sessions_of_this_server_do_not_wait_for_redis(server: RedisServer) -> None:
    async with joined(server) as bus, bus.subscribe(ANN) as events, anyio.create_task_group() as tasks:
        server.freeze()
        tasks.start_soon(bus.publish, ANN, event(1))
        with anyio.fail_after(0.25):  # Redis is given up after 0.3
            assert await anext(events) == event(1)
        server.thaw()


async def test_a_redis_that_forgot_how_to_keep_events_is_told_again(server: RedisServer) -> None:
    async with joined(server) as one, joined(server) as other, other.subscribe(ANN) as events:
        await one.publish(ANN, event(1))
        async with Redis.from_url(server.url) as client:
            await client.script_flush()
        await one.publish(ANN, event(2))
        assert await received(events, 2) == [event(1), event(2)]


async def test_what_cannot_be_written_down_reaches_the_sessions_of_this_server(server: RedisServer) -> None:
    async with joined(server) as bus, bus.subscribe(ANN) as events:
        await bus.publish(ANN, StatusChanged("ready", "\ud83d"))
        assert await received(events, 1) == [StatusChanged("ready", "\ud83d")]
