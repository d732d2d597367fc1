"""What a client calls its conversation is kept with it, and leads back to it."""

from collections.abc import AsyncIterator

import anyio
import pytest
from msgspec import structs

from adapters.outbound.clock.manual import settle
from domain.conversation_marks import ConversationMarks
from domain.memory import Memory
from domain.session import SessionRequest
from ports.memory_repository import MemoryQuery
from tests.support.talk import memories, play, speech, words
from tests.support.world import ANNA, REQUEST, World

TAIL = bytes(24_000)
GIVEN = ConversationMarks(client_conversation_id="a", call_id="1", conversation_role="call")


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World().running() as world:
        yield world


def called(**marks: str) -> SessionRequest:
    return structs.replace(REQUEST, marks=ConversationMarks(**marks))


async def talk(world: World, first: int, *, request: SessionRequest) -> None:
    async with world.listen.open(request) as session:
        await play(world, session, speech(first, 3) + TAIL)
        await session.drain()


async def kept(world: World) -> list[Memory]:
    for _ in range(8):
        await world.clock.advance(20)
    await settle(400)
    page = await world.memories.page(ANNA, MemoryQuery())
    return sorted(page.memories, key=lambda memory: memory.started_at or memory.created_at)


async def test_what_a_client_calls_its_conversation_is_kept_with_it(world: World) -> None:
    await talk(world, 0, request=structs.replace(REQUEST, marks=GIVEN))
    [memory] = await kept(world)
    assert memory.external == {"client_conversation_id": "a", "call_id": "1", "conversation_role": "call"}


async def test_a_client_that_gives_no_names_leaves_none(world: World) -> None:
    await talk(world, 0, request=REQUEST)
    [memory] = await kept(world)
    assert memory.external is None


async def test_it_is_kept_over_a_crash_also_where_it_was_given_late(world: World) -> None:
    await talk(world, 0, request=REQUEST)
    await talk(world, 3, request=structs.replace(REQUEST, marks=GIVEN))
    after = world.restarted()
    async with after.running():
        await settle(200)
        [live] = after.conversations.open
        assert live.marks == GIVEN
        [memory] = await kept(after)
        assert memory.external == GIVEN.told()


async def test_another_name_begins_another_conversation_and_each_name_leads_back_to_its_own(world: World) -> None:
    await talk(world, 0, request=called(client_conversation_id="a"))
    await talk(world, 10, request=called(client_conversation_id="b"))
    await talk(world, 3, request=called(client_conversation_id="a"))
    await kept(world)
    assert await memories(world) == [words(0, 6), words(10, 3)]


async def test_who_names_none_goes_on_with_the_newest(world: World) -> None:
    await talk(world, 0, request=called(client_conversation_id="a"))
    await talk(world, 3, request=REQUEST)
    await kept(world)
    assert await memories(world) == [words(0, 6)]


async def test_the_same_name_takes_a_conversation_over_from_a_socket_that_still_looks_open(world: World) -> None:
    request = called(client_conversation_id="a")
    async with world.listen.open(request) as old:
        await play(world, old, speech(0, 3) + TAIL)

        async def let_go() -> None:
            await old.taken_over.wait()
            old.stop()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(let_go)
            async with world.listen.open(request) as new:
                assert new.conversation is old.conversation


async def test_the_next_conversation_of_a_socket_has_another_name_and_the_same_call(world: World) -> None:
    async with world.listen.open(structs.replace(REQUEST, marks=GIVEN)) as session:
        await play(world, session, speech(0, 3) + TAIL)
        await session.end_conversation()
        await play(world, session, speech(3, 3) + TAIL)
        await session.drain()
    first, second = await kept(world)
    assert first.external == GIVEN.told()
    assert second.external == {"call_id": "1", "conversation_role": "call"}
