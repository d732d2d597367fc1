"""Which plugins a user has enabled."""

from collections.abc import Awaitable, Callable

from domain.ids import PluginId, UserId
from domain.plugin import Plugin, Trigger
from ports.key_value_store import KeyValueStore
from ports.plugin_catalog import PluginCatalog

OwnPlugins = Callable[[UserId, Trigger], Awaitable[tuple[Plugin, ...]]]
"""What a user has told by addresses of their own, in the form of plugins."""


async def _none(_user: UserId, _trigger: Trigger) -> tuple[Plugin, ...]:
    return ()


class EnabledPlugins:
    """Sets of plugin ids under the keys that the original uses, so that they can be taken over."""

    def __init__(self, *, store: KeyValueStore, catalog: PluginCatalog, own: OwnPlugins = _none) -> None:
        self._store = store
        self._catalog = catalog
        self._own = own

    async def ids(self, user: UserId) -> frozenset[str]:
        """All that were enabled, those among them that are gone by now."""
        return await self._store.members(_key(user))

    async def of(self, user: UserId) -> tuple[Plugin, ...]:
        """Those that are there and may work for the user, by id."""
        enabled = await self.ids(user)
        if not enabled:
            return ()
        found = [plugin for plugin in await self._catalog.plugins() if plugin.id in enabled]
        return tuple(sorted((plugin for plugin in found if plugin.is_visible_to(user)), key=lambda plugin: plugin.id))

    async def triggered(self, user: UserId, trigger: Trigger) -> tuple[Plugin, ...]:
        """Those that want to be told of something."""
        enabled = [plugin for plugin in await self.of(user) if plugin.is_triggered_by(trigger)]
        return (*enabled, *await self._own(user, trigger))

    async def add(self, user: UserId, plugin: PluginId) -> None:
        """Enables a plugin."""
        await self._store.add_member(_key(user), plugin)

    async def remove(self, user: UserId, plugin: PluginId) -> None:
        """Disables a plugin."""
        await self._store.remove_member(_key(user), plugin)


def _key(user: UserId) -> str:
    return f"users:{user}:enabled_plugins"
