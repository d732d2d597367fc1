"""A catalog that a test fills."""

from domain.ids import PluginId
from domain.plugin import Plugin


class InMemoryPluginCatalog:
    """Holds the plugins it is given."""

    def __init__(self) -> None:
        self.content: tuple[Plugin, ...] = ()

    async def plugins(self) -> tuple[Plugin, ...]:
        """All plugins."""
        return self.content

    async def find(self, plugin_id: PluginId) -> Plugin | None:
        """A plugin; None when there is none."""
        return next((plugin for plugin in self.content if plugin.id == plugin_id), None)
