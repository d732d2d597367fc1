"""How often plugins are used: by day and by what for, whoever used them."""

import hashlib
from collections import Counter
from datetime import UTC, datetime

from domain.ids import PluginId
from domain.plugin_use import DayUses, UseKind
from ports.key_value_store import KeyValueStore
from ports.plugin_catalog import PluginCatalog


class CountUses:
    """Counts each use once, whoever crashes and tries again, on however many servers.

    A count is the size of a set. A use is in it under a number that is the same whenever the same thing is counted
    again, and of which nobody can tell whose it was. Sets are kept by month, so that none grows for ever.
    """

    def __init__(self, *, store: KeyValueStore, catalog: PluginCatalog) -> None:
        self._store = store
        self._catalog = catalog

    async def count(self, plugin: PluginId, kind: UseKind, *, of: str, at: datetime) -> None:
        """Counts a use; again, it changes nothing. What is in no catalog is not counted: somebody's own webhooks.

        Args:
            plugin: who did something.
            kind: what it did.
            of: what it did it for: the memory, the message.
            at: when that came about; the same whenever it is counted again.

        Raises:
            TemporarilyUnavailable: it may not be counted.
        """
        if await self._catalog.find(plugin) is None:
            return
        moment = at.astimezone(UTC)
        month = f"{moment:%Y-%m}:{kind.value}"
        number = hashlib.sha256(f"{plugin}\n{kind.value}\n{of}".encode(errors="replace")).hexdigest()[:24]
        await self._store.add_member(_months(plugin), month)
        await self._store.add_member(_uses(plugin, month), f"{moment:%d}:{number}")

    async def of(self, plugin: PluginId) -> tuple[DayUses, ...]:
        """All uses of a plugin, by day. Raises TemporarilyUnavailable."""
        found: list[DayUses] = []
        for month in sorted(await self._store.members(_months(plugin))):
            name, _, kind = month.partition(":")
            days = Counter(use.partition(":")[0] for use in await self._store.members(_uses(plugin, month)))
            for day, count in sorted(days.items()):
                when = datetime.strptime(f"{name}-{day}", "%Y-%m-%d").replace(tzinfo=UTC).date()
                found.append(DayUses(day=when, kind=UseKind(kind), count=count))
        return tuple(sorted(found, key=lambda one: one.day))


def _months(plugin: PluginId) -> str:
    return f"plugins:{plugin}:uses"


def _uses(plugin: PluginId, month: str) -> str:
    return f"plugins:{plugin}:uses:{month}"
