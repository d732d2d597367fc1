"""A conversation that its user threw away becomes no memory, whatever happens on the way there."""

from domain.ids import MemoryId
from tests.support.talk import memories, play, speech, words
from tests.support.world import ANNA, REQUEST, World


async def crashed_after_three_words(world: World) -> World:
    """The next process, and what lies there for it."""
    async with world.running(), world.listen.open(REQUEST) as session:
        await play(world, session, speech(0, 3) + bytes(24_000))
        return world.restarted()


async def later_memories(world: World) -> list[list[str]]:
    """What becomes of what was said, when its user has not come back for long."""
    async with world.running():
        for _ in range(30):
            await world.clock.advance(10)
        return await memories(world)


async def test_after_a_crash_a_memory_is_made() -> None:
    assert await later_memories(await crashed_after_three_words(World())) == [words(0, 3)]


async def test_after_a_crash_no_memory_is_made_of_what_was_thrown_away() -> None:
    world = await crashed_after_three_words(World())
    [conversation] = await world.journal.conversations()
    await world.deleted.note(ANNA, MemoryId(conversation))
    assert await later_memories(world) == []
    assert await world.journal.conversations() == ()


async def test_what_is_said_in_the_next_one_is_kept() -> None:
    async with World().running() as world, world.listen.open(REQUEST) as session:
        await play(world, session, speech(0, 3) + bytes(24_000))
        await world.in_progress.clear(ANNA)
        await play(world, session, speech(10, 4) + bytes(24_000))
        await session.end_conversation()
        assert await memories(world) == [words(10, 4)]
