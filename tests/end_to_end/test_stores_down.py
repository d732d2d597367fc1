"""A store that is out of order for a minute loses nothing: work waits, and is done when it is back. All counted."""

from typing import Any

import anyio
import pytest

from adapters.outbound.clock.manual import settle
from domain import watermark
from domain.ids import MemoryId
from domain.memory import Memory
from ports.errors import TemporarilyUnavailable
from ports.memory_repository import MemoryQuery
from tests.support.world import ANNA, REQUEST, World
from tests.unit.application.listening.test_listen import play, said, words

DOWN = 60.0
"""Seconds."""
TALKS = 6
"""Conversations: one before, four that end while the store is down, one after."""
SOON = 20 * 60.0
"""Seconds in which all that waited is done."""
EACH = 8
"""Words of each."""
CLOUD = {
    "Firestore": ("memories", "people", "facts"),
    "Redis": ("values", "queue"),
    "vectors": ("vectors",),
    "words to search": ("texts",),
    "objects": ("objects",),
    "everything": ("memories", "people", "facts", "values", "queue", "vectors", "texts", "objects"),
}


class Outage:
    """Whether stores answer, and how often they did not."""

    def __init__(self) -> None:
        self.is_on = False
        self.refused = 0

    def over(self, store: Any) -> Any:
        return _Weak(store, self)

    def check(self) -> None:
        if self.is_on:
            self.refused += 1
            raise TemporarilyUnavailable("down for a minute")


class _Weak:
    """A store that works while there is no outage. Waiting for work is no question to it."""

    def __init__(self, store: Any, outage: Outage) -> None:
        self._store = store
        self._outage = outage

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if not callable(found) or name.startswith("_"):
            return found

        async def ask(*given: Any, **named: Any) -> Any:
            await anyio.lowlevel.checkpoint()
            self._outage.check()
            return await found(*given, **named)

        return found if name == "wait" else ask


def weakened(names: tuple[str, ...], outage: Outage) -> World:
    world = World()
    for name in names:
        setattr(world, name, outage.over(getattr(world, name)))
    return world.restarted()


async def converse(world: World, number: int) -> None:
    """Somebody says a few words and ends the conversation, as a device asks for it."""
    async with world.listen.open(REQUEST) as session, anyio.create_task_group() as tasks:
        tasks.start_soon(session.end_when_asked)
        await play(world, session, watermark.speech(number * EACH, EACH, pause=0))
        mine = session.conversation
        session.ask_to_end()
        with anyio.fail_after(10):
            while session.conversation is mine:
                await anyio.sleep(0.01)
        await settle(200)
        tasks.cancel_scope.cancel()


async def made(world: World) -> dict[MemoryId, Memory]:
    page = await world.memories.page(ANNA, MemoryQuery(limit=100))
    return {memory.id: memory for memory in page.memories}


@pytest.mark.parametrize("stores", CLOUD)
async def test_a_minute_without_a_store_loses_nothing(stores: str) -> None:
    outage = Outage()
    world = weakened(CLOUD[stores], outage)
    async with world.running():
        await world.recordings.permit(ANNA)
        await converse(world, 0)
        await world.clock.advance(60)
        assert len(await made(world)) == 1
        outage.is_on, began = True, world.clock.monotonic()
        for number in range(1, TALKS - 1):
            await converse(world, number)
        await world.clock.advance(max(0.0, began + DOWN - world.clock.monotonic()))
        assert outage.refused, "nobody noticed"
        outage.is_on = False
        await converse(world, TALKS - 1)
        await world.clock.advance(SOON)
        await settle(400)
        memories = await made(world)
        assert sorted(said(memory) for memory in memories.values()) == sorted(
            words(number * EACH, EACH) for number in range(TALKS)
        )
        assert await world.queue.dead_letters() == ()
        for memory in memories.values():
            assert memory.has_recording
            assert await world.recordings.read(ANNA, memory.id, start=0, end=16_000) is not None
            found = await world.recall.search(ANNA, said(memory)[0])
            assert memory.id in {one.memory.id for one in found}
            assert {hit.memory_id for hit in await world.texts.search(ANNA, said(memory)[0])} == {memory.id}
        assert sorted(world.plugins.told) == sorted(memories)
