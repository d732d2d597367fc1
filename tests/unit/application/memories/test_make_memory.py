"""A memory that is made while somebody waits: kept once, and all that follows from it follows, cut off or not."""

from datetime import timedelta

import pytest

from application.jobs.job_lease import LEASE
from application.jobs.run_jobs import JobRun
from application.memories.make_memory import FOLLOW_UP, Telling
from domain.ids import MemoryId
from domain.memory import Memory
from ports.errors import NotFound, TemporarilyUnavailable
from tests.support.memories import a_memory, a_segment
from tests.support.world import ANNA, World

TEA = MemoryId("tea")


def draft() -> Memory:
    return a_memory("tea", segments=(a_segment("We talked about green tea from Japan."),))


class CutOff(Exception):
    """The process ends here."""


async def finish_what_was_left(world: World) -> int:
    await world.clock.advance(timedelta(minutes=2).total_seconds())
    done = 0
    while (claim := await world.queue.claim((FOLLOW_UP,), lease=LEASE)) is not None:
        run = JobRun(claim, queue=world.queue, steps=await world.queue.recall(claim))
        await world.make_memory.follow_up(run)
        await world.queue.complete(claim)
        done += 1
    return done


async def found(world: World) -> list[MemoryId]:
    return [one.memory.id for one in await world.recall.search(ANNA, "green tea")]


@pytest.mark.parametrize("telling", Telling)
async def test_nothing_is_left_to_do_when_it_was_done(telling: Telling) -> None:
    world = World()
    made = await world.make_memory.make(ANNA, draft(), telling=telling)
    assert made.memory == await world.memories.get(ANNA, TEA)
    assert await found(world) == [TEA]
    assert world.plugins.told == ([] if telling is Telling.NEVER else [TEA])
    assert await finish_what_was_left(world) == 0


@pytest.mark.parametrize("telling", Telling)
async def test_what_follows_is_done_by_another_when_it_was_cut_off(
    monkeypatch: pytest.MonkeyPatch, telling: Telling
) -> None:
    world = World()

    async def cut_off(*_: object) -> None:
        raise CutOff

    with monkeypatch.context() as dying:
        dying.setattr(world.create_memory, "settle", cut_off)
        with pytest.raises(CutOff):
            await world.make_memory.make(ANNA, draft(), telling=telling)
    assert await found(world) == []
    assert await finish_what_was_left(world) == 1
    assert await found(world) == [TEA]
    assert world.plugins.told == ([] if telling is Telling.NEVER else [TEA])


async def test_of_what_was_never_kept_nothing_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()

    async def fails(*_: object) -> None:
        raise TemporarilyUnavailable("no room")

    with monkeypatch.context() as full:
        full.setattr(world.memories, "save", fails)
        with pytest.raises(TemporarilyUnavailable):
            await world.make_memory.make(ANNA, draft())
    assert await finish_what_was_left(world) == 1
    assert (await found(world), world.plugins.told) == ([], [])
    with pytest.raises(NotFound):
        await world.memories.get(ANNA, TEA)
