"""How often plugins were used, over the whole program."""

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from adapters.outbound.plugin_catalog.memory import InMemoryPluginCatalog
from adapters.outbound.plugin_gateway.fake import FakePluginGateway
from domain.plugin import Trigger
from tests.support.chat_world import PIRATE
from tests.support.plugins import a_plugin
from tests.support.program import ANNA, BERT, Running, program

HOOK = a_plugin("hook", trigger=Trigger.MEMORY_CREATION)
SAID = {"text": "We need a new fence.", "start": 0.0, "end": 2.0, "is_user": False, "speaker": "SPEAKER_00"}


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    catalog = InMemoryPluginCatalog()
    catalog.content = (HOOK, PIRATE)
    async with program(tmp_path, plugin_catalog=catalog, plugin_gateway=FakePluginGateway()) as running:
        yield running


async def told(running: Running, plugin: str) -> tuple[list[int], dict[str, float]]:
    usage = (await running.client.get(f"/v1/plugins/{plugin}/usage")).json()
    money = (await running.client.get(f"/v1/plugins/{plugin}/money")).json()
    assert [day["date"] for day in usage] == sorted(day["date"] for day in usage)
    return [day["count"] for day in usage], money


async def test_messages_and_memories_are_counted_for_everybody_to_see(running: Running) -> None:
    assert await told(running, "pirate") == ([], {"money": 0.0, "type1": 0, "type2": 0, "type3": 0})
    await running.client.post("/v1/messages", params={"plugin_id": "pirate"}, json={"text": "Ahoy?"})
    await running.client.post("/v1/messages", json={"text": "And you?"})
    await running.client.post("/v1/initial-message", params={"plugin_id": "pirate"})
    await running.client.post("/v1/plugins/enable", params={"plugin_id": "hook"})
    made = await running.client.post(
        "/v1/memories", params={"trigger_integrations": True}, json={"transcript_segments": [SAID]}
    )
    assert made.status_code == 200
    running.become(BERT)
    assert await told(running, "pirate") == ([1], {"money": 0.0, "type1": 0, "type2": 0, "type3": 1})
    with anyio.fail_after(10):
        while (await told(running, "hook"))[1]["type1"] != 1:
            await anyio.sleep(0.02)


async def test_counts_stay_when_a_user_goes_and_nothing_of_the_user_does(running: Running) -> None:
    await running.client.post("/v1/messages", params={"plugin_id": "pirate"}, json={"text": "Ahoy?"})
    assert (await running.client.delete("/v1/users/delete-account")).status_code == 200
    store = running.container.key_value_store()
    with anyio.fail_after(10):
        while await store.keys(f"users:{ANNA}:"):
            await anyio.sleep(0.02)
    running.become(BERT)
    assert (await told(running, "pirate"))[0] == [1]
    assert not [key for key in await store.keys("plugins:") if ANNA in key]


async def test_of_a_plugin_that_there_is_not_nothing_is_told(running: Running) -> None:
    for what in ("usage", "money"):
        assert (await running.client.get(f"/v1/plugins/not-there/{what}")).status_code == 404
