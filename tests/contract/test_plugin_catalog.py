"""What every catalog of plugins does."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import msgspec
import pytest
from msgspec import Struct

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.plugin_catalog.catalog_format import read_catalog
from adapters.outbound.plugin_catalog.file import FilePluginCatalog, FilePluginCatalogSettings
from adapters.outbound.plugin_catalog.http import HttpPluginCatalog, HttpPluginCatalogSettings
from adapters.outbound.plugin_catalog.memory import InMemoryPluginCatalog
from domain.ids import PluginId
from domain.plugin import Capability
from ports.plugin_catalog import PluginCatalog
from tests.contract.harness import Harness, over
from tests.support.plugin_server import plugin_server, raw

CONTENT = msgspec.json.encode(
    [
        {"id": "second", "name": "Second", "capabilities": ["memories"], "memory_prompt": "Sum up", "unknown": {}},
        {"id": "first", "name": "First", "deleted": True},
        {"id": "second", "name": "Second again"},
        {"id": "ours", "name": "Ours", "private": True, "uid": "anna"},
    ]
)


class Filled(Struct, frozen=True):
    """A catalog, and a way to wait until it holds CONTENT."""

    catalog: PluginCatalog
    ready: Callable[[], Awaitable[None]] = anyio.lowlevel.checkpoint


@asynccontextmanager
async def file(folder: Path) -> AsyncIterator[Filled]:
    (folder / "plugins.json").write_bytes(CONTENT)
    async with FilePluginCatalog(FilePluginCatalogSettings(path=str(folder / "plugins.json"))) as catalog:
        yield Filled(catalog)


@asynccontextmanager
async def http(_: Path) -> AsyncIterator[Filled]:
    async with plugin_server() as server:
        server.answers["/hook"] = raw(CONTENT)
        settings = HttpPluginCatalogSettings(url=server.url())
        async with HttpPluginCatalog(settings, clock=ManualClock()) as catalog:
            yield Filled(catalog, catalog.refresh)


@asynccontextmanager
async def memory(_: Path) -> AsyncIterator[Filled]:
    catalog = InMemoryPluginCatalog()
    catalog.content = read_catalog(CONTENT)
    yield Filled(catalog)


HARNESSES: dict[str, Harness[Filled]] = {"file": file, "http": http, "memory": memory}


@pytest.fixture(params=over("plugin_catalog", HARNESSES))
async def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[PluginCatalog]:
    async with request.param(tmp_path) as filled:
        with anyio.fail_after(10):
            await filled.ready()
        yield filled.catalog


async def test_plugins_come_in_the_order_of_the_catalog_each_once(catalog: PluginCatalog) -> None:
    assert [plugin.id for plugin in await catalog.plugins()] == ["second", "first", "ours"]


async def test_a_plugin_is_found_by_its_id(catalog: PluginCatalog) -> None:
    plugin = await catalog.find(PluginId("second"))
    assert plugin is not None
    assert (plugin.name, plugin.memory_prompt) == ("Second", "Sum up")
    assert plugin.capabilities == {Capability.MEMORIES}


async def test_there_is_no_plugin_of_an_unknown_id(catalog: PluginCatalog) -> None:
    assert await catalog.find(PluginId("third")) is None
    assert await catalog.find(PluginId("")) is None


async def test_deleted_and_private_plugins_say_that_they_are(catalog: PluginCatalog) -> None:
    first, ours = [await catalog.find(PluginId(name)) for name in ("first", "ours")]
    assert first is not None
    assert first.deleted
    assert ours is not None
    assert (ours.private, ours.owner) == (True, "anna")


async def test_many_ask_at_once_and_get_the_same(catalog: PluginCatalog) -> None:
    answers: list[int] = []

    async def ask() -> None:
        answers.append(len(await catalog.plugins()))

    async with anyio.create_task_group() as tasks:
        for _ in range(50):
            tasks.start_soon(ask)
    assert answers == [3] * 50
