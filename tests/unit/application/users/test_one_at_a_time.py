"""Of some work, each user has one at a time, in however many processes."""

import anyio
import pytest

from adapters.outbound.clock.manual import ManualClock, settle
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from application.users.one_at_a_time import LEASE, PATIENCE, OneAtATime
from domain.ids import UserId
from ports.errors import TemporarilyUnavailable

ANNA, BERT = UserId("anna"), UserId("bert")


class Servers:
    """Two of them, and one store."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.values = InMemoryKeyValueStore(clock=self.clock)
        self.one, self.other = (OneAtATime("facts", values=self.values, clock=self.clock) for _ in range(2))
        self.did: list[str] = []

    async def work(self, server: OneAtATime, name: str, let: anyio.Event, user: UserId = ANNA) -> None:
        async with server.turn(user):
            self.did.append(f"{name} begins")
            await let.wait()
            self.did.append(f"{name} ends")


@pytest.fixture
def servers() -> Servers:
    return Servers()


@pytest.mark.parametrize("second", ["one", "other"])
async def test_who_comes_second_waits_on_whichever_server(servers: Servers, second: str) -> None:
    let = anyio.Event()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(servers.work, servers.one, "first", let)
        await settle()
        tasks.start_soon(servers.work, getattr(servers, second), "second", let)
        await servers.clock.advance(1)
        assert servers.did == ["first begins"]
        let.set()
        await servers.clock.advance(1)
    assert servers.did == ["first begins", "first ends", "second begins", "second ends"]
    assert await servers.values.keys("users:") == ()


async def test_nobody_waits_for_another_user(servers: Servers) -> None:
    let = anyio.Event()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(servers.work, servers.one, "first", let)
        tasks.start_soon(servers.work, servers.other, "second", let, BERT)
        await settle()
        assert servers.did == ["first begins", "second begins"]
        let.set()


async def test_who_takes_too_long_is_not_waited_for_and_who_crashed_not_for_ever(servers: Servers) -> None:
    assert await servers.values.put_if_absent("users:anna:facts:lease", b"crashed", lifetime=LEASE)
    let = anyio.Event()
    let.set()

    async def early() -> None:
        with pytest.raises(TemporarilyUnavailable, match="somebody else"):
            await servers.work(servers.one, "too early", let)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(early)
        await servers.clock.advance(PATIENCE + 1)
    await servers.clock.advance(LEASE.total_seconds())
    await servers.work(servers.one, "later", let)
    assert servers.did == ["later begins", "later ends"]
