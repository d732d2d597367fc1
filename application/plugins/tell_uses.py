"""What a plugin is used for, told in numbers."""

from datetime import date

from application.plugins.count_uses import CountUses
from domain.ids import PluginId, UserId
from domain.plugin_use import DayUses, Earned, UseRates, by_day, earned
from ports.errors import NotFound
from ports.plugin_catalog import PluginCatalog


class TellUses:
    """Tells whoever may enable a plugin; the numbers are about nobody."""

    def __init__(self, *, catalog: PluginCatalog, uses: CountUses, rates: UseRates) -> None:
        self._catalog = catalog
        self._uses = uses
        self._rates = rates

    async def by_day(self, user: UserId, plugin_id: PluginId) -> dict[date, int]:
        """How often a plugin was used on the days that it was, in order.

        Raises:
            NotFound: there is no such plugin for the user.
            TemporarilyUnavailable: it cannot be told now.
        """
        return by_day(await self._of(user, plugin_id))

    async def earned(self, user: UserId, plugin_id: PluginId) -> Earned:
        """What that is worth, by the rates that are set. Raises as `by_day`."""
        return earned(await self._of(user, plugin_id), rates=self._rates)

    async def _of(self, user: UserId, plugin_id: PluginId) -> tuple[DayUses, ...]:
        plugin = await self._catalog.find(plugin_id)
        if plugin is None or not plugin.is_visible_to(user):
            raise NotFound("there is no such plugin")
        return await self._uses.of(plugin.id)
