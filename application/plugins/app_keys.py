"""Keys by which an app acts for those who have enabled it: who may make them, and what one opens."""

from application.plugins.enabled_plugins import EnabledPlugins
from application.plugins.hashed_keys import HashedKeys, KeyNote, NewKey
from domain.errors import Forbidden, Unauthenticated
from domain.ids import PluginId, UserId
from domain.integration import AppAction, may
from domain.plugin import Plugin
from ports.errors import NotFound
from ports.plugin_catalog import PluginCatalog

KIND = "app"
LONGEST_USER = 700
"""Characters. Nobody whose name is longer has enabled anything."""
LONGEST_APP = 200
"""Characters; catalogs know no longer ids."""
WRONG = "Invalid API key"


class AppKeys:
    """Keys of apps. Each belongs to one app, and opens what that app may do for users who have it work for them."""

    def __init__(self, *, keys: HashedKeys, catalog: PluginCatalog, enabled: EnabledPlugins) -> None:
        self._keys = keys
        self._catalog = catalog
        self._enabled = enabled

    async def create(self, owner: UserId, app: PluginId, *, label: str) -> NewKey:
        """A new key of an app.

        Raises:
            NotFound: there is no such app for the user.
            Forbidden: it is somebody else's, or nobody's.
            InvalidRequest: the label is too long, or there are too many keys.
            TemporarilyUnavailable: not kept.
        """
        return await self._keys.create(place_of(await self._owned(owner, app)), kind=KIND, label=label)

    async def list(self, owner: UserId, app: PluginId) -> tuple[KeyNote, ...]:
        """The keys of an app. Raises as `create` does."""
        return await self._keys.list(place_of(await self._owned(owner, app)))

    async def delete(self, owner: UserId, app: PluginId, key_id: str) -> None:
        """Ends a key of an app. Raises as `create` does, and NotFound where there is no such key."""
        await self._keys.delete(place_of(await self._owned(owner, app)), key_id)

    async def admit(self, app: PluginId, secret: str, *, user: UserId, action: AppAction) -> Plugin:
        """Lets an app act for a user.

        Raises:
            Unauthenticated: that is no key of the app. Whether there is such an app or user is not told.
            Forbidden: the app may not do that, or does not work for the user; says which.
            TemporarilyUnavailable: not known now.
        """
        plugin = await self._catalog.find(app) if len(app) <= LONGEST_APP else None
        is_genuine = await self._keys.is_genuine(place_of(app[:LONGEST_APP]), secret)
        if plugin is None or plugin.deleted or not is_genuine:
            raise Unauthenticated(WRONG)
        if not may(plugin, action):
            raise Forbidden(f"App does not have the capability: {action.value}")
        enabled = await self._enabled.of(user) if 0 < len(user) <= LONGEST_USER else ()
        if plugin.id not in {each.id for each in enabled}:
            raise Forbidden("App is not enabled for this user")
        return plugin

    async def _owned(self, owner: UserId, app: PluginId) -> PluginId:
        plugin = await self._catalog.find(app)
        if plugin is None or not plugin.is_visible_to(owner):
            raise NotFound("there is no such app")
        if plugin.owner != owner:
            raise Forbidden("Only the owner of an app may manage its keys")
        return plugin.id


def place_of(app: str) -> str:
    """Where the keys of an app are kept."""
    return f"plugins:{app}:api_keys"
