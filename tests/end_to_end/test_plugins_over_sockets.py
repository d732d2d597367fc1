"""Plugins behind real sockets: most of them well, some of them not."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import anyio
import pytest

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.clock.system import SystemClock
from adapters.outbound.plugin_gateway.http import HttpPluginGateway, HttpPluginGatewaySettings
from domain.plugin import Trigger
from tests.support.memories import a_memory, a_segment
from tests.support.plugin_server import (
    Answer,
    PluginServer,
    closes_mid_body,
    floods,
    hangs,
    plugin_server,
    raw,
    says,
)
from tests.support.plugins import ANNA, PluginScene, a_plugin

PATIENCE = 1.0
"""Seconds that a plugin has."""
WELL = 20


@pytest.fixture
async def servers() -> AsyncIterator[list[PluginServer]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(plugin_server()) for _ in range(3)]


async def enabled(scene: PluginScene, server: PluginServer, trigger: Trigger, answers: dict[str, Answer]) -> None:
    server.answers |= {f"/{name}": answer for name, answer in answers.items()}
    await scene.enable(*(a_plugin(name, trigger=trigger, url=server.url(f"/{name}")) for name in answers))


def gateway(folder: Path, *servers: PluginServer) -> HttpPluginGateway:
    settings = HttpPluginGatewaySettings(
        allowed=",".join(server.place for server in servers), live_timeout=PATIENCE, memory_timeout=PATIENCE
    )
    return HttpPluginGateway(settings, data_dir=folder, clock=ManualClock())


async def test_one_of_many_plugins_that_hangs_keeps_no_other_from_a_memory(
    tmp_path: Path, servers: list[PluginServer]
) -> None:
    server, inside, _ = servers
    async with gateway(tmp_path, server) as ready:
        scene = PluginScene(gateway=ready, clock=SystemClock())
        bad: dict[str, Answer] = {
            "hangs": hangs,
            "redirects": raw(b"", status=302, headers=f"Location: {inside.url()}\r\n"),
            "floods": floods(10 * 1024 * 1024),
            "breaks": closes_mid_body,
        }
        well = {f"well-{number:02d}": says({"message": f"{number} has it"}) for number in range(WELL)}
        await enabled(scene, server, Trigger.MEMORY_CREATION, bad | well)
        memory = await scene.keep(a_memory())
        started = anyio.current_time()
        async with scene.working():
            messages = await scene.deliveries.told(ANNA, memory, patience=10)
        took = anyio.current_time() - started
    assert {message.text for message in messages} == {f"{number} has it" for number in range(WELL)}
    assert took < 3 * PATIENCE
    assert inside.connections == 0
    assert {failure["job_id"] for failure in scene.job_failures} != set()


async def test_a_plugin_that_hangs_delays_live_words_of_no_other(tmp_path: Path, servers: list[PluginServer]) -> None:
    server, _, _ = servers
    async with gateway(tmp_path, server) as ready:
        scene = PluginScene(gateway=ready)
        await enabled(
            scene, server, Trigger.TRANSCRIPT_PROCESSED, {"hangs": hangs, "well": says({"message": "I hear"})}
        )
        async with scene.working():
            started = anyio.current_time()
            scene.live.offer(ANNA, "talk", [a_segment("one")])
            assert anyio.current_time() - started < 0.01
            await scene.clock.advance(1)
            while not scene.notifier.sent:
                await anyio.sleep(0.005)
            assert anyio.current_time() - started < PATIENCE
        told = next(request for request in server.received if request.path == "/well")
        assert told.json["session_id"] == "talk"
        assert [notification.body for _, notification in scene.notifier.sent] == ["I hear"]
