"""A day in the life: eight hours, forty conversations, a bad network, and a server that crashes twice."""

import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from msgspec import Struct

from tests.support.listen_client import words_of
from tests.support.omi_app.day import HOURS, Talk, talks, verdict
from tests.support.omi_app.home import Home
from tests.support.omi_app.wearer import Wearer
from tests.support.threads_in_step import threads_in_step
from tests.support.virtual_time import LoopClock, in_virtual_time

CONVERSATIONS, CUTS, RESTARTS, SWITCHES, CRASHES = 40, 25, 6, 8, 2


class Incident(Struct, frozen=True):
    """Something that happens at a moment of the day."""

    at: float
    happens: Callable[[], Awaitable[None]]


def incidents(home: Home, wearer: Wearer, all_talks: list[Talk], *, seed: int) -> list[Incident]:
    """All that goes wrong and all that is changed, each in or shortly after another conversation, or between two."""
    chance = random.Random(seed)
    planned: list[Incident] = []

    async def cut() -> None:
        how = chance.choice([wearer.fades, wearer.breaks])
        await wearer.lose_network(seconds=chance.uniform(2, 40), how=how)

    async def restart() -> None:
        await wearer.restart_app(seconds=chance.uniform(2, 20))

    async def crash() -> None:
        await home.crash()
        await anyio.sleep(chance.uniform(3, 20))
        await home.start()

    def plan(count: int, happens: Callable[[], Awaitable[None]], *, among: list[Talk]) -> None:
        chosen = chance.sample(among, count)
        planned.extend(Incident(chance.uniform(talk.start, talk.end + 10), happens) for talk in chosen)

    plan(CUTS - 5, cut, among=all_talks)
    planned.extend(Incident(talk.end + chance.uniform(15, 150), cut) for talk in chance.sample(all_talks, 5))
    plan(RESTARTS, restart, among=all_talks)
    plan(SWITCHES, wearer.switch_phone, among=all_talks)
    plan(SWITCHES, wearer.switch_device, among=all_talks)
    plan(CRASHES - 1, crash, among=all_talks)
    planned.append(Incident(all_talks[20].end + 125, crash))  # while its memory is made
    return sorted(planned, key=lambda incident: incident.at)


async def lived(folder: Path, *, seed: int) -> tuple[Wearer, list[Talk], list[dict[str, Any]]]:
    """The wearer, what was said, and the memories that the app lists in the evening."""
    clock = LoopClock()
    all_talks = talks(CONVERSATIONS, seed=seed)
    async with anyio.create_task_group() as tasks:
        home = Home(folder, clock=clock, tasks=tasks)
        await home.start()
        wearer = Wearer(home, clock=clock, tasks=tasks, seed=seed)

        async def trouble() -> None:
            for incident in incidents(home, wearer, all_talks, seed=seed):
                await clock.sleep(incident.at - clock.monotonic())
                await incident.happens()

        tasks.start_soon(trouble)
        for talk in all_talks:
            await wearer.follow(talk)
        await anyio.sleep(HOURS * 3600 + 600 - clock.monotonic())
        memories = await wearer.rest.ask("GET /v1/memories", query={"limit": 200, "offset": 0})
        tasks.cancel_scope.cancel()
    return wearer, all_talks, memories


@pytest.mark.timeout(180)
@pytest.mark.filterwarnings(  # only this loop minds; a journal may be read in part
    "ignore:Exception ignored in. <async_generator object:pytest.PytestUnraisableExceptionWarning"
)
def test_forty_conversations_of_a_day_are_forty_memories(tmp_path: Path) -> None:
    with threads_in_step():
        wearer, all_talks, memories = in_virtual_time(lambda: lived(tmp_path, seed=1))
    assert (wearer.cuts, wearer.restarts, wearer.phone_switches, wearer.device_switches) == (
        CUTS,
        RESTARTS,
        SWITCHES,
        SWITCHES,
    )
    assert wearer.tokens.count >= HOURS - 1
    assert verdict(all_talks, [words_of(memory) for memory in memories], wearer.heard) == []
