"""A catalog in a file: the one that comes with the program, or one's own."""

from pathlib import Path
from types import TracebackType
from typing import Self

import anyio.to_thread
from msgspec import Struct

from adapters.outbound.plugin_catalog.catalog_format import read_catalog
from adapters.outbound.plugin_catalog.shelf import Shelf
from adapters.outbound.plugin_catalog.snapshot import SNAPSHOT
from domain.ids import PluginId
from domain.plugin import Plugin
from ports.diagnosis import Condition, Diagnosis
from ports.errors import Rejected


class FilePluginCatalogSettings(Struct, frozen=True, kw_only=True):
    """Which file."""

    path: str = ""
    """A catalog in JSON; empty for the one that comes with the program."""


class FilePluginCatalog:
    """Reads a file when it is opened."""

    def __init__(self, settings: FilePluginCatalogSettings) -> None:
        self._path = Path(settings.path) if settings.path else SNAPSHOT
        self._shelf = Shelf()

    async def __aenter__(self) -> Self:
        self._shelf.fill(await anyio.to_thread.run_sync(self._read))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._shelf.fill(())

    async def plugins(self) -> tuple[Plugin, ...]:
        """All plugins of the file."""
        return self._shelf.content

    async def find(self, plugin_id: PluginId) -> Plugin | None:
        """A plugin; None when there is none."""
        return self._shelf.find(plugin_id)

    async def diagnose(self) -> Diagnosis:
        """Tells how many plugins were read."""
        finding = f"{len(self._shelf.content)} plugins in {self._path.name}"
        return Diagnosis(condition=Condition.WORKING, finding=finding)

    def _read(self) -> tuple[Plugin, ...]:
        try:
            return read_catalog(self._path.read_bytes())
        except OSError as error:
            message = f"{self._path} cannot be read: set OMI_PLUGIN_CATALOG__FILE__PATH to a catalog of plugins"
            raise Rejected(message) from error
