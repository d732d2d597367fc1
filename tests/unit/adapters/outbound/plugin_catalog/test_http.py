from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import msgspec
import pytest
from anyio.abc import ByteStream

from adapters.outbound.clock.manual import ManualClock, settle
from adapters.outbound.plugin_catalog.http import LARGEST, HttpPluginCatalog, HttpPluginCatalogSettings
from domain.ids import PluginId
from ports.diagnosis import Condition
from tests.support.plugin_server import (
    Answer,
    PluginServer,
    Received,
    closes_mid_body,
    floods,
    hangs,
    plugin_server,
    raw,
)

CATALOG = raw(msgspec.json.encode([{"id": "new", "name": "New"}]), headers='ETag: "1"\r\n')


@asynccontextmanager
async def opened(server: PluginServer, clock: ManualClock) -> AsyncIterator[HttpPluginCatalog]:
    settings = HttpPluginCatalogSettings(url=server.url(), timeout=0.3)
    with anyio.fail_after(15):
        async with HttpPluginCatalog(settings, clock=clock) as catalog:
            yield catalog


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def server() -> AsyncIterator[PluginServer]:
    async with plugin_server() as running:
        yield running


async def test_the_plugins_of_the_program_are_there_before_the_first_download(
    server: PluginServer, clock: ManualClock
) -> None:
    server.answers["/hook"] = hangs
    async with opened(server, clock) as catalog:
        assert await catalog.find(PluginId("follow-ups")) is not None
        assert len(await catalog.plugins()) >= 6


async def test_a_download_replaces_them(server: PluginServer, clock: ManualClock) -> None:
    server.answers["/hook"] = CATALOG
    async with opened(server, clock) as catalog:
        await catalog.refresh()
        assert [plugin.id for plugin in await catalog.plugins()] == ["new"]
        assert (await catalog.diagnose()).condition is Condition.WORKING


async def test_looking_at_plugins_downloads_nothing(server: PluginServer, clock: ManualClock) -> None:
    server.answers["/hook"] = CATALOG
    async with opened(server, clock) as catalog:
        await catalog.refresh()
        for _ in range(100):
            await catalog.plugins()
            await catalog.find(PluginId("new"))
    assert len(server.received) == 1


async def test_it_is_asked_for_anew_after_ten_minutes_and_kept_where_nothing_changed(
    server: PluginServer, clock: ManualClock
) -> None:
    server.answers["/hook"] = CATALOG
    async with opened(server, clock) as catalog:
        await catalog.refresh()
        server.answers["/hook"] = raw(b"", status=304)
        await settle()
        await clock.advance(599)
        assert len(server.received) == 1
        await clock.advance(1)
        while len(server.received) < 2:
            await server.arrived.wait()
        await catalog.refresh()
        assert server.received[1].headers["if-none-match"] == '"1"'
        assert [plugin.id for plugin in await catalog.plugins()] == ["new"]
        assert (await catalog.diagnose()).condition is Condition.WORKING


@pytest.mark.parametrize(
    "trouble",
    [
        raw(b"", status=500),
        raw(b"", status=404),
        raw(b"not json"),
        raw(b"{}"),
        raw(b"[]"),
        raw(b'[{"id": 5}]'),
        hangs,
        closes_mid_body,
        floods(LARGEST + 1_000_000),
    ],
)
async def test_the_last_good_catalog_stays_whatever_is_wrong_with_the_next(
    server: PluginServer, clock: ManualClock, trouble: Answer
) -> None:
    server.answers["/hook"] = CATALOG
    async with opened(server, clock) as catalog:
        await catalog.refresh()
        server.answers["/hook"] = trouble
        await catalog.refresh()
        assert [plugin.id for plugin in await catalog.plugins()] == ["new"]
        assert (await catalog.diagnose()).condition is Condition.DEGRADED


async def test_many_who_refresh_at_once_share_one_download(server: PluginServer, clock: ManualClock) -> None:
    may_answer = anyio.Event()

    async def slow(request: Received, client: ByteStream) -> None:
        await may_answer.wait()
        await CATALOG(request, client)

    server.answers["/hook"] = slow
    async with opened(server, clock) as catalog, anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(catalog.refresh)
        await server.arrived.wait()
        may_answer.set()
    assert len(server.received) == 1
