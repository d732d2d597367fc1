"""What follows from a memory follows however often it is cut off, and an older understanding undoes no newer one."""

from functools import partial

import anyio
import pytest
from msgspec import structs

from application.jobs.job_lease import LEASE
from application.jobs.run_jobs import JobRun
from application.memories.follow_memory import MOST_UPGRADES, Understood, ask_upgrade_of
from domain.ids import MemoryId
from domain.memory import FactDraft, Memory, MemoryDraft, Structure
from ports.errors import Rejected, TemporarilyUnavailable
from ports.job_queue import ClaimedJob
from tests.support.memories import a_memory, a_segment
from tests.support.world import ANNA, World

KINDS = ("remember_facts", "upgrade_memory")
TEA = FactDraft(content="Drinks green tea every morning")
CHESS = FactDraft(content="Plays chess in the park")


@pytest.fixture
async def world() -> World:
    world = World()
    await world.memories.save(ANNA, degraded())
    return world


def degraded(**more: object) -> Memory:
    return a_memory(segments=(a_segment("I drink green tea."),), degraded=("structure_memory",), **more)


def understood(*facts: FactDraft, memory: Memory) -> Understood:
    return Understood(memory=memory, facts=facts)


async def run_next(world: World) -> JobRun | None:
    claim = await claimed(world)
    return None if claim is None else JobRun(claim, queue=world.queue, steps=await world.queue.recall(claim))


async def claimed(world: World) -> ClaimedJob | None:
    return await world.queue.claim(KINDS, lease=LEASE)


async def remember_next(world: World) -> None:
    run = await run_next(world)
    assert run is not None
    await world.remember_later.remember(run)


async def facts(world: World) -> set[str]:
    return {fact.content for fact in await world.remember_facts.all(ANNA)}


async def test_a_simpler_model_that_finds_less_takes_no_fact_away(world: World) -> None:
    whole = structs.replace(degraded(), degraded=())
    await world.remember_later.hand_in(ANNA, understood(TEA, memory=whole))
    await remember_next(world)
    before = {fact.id for fact in await world.remember_facts.all(ANNA)}
    await world.remember_later.hand_in(ANNA, understood(memory=degraded()))
    await remember_next(world)
    assert {fact.id for fact in await world.remember_facts.all(ANNA)} == before


async def test_the_chosen_model_takes_away_what_it_does_not_find_any_more(world: World) -> None:
    whole = structs.replace(degraded(), degraded=())
    for found in ((TEA,), (CHESS,)):
        await world.remember_later.hand_in(ANNA, understood(*found, memory=whole))
        await remember_next(world)
    assert await facts(world) == {CHESS.content}


async def test_what_an_older_understanding_found_and_nobody_remembered_yet_undoes_no_newer_one(world: World) -> None:
    whole = structs.replace(degraded(), degraded=())
    await world.remember_later.hand_in(ANNA, understood(TEA, memory=whole))
    await world.remember_later.hand_in(ANNA, understood(CHESS, memory=whole))
    await remember_next(world)
    assert await claimed(world) is None
    assert await facts(world) == {CHESS.content}


async def test_two_memories_that_tell_the_same_at_once_make_one_fact(world: World) -> None:
    for name in ("one", "two"):
        memory = a_memory(name, segments=(a_segment("I drink green tea."),))
        await world.memories.save(ANNA, memory)
        await world.remember_later.hand_in(ANNA, understood(TEA, memory=memory))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(remember_next, world)
        tasks.start_soon(remember_next, world)
    assert [fact.content for fact in await world.remember_facts.all(ANNA)] == [TEA.content]


async def test_an_embedder_that_refuses_its_key_keeps_no_memory_from_what_follows(world: World) -> None:
    index, world.recall.index = world.recall.index, refuse  # type: ignore[method-assign, assignment]
    world.model.answers = [MemoryDraft(structure=Structure(title="Tea"), facts=(TEA,))]
    await world.create_memory.reprocess(ANNA, MemoryId("memory"))
    await remember_next(world)
    assert await facts(world) == {TEA.content}
    again = await world.queue.claim(("index_memory",), lease=LEASE)
    assert again is not None
    run = JobRun(again, queue=world.queue, steps={})
    with pytest.raises(TemporarilyUnavailable):
        await world.create_memory.index(run)
    world.recall.index = index  # type: ignore[method-assign]
    await world.create_memory.index(run)
    assert await world.recall.search(ANNA, "tea")


async def refuse(*_: object) -> None:
    raise Rejected("the embedder refused the key")


async def test_facts_of_a_memory_that_is_deleted_meanwhile_do_not_stay(world: World) -> None:
    await world.remember_later.hand_in(ANNA, understood(TEA, memory=degraded()))
    remember = world.remember_facts.remember

    async def slowly(*given: object) -> object:
        await world.memories.delete(ANNA, MemoryId("memory"))
        return await remember(*given)  # type: ignore[arg-type]

    world.remember_facts.remember = slowly  # type: ignore[method-assign, assignment]
    await remember_next(world)
    assert await facts(world) == set()


async def test_an_upgrade_that_is_cut_off_behind_the_change_does_what_follows_in_its_next_attempt(world: World) -> None:
    await ask_upgrade_of(world.queue, ANNA, understood(memory=degraded()), clock=world.clock)
    await world.clock.advance(600)
    draft = MemoryDraft(structure=Structure(title="Tea"), facts=(TEA,))
    world.model.answers = [draft]
    run = await run_next(world)
    assert run is not None
    enqueue, world.queue.enqueue = world.queue.enqueue, fail  # type: ignore[method-assign, assignment]
    with pytest.raises(TemporarilyUnavailable):
        await world.upgrade.upgrade(run)
    world.queue.enqueue = enqueue  # type: ignore[method-assign]
    assert (await world.memories.get(ANNA, MemoryId("memory"))).degraded == ()
    await world.upgrade.upgrade(run)
    await remember_next(world)
    assert await facts(world) == {TEA.content}


async def fail(*_: object, **__: object) -> bool:
    raise TemporarilyUnavailable("the queue is out of reach")


async def test_a_memory_that_becomes_degraded_again_is_upgraded_again(world: World) -> None:
    ask = partial(ask_upgrade_of, world.queue, ANNA, understood(memory=degraded()), clock=world.clock)
    await ask()
    await world.clock.advance(86_400)
    first = await claimed(world)
    assert first is not None
    await world.queue.complete(first)
    await ask()
    await world.clock.advance(86_400)
    assert await claimed(world) is not None


async def test_upgrades_are_asked_for_so_many_times_and_no_more(world: World) -> None:
    for _ in range(MOST_UPGRADES + 5):
        await ask_upgrade_of(world.queue, ANNA, understood(memory=degraded()), clock=world.clock)
    await world.clock.advance(90 * 86_400)
    asked = 0
    while await claimed(world) is not None:
        asked += 1
    assert asked == MOST_UPGRADES
