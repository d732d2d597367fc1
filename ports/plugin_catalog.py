"""Which plugins there are."""

from typing import Protocol

from domain.ids import PluginId
from domain.plugin import Plugin


class PluginCatalog(Protocol):
    """Plugins with their descriptions. Answers from what is at hand: nothing is downloaded while somebody waits."""

    async def plugins(self) -> tuple[Plugin, ...]:
        """All plugins in the order of the catalog, deleted and private ones among them. Each id is there once."""
        ...

    async def find(self, plugin_id: PluginId) -> Plugin | None:
        """A plugin; None when there is none."""
        ...
