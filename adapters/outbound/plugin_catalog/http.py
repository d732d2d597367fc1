"""A catalog from the network. It is downloaded in the background, and the last good one stays."""

from datetime import datetime
from types import TracebackType
from typing import Annotated, Self

import anyio
import anyio.abc
import anyio.to_thread
import httpx
from msgspec import Meta, Struct

from adapters.outbound.plugin_catalog.catalog_format import read_catalog
from adapters.outbound.plugin_catalog.shelf import Shelf
from adapters.outbound.plugin_catalog.snapshot import SNAPSHOT
from domain.ids import PluginId
from domain.plugin import Plugin
from ports.clock import Clock
from ports.diagnosis import Condition, Diagnosis
from ports.errors import AdapterError, Rejected, TemporarilyUnavailable

LARGEST = 16 * 1024 * 1024
"""Bytes of a catalog."""


class HttpPluginCatalogSettings(Struct, frozen=True, kw_only=True):
    """Where the catalog is."""

    url: str = "https://raw.githubusercontent.com/BasedHardware/omi/main/community-plugins.json"
    lifetime: Annotated[float, Meta(ge=1, le=86_400)] = 600.0
    """Seconds after which it is asked for anew."""
    timeout: Annotated[float, Meta(ge=0.05, le=300)] = 20.0
    """Seconds for one download."""


class HttpPluginCatalog:
    """Begins with the plugins that come with the program, and is replaced by each good download."""

    def __init__(self, settings: HttpPluginCatalogSettings, *, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._shelf = Shelf()
        self._entity_tag = ""
        self._confirmed_at: datetime | None = None
        self._trouble = ""
        self._under_way: anyio.Event | None = None
        self._tasks: anyio.abc.TaskGroup
        self._http: httpx.AsyncClient

    async def __aenter__(self) -> Self:
        self._shelf.fill(await anyio.to_thread.run_sync(_bundled))
        self._http = httpx.AsyncClient(timeout=self._settings.timeout, follow_redirects=True)
        self._tasks = anyio.create_task_group()
        await self._tasks.__aenter__()
        self._tasks.start_soon(self._keep_fresh)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tasks.cancel_scope.cancel()
        await self._tasks.__aexit__(kind, error, trace)
        await self._http.aclose()

    async def plugins(self) -> tuple[Plugin, ...]:
        """All plugins of the last good catalog; waits for nothing."""
        return self._shelf.content

    async def find(self, plugin_id: PluginId) -> Plugin | None:
        """A plugin; None when there is none."""
        return self._shelf.find(plugin_id)

    async def refresh(self) -> None:
        """Downloads the catalog if it has changed. Who comes while that is under way waits for the same download.

        What goes wrong is told by `diagnose`; the last good catalog stays.
        """
        if self._under_way is not None:
            await self._under_way.wait()
            return
        self._under_way = done = anyio.Event()
        try:
            await self._download()
            self._confirmed_at, self._trouble = self._clock.now(), ""
        except AdapterError as error:
            self._trouble = str(error)
        finally:
            self._under_way = None
            done.set()

    async def diagnose(self) -> Diagnosis:
        """Tells how old the catalog is, and what the last download failed of."""
        since = self._confirmed_at.isoformat(timespec="minutes") if self._confirmed_at else "the program was made"
        finding = f"{len(self._shelf.content)} plugins, as of {since}"
        if not self._trouble:
            return Diagnosis(condition=Condition.WORKING, finding=finding)
        remedy = "check the network and OMI_PLUGIN_CATALOG__HTTP__URL"
        return Diagnosis(condition=Condition.DEGRADED, finding=f"{finding}; {self._trouble}", remedy=remedy)

    async def _keep_fresh(self) -> None:
        while True:
            await self.refresh()
            await self._clock.sleep(self._settings.lifetime)

    async def _download(self) -> None:
        headers = {"If-None-Match": self._entity_tag} if self._entity_tag else {}
        try:
            with anyio.fail_after(self._settings.timeout):
                async with self._http.stream("GET", self._settings.url, headers=headers) as answer:
                    if answer.status_code == httpx.codes.NOT_MODIFIED:
                        return
                    content = await _read(answer)
                    tag = answer.headers.get("ETag", "")
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL) as error:
            raise TemporarilyUnavailable(f"the catalog cannot be downloaded: {type(error).__name__}") from error
        plugins = await anyio.to_thread.run_sync(read_catalog, content)
        if not plugins:
            raise Rejected("the catalog that was downloaded holds no plugins")
        self._shelf.fill(plugins)
        self._entity_tag = tag


async def _read(answer: httpx.Response) -> bytes:
    if not answer.is_success:
        raise TemporarilyUnavailable(f"the catalog cannot be downloaded: the server answers {answer.status_code}")
    content = bytearray()
    async for piece in answer.aiter_bytes():
        content += piece
        if len(content) > LARGEST:
            raise Rejected(f"the catalog has more than {LARGEST:,} bytes")
    return bytes(content)


def _bundled() -> tuple[Plugin, ...]:
    return read_catalog(SNAPSHOT.read_bytes())
