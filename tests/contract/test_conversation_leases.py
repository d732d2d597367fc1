from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest
from msgspec import Struct

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.conversation_leases.local import SILENCE, LeaseTable, LocalConversationLeases
from adapters.outbound.conversation_leases.redis import RedisConversationLeases, RedisConversationLeasesSettings
from domain.ids import ConversationId, UserId
from ports.conversation_leases import ConversationLeases, Lease
from tests.contract.harness import Harness, over
from tests.support.memories import HOSTILE
from tests.support.redis_server import shared_redis

ANN, BOB = UserId("ann"), UserId("bob")
TALK, OTHER = ConversationId("talk"), ConversationId("other")
SHORT = 0.4
"""Seconds of silence that are enough here."""


class Pair(Struct):
    """Two servers."""

    one: ConversationLeases
    two: ConversationLeases
    kill_one: Callable[[], Awaitable[None]]
    """Ends its signs of life; returns when it has been silent for long enough."""


@asynccontextmanager
async def local(_folder: Path) -> AsyncIterator[Pair]:
    clock, table = ManualClock(), LeaseTable()
    one, two = LocalConversationLeases(clock=clock, table=table), LocalConversationLeases(clock=clock, table=table)

    async def kill_one() -> None:
        one.fall_silent()
        await clock.advance(SILENCE)

    async with one, two:
        yield Pair(one, two, kill_one)


@asynccontextmanager
async def redis(folder: Path) -> AsyncIterator[Pair]:
    async with shared_redis(folder) as server, AsyncExitStack() as stack:
        settings = RedisConversationLeasesSettings(url=server.url, silence=SHORT)
        one, two = [RedisConversationLeases(settings=settings, data_dir=folder / name) for name in ("one", "two")]

        async def kill_one() -> None:
            one._beat = anyio.lowlevel.checkpoint
            await anyio.sleep(SHORT + 0.1)

        yield Pair(await stack.enter_async_context(one), await stack.enter_async_context(two), kill_one)


HARNESSES: dict[str, Harness[Pair]] = {"local": local, "redis": redis}


@pytest.fixture(params=over("conversation_leases", HARNESSES))
async def pair(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Pair]:
    async with request.param(tmp_path) as servers:
        yield servers


async def begin(pair: Pair, *conversations: ConversationId) -> None:
    for conversation in conversations:
        pair.one.begin(ANN, conversation)
    await pair.one.settle()


async def test_servers_have_names_of_their_own(pair: Pair) -> None:
    assert pair.one.server != pair.two.server


async def test_a_conversation_that_was_begun_is_served_at_once(pair: Pair) -> None:
    pair.one.begin(ANN, TALK)
    assert pair.one.holds(TALK)
    assert pair.one.fence(TALK) == 1


async def test_what_one_serves_the_other_does_not_get(pair: Pair) -> None:
    await begin(pair, TALK)
    assert await pair.two.claim(ANN, TALK) == pair.one.server
    assert not pair.two.holds(TALK)
    assert pair.two.fence(TALK) == 0


async def test_claiming_again_changes_nothing(pair: Pair) -> None:
    await begin(pair, TALK)
    assert await pair.one.claim(ANN, TALK) == pair.one.server
    assert pair.one.fence(TALK) == 1


async def test_a_server_that_is_told_that_another_has_it_holds_it_no_more(pair: Pair) -> None:
    await begin(pair, TALK)
    await pair.kill_one()
    assert await pair.two.claim(ANN, TALK) == pair.two.server
    assert await pair.one.claim(ANN, TALK) == pair.two.server
    assert not pair.one.holds(TALK)
    assert pair.one.fence(TALK) == 0


async def test_of_several_at_once_one_succeeds(pair: Pair) -> None:
    answers: list[str] = []

    async def claim(server: ConversationLeases) -> None:
        answers.append(await server.claim(ANN, TALK))

    async with anyio.create_task_group() as tasks:
        for server in (pair.one, pair.two) * 5:
            tasks.start_soon(claim, server)
    assert len(set(answers)) == 1
    assert [pair.one.holds(TALK), pair.two.holds(TALK)].count(True) == 1


async def test_what_is_released_can_be_claimed_at_once_with_a_greater_fence(pair: Pair) -> None:
    await begin(pair, TALK)
    await pair.one.release(TALK)
    assert not pair.one.holds(TALK)
    assert await pair.two.claim(ANN, TALK) == pair.two.server
    assert pair.two.fence(TALK) == 2
    await pair.two.release(TALK)
    assert await pair.one.claim(ANN, TALK) == pair.one.server
    assert pair.one.fence(TALK) == 3


async def test_who_does_not_serve_a_conversation_cannot_release_or_forget_it(pair: Pair) -> None:
    await begin(pair, TALK)
    await pair.two.release(TALK)
    pair.two.forget(TALK)
    await pair.two.settle()
    assert pair.one.holds(TALK)
    assert await pair.two.claim(ANN, TALK) == pair.one.server


async def test_the_leases_of_a_server_that_is_gone_are_free(pair: Pair) -> None:
    await begin(pair, TALK)
    assert await pair.two.free() == ()
    await pair.kill_one()
    assert await pair.two.free() == (Lease(conversation=TALK, user=ANN, server=""),)
    assert await pair.two.claim(ANN, TALK) == pair.two.server
    assert await pair.two.free() == ()


async def test_leases_outlast_the_time_of_silence_while_their_server_lives(pair: Pair) -> None:
    await begin(pair, TALK)
    await anyio.sleep(SHORT + 0.1 if isinstance(pair.one, RedisConversationLeases) else 0)
    assert await pair.two.claim(ANN, TALK) == pair.one.server


async def test_a_users_conversations_are_listed_with_who_serves_them(pair: Pair) -> None:
    await begin(pair, TALK)
    pair.two.begin(ANN, OTHER)
    pair.two.begin(BOB, ConversationId("bob's"))
    await pair.two.settle()
    found = {lease.conversation: lease.server for lease in await pair.two.of(ANN)}
    assert found == {TALK: pair.one.server, OTHER: pair.two.server}
    await pair.kill_one()
    assert {lease.conversation: lease.server for lease in await pair.two.of(ANN)} == {TALK: "", OTHER: pair.two.server}


async def test_what_has_ended_is_listed_no_more(pair: Pair) -> None:
    await begin(pair, TALK, OTHER)
    pair.one.forget(TALK)
    await pair.one.settle()
    assert not pair.one.holds(TALK)
    assert [lease.conversation for lease in await pair.two.of(ANN)] == [OTHER]
    await pair.one.release(OTHER)
    assert [lease.conversation for lease in await pair.two.free()] == [OTHER]


async def test_what_begins_and_ends_at_once_leaves_nothing(pair: Pair) -> None:
    pair.one.begin(ANN, TALK)
    pair.one.forget(TALK)
    await pair.one.settle()
    assert await pair.two.of(ANN) == ()
    assert await pair.two.free() == ()


async def test_a_store_that_refused_the_fence_is_believed(pair: Pair) -> None:
    await begin(pair, TALK)
    pair.one.lose(TALK)
    assert not pair.one.holds(TALK)
    assert pair.one.fence(TALK) == 0


async def test_any_identifier_will_do(pair: Pair) -> None:
    for name in HOSTILE:
        pair.one.begin(UserId(name), ConversationId(name))
    await pair.one.settle()
    for name in HOSTILE:
        assert [lease.conversation for lease in await pair.two.of(UserId(name))] == [name]
