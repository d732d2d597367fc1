"""Several servers: a conversation goes on wherever its user is, with nothing lost and nothing done twice."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest

from adapters.outbound.clock.manual import settle
from adapters.outbound.conversation_leases.local import SILENCE
from application.listening.conversations import LETTING_GO
from application.listening.finish_conversation import ELSEWHERE
from application.listening.hand_over import UNCLAIMED, address
from domain.audio import SAMPLE_RATE
from domain.session import HandOverRefused, HandOverRequested
from domain.watermark import SUB_BLOCK_SAMPLES, WORD_SAMPLES
from ports.errors import TemporarilyUnavailable
from tests.support.talk import PAUSE, memories, play, speech, words
from tests.support.world import ANNA, PACKET_BYTES, REQUEST, World

SILENT = bytes(2 * 125 * SAMPLE_RATE)


@asynccontextmanager
async def two_servers() -> AsyncIterator[tuple[World, World]]:
    world = World()
    async with world.running() as one, world.beside().running() as two:
        yield one, two


async def talk(world: World, first: int, count: int) -> None:
    async with world.listen.open(REQUEST) as session:
        await play(world, session, speech(first, count) + bytes(24_000))
        await session.drain()


async def finish(world: World) -> None:
    for _ in range(8):
        await world.clock.advance(20)


async def test_a_user_who_comes_back_to_another_server_goes_on_with_the_same_conversation() -> None:
    async with two_servers() as (one, two):
        await talk(one, 0, 3)
        await talk(two, 3, 3)
        await talk(one, 6, 3)
        assert two.conversations.open == ()
        [live] = one.conversations.open
        assert live.transcript.word_count == 9
        await finish(one)
        assert await memories(one) == [words(0, 9)]


async def test_the_clock_of_a_conversation_goes_on_at_another_server() -> None:
    async with two_servers() as (one, two):
        await talk(one, 0, 3)
        [before] = one.conversations.open
        end = before.ledger.end
        await one.clock.advance(30)
        async with two.listen.open(REQUEST):
            [live] = two.conversations.open
            assert (live.id, live.opened) == (before.id, before.opened)
            assert live.ledger.end >= end + 30 * SAMPLE_RATE
            assert live.coverage().absences[-1].end - live.coverage().absences[-1].start >= 30 * SAMPLE_RATE


async def test_what_was_unheard_at_one_server_is_heard_at_the_other() -> None:
    async with two_servers() as (one, two):
        async with one.listen.open(REQUEST) as session:
            await play(one, session, speech(0, 5)[:-9_000])
            session.leave()  # with the last word in the air
        await talk(two, 5, 3)
        await finish(two)
        assert await memories(two) == [words(0, 8)]


@pytest.mark.parametrize("place", range(1, 10))
async def test_a_word_that_is_cut_between_two_servers_is_heard_once(place: int) -> None:
    pcm, cut = speech(0, 5), 2 * (2 * (WORD_SAMPLES + PAUSE) + place * SUB_BLOCK_SAMPLES)
    async with two_servers() as (one, two):
        async with one.listen.open(REQUEST) as session:
            await play(one, session, pcm[:cut])
            await session.drain()
        async with two.listen.open(REQUEST) as session:
            await play(two, session, pcm[cut:] + bytes(24_000))
            await session.drain()
        await finish(two)
        assert await memories(two) == [words(0, 5)]


@pytest.mark.parametrize("place", [4, 5, 6])
async def test_a_word_that_a_stop_cuts_off_is_heard_once(place: int) -> None:
    pcm, cut = speech(0, 5), 2 * (4 * (WORD_SAMPLES + PAUSE) + place * SUB_BLOCK_SAMPLES)
    async with two_servers() as (one, two):
        async with one.listen.open(REQUEST) as session:
            await play(one, session, pcm[:cut])
            session.stop()  # what comes from here on is written down, and left to the next server
            await settle(200)
            for start in range(cut, len(pcm), PACKET_BYTES):
                session.accept(pcm[start : start + PACKET_BYTES])
            await session.drain()
        await one.hand_over.leave()
        await talk(two, 5, 3)
        await finish(two)
        assert await memories(two) == [words(0, 8)]


async def test_after_a_kill_the_session_waits_until_the_lease_has_run_out_and_goes_on() -> None:
    async with two_servers() as (one, two):
        async with one.listen.open(REQUEST) as session:
            await play(one, session, speech(0, 5))
            one.killed()
        attached = anyio.Event()

        async def come_back() -> None:
            async with two.listen.open(REQUEST) as session:
                attached.set()
                await play(two, session, speech(5, 3) + bytes(24_000))
                await session.drain()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(come_back)
            await settle(200)
            assert not attached.is_set()
            await two.clock.advance(SILENCE)
            with anyio.fail_after(5):
                await attached.wait()
        await finish(two)
        assert await memories(two) == [words(0, 8)]


async def test_a_second_device_at_another_server_has_a_conversation_of_its_own() -> None:
    async with two_servers() as (one, two), one.listen.open(REQUEST) as first:
        await play(one, first, speech(0, 3))
        async with two.listen.open(REQUEST) as second:
            assert second.conversation.id != first.conversation.id
            await play(two, second, speech(10, 3) + bytes(24_000))
            await play(one, first, speech(3, 3) + bytes(24_000))
            await second.end_conversation()
            await first.end_conversation()
        assert await memories(one) == [words(0, 6), words(10, 3)]


async def test_a_connection_that_is_behind_lets_go_for_one_at_another_server() -> None:
    async with two_servers() as (one, two), one.listen.open(REQUEST) as stalled:
        await play(one, stalled, speech(0, 3))
        await one.clock.advance(5)

        async def let_go() -> None:
            await stalled.taken_over.wait()
            stalled.stop()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(let_go)
            with anyio.fail_after(LETTING_GO):
                async with two.listen.open(REQUEST) as session:
                    assert session.conversation.id == stalled.conversation.id
        assert one.conversations.open == ()


async def test_a_conversation_whose_server_is_gone_is_finished_by_another() -> None:
    async with two_servers() as (one, two):
        async with one.listen.open(REQUEST) as session:
            await play(one, session, speech(0, 5))
            one.killed()
        await two.clock.advance(SILENCE + UNCLAIMED + 4)
        assert len(two.conversations.open) == 1
        await finish(two)
        assert await memories(two) == [words(0, 5)]


async def test_a_server_that_goes_leaves_its_conversations_to_the_next_at_once() -> None:
    async with two_servers() as (one, two):
        await talk(one, 0, 3)
        await one.hand_over.leave()
        assert one.conversations.open == ()
        assert [lease.user for lease in await two.leases.free()] == [ANNA]
        await talk(two, 3, 3)
        await finish(two)
        assert await memories(two) == [words(0, 6)]


async def test_two_servers_that_finish_one_conversation_make_one_memory() -> None:
    async with two_servers() as (one, two):
        await talk(one, 0, 5)
        [live] = one.conversations.open
        one.leases.fall_silent()  # it is busy for so long that the other one goes on
        await two.clock.advance(SILENCE + UNCLAIMED + 4)
        [other] = two.conversations.open
        assert other.id == live.id
        one.conversations.adopt(live)  # as if nobody had told it
        outcomes: list[str] = []

        async def finish_at(world: World) -> None:
            [found] = [found for found in world.conversations.open if found.id == live.id]
            try:
                await world.conversations.finish(found)
                outcomes.append("finished")
            except TemporarilyUnavailable as error:
                outcomes.append(str(error))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(finish_at, one)
            tasks.start_soon(finish_at, two)
        assert sorted(outcomes) == [ELSEWHERE, "finished"]
        assert await memories(two) == [words(0, 5)]
        assert len(await two.queue.ids_of(ANNA)) == len(set(await two.queue.ids_of(ANNA)))


async def test_a_server_that_lost_a_conversation_lets_its_session_go() -> None:
    async with two_servers() as (one, two), one.listen.open(REQUEST) as session:
        await play(one, session, speech(0, 3))
        one.leases.fall_silent()
        await two.clock.advance(SILENCE + UNCLAIMED + 8)
        assert session.taken_over.is_set()
        assert one.conversations.open == ()


async def test_what_is_over_is_not_handed_over() -> None:
    async with two_servers() as (one, two):
        await talk(one, 0, 3)
        [live] = one.conversations.open
        one.conversations.end(live, at=live.ledger.end)
        async with two.events.subscribe(address(two.leases.server)) as answers:
            await two.events.publish(address(one.leases.server), HandOverRequested(live.id, two.leases.server))
            with anyio.fail_after(2):
                assert await anext(answers) == HandOverRefused(live.id)


async def test_what_cannot_be_written_down_stays_where_it_is() -> None:
    async with two_servers() as (one, _):
        await talk(one, 0, 3)
        [live] = one.conversations.open

        async def fail() -> None:
            raise TemporarilyUnavailable("Redis cannot be reached")

        live.sync = fail  # type: ignore[method-assign]
        assert not await one.conversations.let_go(live)
        assert one.conversations.open == (live,)


@pytest.mark.parametrize("silent_first", [True, False])
async def test_nobody_waits_for_a_server_that_does_not_answer(*, silent_first: bool) -> None:
    world = World()
    async with world.running() as one:
        await talk(one, 0, 2)
        other = one.beside()
        other.events = one.events
        one._background.cancel()  # it lives, and says nothing
        async with other.running() as two:
            if silent_first:
                one.leases.fall_silent()
                await two.clock.advance(SILENCE)
            with anyio.fail_after(12):
                async with two.listen.open(REQUEST) as session:
                    assert (session.conversation.transcript.word_count == 2) is silent_first
