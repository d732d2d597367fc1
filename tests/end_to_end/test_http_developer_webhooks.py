"""Addresses of a user's own: kept as the app writes them, called as plugins are."""

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest
from dependency_injector import providers

from adapters.outbound.plugin_gateway.fake import FakePluginGateway
from application.plugins.developer_webhooks import own_plugin
from domain.plugin import Trigger
from tests.support.plugin_server import plugin_server
from tests.support.program import ANNA, BERT, Running, program

BASE = "/v1/users/developer"
OFF = {"audio_bytes": False, "realtime_transcript": False, "memory_created": False, "day_summary": False}


@pytest.fixture
def gateway() -> FakePluginGateway:
    return FakePluginGateway()


@pytest.fixture
async def running(tmp_path: Path, gateway: FakePluginGateway) -> AsyncIterator[Running]:
    async with program(tmp_path, plugin_gateway=providers.Object(gateway)) as running:
        yield running


async def written(running: Running, kind: str, url: str) -> int:
    return (await running.client.post(f"{BASE}/webhook/{kind}", json={"url": url})).status_code


async def test_an_address_is_kept_as_it_was_written_and_turned_on(running: Running) -> None:
    assert (await running.client.get(f"{BASE}/webhook/audio_bytes")).json() == {"url": ""}
    assert (await running.client.get(f"{BASE}/webhooks/status")).json() == OFF
    assert await written(running, "audio_bytes", "https://me.example/a?k=1,5") == 200
    assert (await running.client.get(f"{BASE}/webhook/audio_bytes")).json() == {"url": "https://me.example/a?k=1,5"}
    assert (await running.client.get(f"{BASE}/webhooks/status")).json() == OFF | {"audio_bytes": True}


async def test_it_can_be_turned_off_and_on(running: Running) -> None:
    await written(running, "memory_created", "https://me.example/m")
    for verb, status in (("disable", False), ("enable", True)):
        answer = await running.client.post(f"{BASE}/webhook/memory_created/{verb}")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert (await running.client.get(f"{BASE}/webhooks/status")).json() == OFF | {"memory_created": status}


@pytest.mark.parametrize("empty", ["", ",", ",5"])
async def test_an_empty_address_turns_it_off(running: Running, empty: str) -> None:
    await written(running, "audio_bytes", "https://me.example/a,5")
    assert await written(running, "audio_bytes", empty) == 200
    assert (await running.client.get(f"{BASE}/webhook/audio_bytes")).json() == {"url": ""}
    assert (await running.client.get(f"{BASE}/webhooks/status")).json() == OFF


async def test_what_cannot_be_called_is_refused(running: Running) -> None:
    assert await written(running, "memory_created", "file:///etc/passwd") == 400
    assert await written(running, "memory_created", "https://" + "x" * 3_000) == 400
    assert await written(running, "everything", "https://me.example") == 400


async def test_the_address_of_somebody_else_is_not_seen_and_not_called(
    running: Running, gateway: FakePluginGateway
) -> None:
    await written(running, "memory_created", "https://anna.example/m")
    running.become(BERT)
    assert (await running.client.get(f"{BASE}/webhook/memory_created")).json() == {"url": ""}
    async with running.talking(3, user=BERT):
        await running.client.post("/v2/memories")
    await anyio.sleep(0.2)
    assert gateway.memories == []


async def test_a_new_memory_is_told_to_the_address(running: Running, gateway: FakePluginGateway) -> None:
    await written(running, "memory_created", "https://me.example/m")
    async with running.talking(3):
        memory = (await running.client.post("/v2/memories")).json()["memory"]
    with anyio.fail_after(10):
        while not gateway.memories:
            await anyio.sleep(0.02)
    [(call, told)] = gateway.memories
    assert (call.user, call.address, told.id) == (ANNA, "https://me.example/m", memory["id"])
    assert call.plugin == own_plugin(ANNA, Trigger.MEMORY_CREATION.value)


async def test_words_are_told_to_the_address_while_they_are_said(running: Running, gateway: FakePluginGateway) -> None:
    await written(running, "realtime_transcript", "https://me.example/t")
    async with running.talking(3):
        with anyio.fail_after(10):
            while not gateway.transcripts:
                await anyio.sleep(0.02)
    call, _, segments = gateway.transcripts[0]
    assert call.address == "https://me.example/t"
    assert segments


async def test_an_address_inside_is_never_reached(tmp_path: Path) -> None:
    async with plugin_server() as inside:
        async with program(tmp_path) as running:  # with the gateway of the program
            assert await written(running, "memory_created", inside.url("/m")) == 200
            async with running.talking(2):
                assert (await running.client.post("/v2/memories")).status_code == 200
            with anyio.fail_after(10):
                while not await running.container.job_queue().dead_letters(ANNA):
                    await anyio.sleep(0.02)
        assert inside.connections == 0


async def test_a_deleted_memory_leaves_nothing_of_its_delivery(running: Running, gateway: FakePluginGateway) -> None:
    await written(running, "memory_created", "https://me.example/m")
    async with running.talking(3):
        memory = (await running.client.post("/v2/memories")).json()["memory"]
    with anyio.fail_after(10):
        while not gateway.memories:
            await anyio.sleep(0.02)
    assert (await running.client.delete(f"/v1/conversations/{memory['id']}")).status_code == 204
    assert await running.container.job_queue().dead_letters(ANNA) == ()
