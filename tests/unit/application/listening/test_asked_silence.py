"""A client may have its conversation outlast more silence than the rule; so it does over cuts, crashes and servers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from msgspec import structs

from adapters.outbound.clock.manual import settle
from application.listening.conversation_records import Connected
from application.listening.listening_session import ListeningSession
from domain.session import SessionRequest
from tests.support.talk import memories, play, speech, words
from tests.support.world import PCM, REQUEST, World

PATIENT = structs.replace(REQUEST, silence=600.0)
TAIL = bytes(24_000)


@asynccontextmanager
async def session_of(world: World, request: SessionRequest = PATIENT) -> AsyncIterator[ListeningSession]:
    async with world.listen.open(request) as session:
        yield session
        await session.drain()


async def talk(world: World, first: int, count: int, *, request: SessionRequest = PATIENT) -> None:
    async with session_of(world, request) as session:
        await play(world, session, speech(first, count) + TAIL)


async def pass_by(world: World, seconds: int) -> None:
    for _ in range(seconds // 20):
        await world.clock.advance(20)


async def test_a_conversation_lasts_as_long_as_its_client_asked_for() -> None:
    async with World().running() as world, session_of(world) as session:
        await play(world, session, speech(0, 3) + TAIL)
        await pass_by(world, 560)
        assert await memories(world) == []
        await play(world, session, speech(3, 3) + TAIL)
        await pass_by(world, 620)
        assert await memories(world) == [words(0, 6)]


async def test_a_client_that_comes_back_within_its_silence_goes_on() -> None:
    async with World().running() as world:
        await talk(world, 0, 3)
        await pass_by(world, 500)
        await talk(world, 3, 3)
        await pass_by(world, 620)
        assert await memories(world) == [words(0, 6)]


async def test_it_is_finished_after_its_silence_where_nobody_comes_back() -> None:
    async with World().running() as world:
        await talk(world, 0, 3)
        await pass_by(world, 580)
        assert await memories(world) == []
        await pass_by(world, 40)
        assert await memories(world) == [words(0, 3)]


async def test_the_client_that_came_last_is_asked() -> None:
    async with World().running() as world:
        await talk(world, 0, 3)
        await talk(world, 3, 3, request=REQUEST)
        await pass_by(world, 140)
        assert await memories(world) == [words(0, 6)]


async def test_less_than_the_rule_changes_nothing() -> None:
    async with World().running() as world:
        await talk(world, 0, 3, request=structs.replace(REQUEST, silence=1.0))
        await pass_by(world, 100)
        assert await memories(world) == []


async def test_the_next_conversation_of_a_session_is_as_patient() -> None:
    async with World().running() as world:
        async with session_of(world) as session:
            await play(world, session, speech(0, 3) + TAIL)
            await session.end_conversation()
            await play(world, session, speech(3, 3) + TAIL)
        await pass_by(world, 500)
        assert await memories(world) == [words(0, 3)]
        after = world.restarted()
        async with after.running():
            await settle(200)
            [live] = after.conversations.open
            assert live.silence == 600.0


async def test_it_lasts_as_long_after_a_crash() -> None:
    async with World().running() as world:
        async with world.listen.open(PATIENT) as session:
            await play(world, session, speech(0, 3) + TAIL)
            after = world.restarted()
        async with after.running():
            await pass_by(after, 500)
            assert await memories(after) == []
            await talk(after, 3, 3)
            await pass_by(after, 620)
            assert await memories(after) == [words(0, 6)]


async def test_it_lasts_as_long_at_another_server() -> None:
    world = World()
    async with world.running() as one, world.beside().running() as two:
        await talk(one, 0, 3)
        await one.conversations.let_go(one.conversations.open[0])
        await pass_by(one, 500)
        await talk(two, 3, 3)
        [live] = two.conversations.open
        assert (live.transcript.word_count, live.silence) == (6, 600.0)
        assert await memories(two) == []


def test_a_journal_of_before_goes_by_the_rule() -> None:
    before = {"audio": msgspec.to_builtins(PCM), "position": 7}
    assert msgspec.convert(before, Connected).silence is None
