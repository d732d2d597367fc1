"""What plugins are used for is counted, once each, and nothing of the users is kept."""

from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import anyio
import pytest

from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from adapters.outbound.key_value_store.sqlite import SqliteKeyValueStore
from application.plugins.count_uses import CountUses
from application.plugins.developer_webhooks import own_plugin
from application.plugins.tell_uses import TellUses
from domain.ids import PluginId, UserId
from domain.memory import Memory
from domain.plugin import Plugin, PluginReply, Trigger
from domain.plugin_use import DayUses, UseKind, UseRates
from ports.errors import NotFound, TemporarilyUnavailable
from tests.support.chat_world import PIRATE
from tests.support.memories import NOON, a_memory
from tests.support.plugins import ANNA, PluginScene, a_plugin, a_prompt_plugin

ECHO, HOOK = a_prompt_plugin("echo"), a_plugin("hook", trigger=Trigger.MEMORY_CREATION)
TODAY = NOON.date()


@pytest.fixture
def scene() -> PluginScene:
    scene = PluginScene()
    scene.catalog.content = (ECHO, PIRATE)
    return scene


async def describe(plugin: Plugin, memory: Memory) -> str:
    return f"{plugin.name} of {memory.id}" if memory.id != "dull" else ""


def uses(kind: UseKind, count: int, *, day: date = TODAY) -> DayUses:
    return DayUses(day=day, kind=kind, count=count)


async def test_what_a_prompt_makes_is_counted_once_for_each_memory(scene: PluginScene) -> None:
    await scene.enable(ECHO)
    running = scene.run_plugins(describe)
    for memory in (a_memory("1"), a_memory("2"), a_memory("1"), a_memory("dull"), a_memory("3", discarded=True)):
        await running.results(ANNA, memory)
    assert await scene.uses.of(ECHO.id) == (uses(UseKind.PROMPT, 2),)


async def test_a_memory_that_arrived_is_counted_once_and_one_that_did_not_is_not(scene: PluginScene) -> None:
    await scene.enable(HOOK)
    scene.gateway.replies = [PluginReply(message="Noted, thank you")]
    memory = await scene.keep(a_memory())
    async with scene.working():
        await scene.run_plugins(describe).messages(ANNA, memory, patience=10)
    assert await scene.uses.of(HOOK.id) == (uses(UseKind.DELIVERY, 1),)


class Broken(InMemoryKeyValueStore):
    """A store that takes nothing into its sets."""

    async def add_member(self, key: str, member: str) -> None:
        raise TemporarilyUnavailable(f"out of order: {key}, {member}")


async def test_what_is_not_counted_fails_no_memory(scene: PluginScene) -> None:
    await scene.enable(ECHO)
    scene.uses = CountUses(store=Broken(scene.clock), catalog=scene.catalog)
    assert len(await scene.run_plugins(describe).results(ANNA, a_memory())) == 1
    assert [(failure["plugin"], failure["occasion"]) for failure in scene.failures] == [("echo", "count")]


async def test_somebodys_own_webhooks_are_not_counted(scene: PluginScene) -> None:
    await scene.uses.count(own_plugin(ANNA, "memory_creation"), UseKind.DELIVERY, of="1", at=NOON)
    await scene.uses.count(PluginId("not-there"), UseKind.CHAT, of="1", at=NOON)
    assert await scene.store.keys("") == ()


async def test_days_are_those_of_utc_and_come_in_order(scene: PluginScene) -> None:
    late = datetime.fromisoformat("2026-02-01T01:30:00+02:00")
    for number, moment in enumerate([NOON + timedelta(days=400), late, NOON, NOON]):
        await scene.uses.count(ECHO.id, UseKind.CHAT, of=str(number), at=moment)
    days = [(date(2026, 1, 1), 2), (date(2026, 1, 31), 1), (date(2027, 2, 5), 1)]
    assert await scene.uses.of(ECHO.id) == tuple(uses(UseKind.CHAT, count, day=day) for day, count in days)


async def test_nothing_that_is_kept_names_what_was_used_or_whose_it_was(scene: PluginScene) -> None:
    await scene.uses.count(ECHO.id, UseKind.PROMPT, of="memory-of-anna", at=NOON)
    kept = [key + member for key in await scene.store.keys("") for member in await scene.store.members(key)]
    assert len(kept) == 2
    assert not [one for one in kept if "anna" in one]


async def test_two_servers_count_the_same_use_once_and_no_use_is_lost(tmp_path: Path, scene: PluginScene) -> None:
    stores = [SqliteKeyValueStore(data_dir=tmp_path, clock=scene.clock) for _ in range(2)]
    async with stores[0], stores[1]:
        servers = [CountUses(store=store, catalog=scene.catalog) for store in stores]
        async with anyio.create_task_group() as tasks:
            for number in range(20):
                for server in servers:
                    tasks.start_soon(partial(server.count, ECHO.id, UseKind.CHAT, of=str(number // 2), at=NOON))
        assert sum(day.count for day in await servers[0].of(ECHO.id)) == 10


async def test_uses_are_worth_what_the_rates_say(scene: PluginScene) -> None:
    rates = UseRates(delivery=0.02, prompt=0.01, chat=0.005)
    told = TellUses(catalog=scene.catalog, uses=scene.uses, rates=rates)
    for number in range(3):
        await scene.uses.count(ECHO.id, UseKind.PROMPT, of=str(number), at=NOON + timedelta(days=number % 2))
    await scene.uses.count(ECHO.id, UseKind.CHAT, of="1", at=NOON)
    await scene.uses.count(PIRATE.id, UseKind.CHAT, of="1", at=NOON)
    assert await told.by_day(ANNA, ECHO.id) == {TODAY: 3, TODAY + timedelta(days=1): 1}
    earned = await told.earned(ANNA, ECHO.id)
    assert earned.money == pytest.approx(0.035, abs=0.006)
    assert earned.counts == {UseKind.DELIVERY: 0, UseKind.PROMPT: 3, UseKind.CHAT: 1}


async def test_of_a_plugin_that_is_somebody_elses_nothing_is_told(scene: PluginScene) -> None:
    scene.catalog.content = (a_plugin("own", private=True, owner=ANNA),)
    told = TellUses(catalog=scene.catalog, uses=scene.uses, rates=UseRates())
    assert await told.by_day(ANNA, PluginId("own")) == {}
    with pytest.raises(NotFound):
        await told.by_day(UserId("bert"), PluginId("own"))
    with pytest.raises(NotFound):
        await told.earned(ANNA, PluginId("gone"))
