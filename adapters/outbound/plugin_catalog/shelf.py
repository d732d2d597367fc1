"""Plugins at hand: the catalog as it was read last."""

from domain.ids import PluginId
from domain.plugin import Plugin


class Shelf:
    """Answers from memory."""

    def __init__(self) -> None:
        self.content: tuple[Plugin, ...] = ()
        self._by_id: dict[PluginId, Plugin] = {}

    def fill(self, plugins: tuple[Plugin, ...]) -> None:
        """Replaces all plugins at once."""
        self.content = plugins
        self._by_id = {plugin.id: plugin for plugin in plugins}

    def find(self, plugin_id: PluginId) -> Plugin | None:
        """A plugin; None when there is none."""
        return self._by_id.get(plugin_id)
