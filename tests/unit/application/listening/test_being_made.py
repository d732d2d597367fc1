"""What was said in a conversation is shown until its memory is there."""

from collections.abc import AsyncIterator

import anyio
import pytest

from adapters.outbound.clock.manual import settle
from application.listening import being_made
from application.listening.being_made import BeingMade
from domain.errors import MemoryNotFound
from domain.ids import ConversationId, JobId, MemoryId, PersonId, UserId
from domain.memory import Memory, MemoryStatus
from ports.errors import Rejected, TemporarilyUnavailable
from ports.memory_repository import MemoryQuery
from tests.support.talk import memories, play, said, speech, words
from tests.support.world import ANNA, REQUEST, World

SHOWN = MemoryQuery(statuses=(MemoryStatus.PROCESSING, MemoryStatus.FAILED))


class Held:
    """A model that understands nothing until it is let."""

    def __init__(self, world: World, error: Exception | None = None) -> None:
        self.let = anyio.Event()
        self.asked = anyio.Event()
        understand = world.create_memory._understand.understand

        async def hold(user: UserId, memory: Memory) -> object:
            self.asked.set()
            if error is not None:
                raise error
            await self.let.wait()
            return await understand(user, memory)

        world.create_memory._understand.understand = hold  # type: ignore[assignment,method-assign]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World().running() as world:
        yield world


async def end(world: World) -> MemoryId:
    """A conversation that is over."""
    async with world.listen.open(REQUEST) as session:
        await play(world, session, speech(0, 4) + bytes(24_000))
        conversation = session.conversation.id
        await session.end_conversation()
        await session.drain()
    return MemoryId(conversation)


async def test_a_memory_that_is_being_made_is_shown_with_what_was_said(world: World) -> None:
    held = Held(world)
    memory_id = await end(world)
    await held.asked.wait()
    [shown] = (await world.manage.list(ANNA, SHOWN)).memories
    assert (shown.id, shown.status, said(shown)) == (memory_id, MemoryStatus.PROCESSING, words(0, 4))
    assert await world.manage.get(ANNA, memory_id) == shown
    held.let.set()
    assert await memories(world) == [words(0, 4)]
    assert (await world.manage.list(ANNA, SHOWN)).memories == ()
    assert (await world.manage.get(ANNA, memory_id)).status is MemoryStatus.COMPLETED


async def test_it_is_shown_with_who_spoke_also_after_a_crash(world: World) -> None:
    bob = PersonId("bob")
    world.known_voices.known_numbers = {bob: 2}
    held = Held(world)
    async with world.listen.open(REQUEST) as session:
        await play(world, session, speech(200, 8) + bytes(64_000))
        await session.end_conversation()
        await session.drain()
    await held.asked.wait()
    assert {one.person_id for one in (await named(world).of(ANNA))[0].segments} == {bob}
    next_one = world.restarted()
    Held(next_one)
    async with next_one.running():
        await settle(200)
        assert {one.person_id for one in (await named(next_one).of(ANNA))[0].segments} == {bob}


def named(world: World) -> BeingMade:
    """With who can tell whose voices were heard."""
    world.being_made._speakers = world.identify_speakers
    return world.being_made


async def test_it_is_listed_only_where_it_is_asked_for_and_to_its_user_alone(world: World) -> None:
    held = Held(world)
    memory_id = await end(world)
    await held.asked.wait()
    assert (await world.manage.list(ANNA, MemoryQuery())).memories == ()
    assert (await world.manage.list(ANNA, MemoryQuery(statuses=(MemoryStatus.IN_PROGRESS,)))).memories == ()
    bert = UserId("bert")
    assert (await world.manage.list(bert, SHOWN)).memories == ()
    with pytest.raises(MemoryNotFound):
        await world.manage.get(bert, memory_id)


async def test_it_is_shown_after_a_crash(world: World) -> None:
    held = Held(world)
    memory_id = await end(world)
    await held.asked.wait()
    next_one = world.restarted()
    Held(next_one)
    async with next_one.running():
        await settle(200)
        [shown] = (await next_one.manage.list(ANNA, SHOWN)).memories
        assert (shown.id, said(shown)) == (memory_id, words(0, 4))


async def test_what_was_made_before_a_crash_is_not_being_made(world: World) -> None:
    await end(world)
    assert len(await memories(world)) == 1
    next_one = world.restarted()
    async with next_one.running():
        await settle(200)
        assert (await next_one.manage.list(ANNA, SHOWN)).memories == ()


async def test_what_was_given_up_is_shown_as_failed(world: World) -> None:
    Held(world, error=Rejected("no"))
    memory_id = await end(world)
    await settle(400)
    [shown] = (await world.manage.list(ANNA, SHOWN)).memories
    assert (shown.id, shown.status) == (memory_id, MemoryStatus.FAILED)
    assert (await world.manage.list(ANNA, MemoryQuery(statuses=(MemoryStatus.PROCESSING,)))).memories == ()


async def test_what_is_tried_again_is_still_being_made(world: World) -> None:
    Held(world, error=TemporarilyUnavailable("not now"))
    await end(world)
    await settle(400)
    [shown] = (await world.manage.list(ANNA, SHOWN)).memories
    assert shown.status is MemoryStatus.PROCESSING


async def test_what_is_deleted_while_it_is_being_made_is_gone_for_good(world: World) -> None:
    held = Held(world)
    memory_id = await end(world)
    await held.asked.wait()
    await world.manage.delete(ANNA, memory_id)
    held.let.set()
    assert await memories(world) == []
    assert (await world.manage.list(ANNA, SHOWN)).memories == ()


async def test_one_that_has_ended_and_is_not_heard_to_its_end_is_being_made(world: World) -> None:
    async with world.listen.open(REQUEST) as session:
        await play(world, session, speech(0, 4))
        live = session.conversation
        world.conversations.end(live, at=live.ledger.end)
        [shown] = await world.in_progress.of(ANNA)
        assert shown.status is MemoryStatus.PROCESSING


async def test_a_user_who_makes_many_and_many_users_do_not_fill_the_memory(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = BeingMade(journal=world.journal, memories=world.memories, jobs=world.queue)
    monkeypatch.setattr(being_made, "MOST_USERS", 3)
    for user in range(5):
        for number in range(30):
            made.add(UserId(str(user)), ConversationId(str(number)), JobId(str(number)))
    assert [len(own) for own in made._handed_in.values()] == [20, 20, 20]
