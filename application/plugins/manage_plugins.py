"""What users do with plugins: look at them, enable, disable, rate."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

import anyio
from msgspec import Struct

from application.plugins.call_plugins import CallPlugins
from application.plugins.enabled_plugins import EnabledPlugins
from application.plugins.plugin_reviews import PluginReviews
from domain.errors import InvalidRequest
from domain.ids import PluginId, UserId
from domain.plugin import Plugin
from domain.plugin_rating import HIGHEST, LOWEST, Rating, Review, is_score, rating_of
from ports.clock import Clock
from ports.errors import AdapterError, NotFound
from ports.plugin_catalog import PluginCatalog
from ports.plugin_gateway import PluginCall, PluginGateway

LONGEST_REVIEW = 5_000
"""Characters."""
READ_AT_ONCE = 16
"""Plugins whose reviews are read at once."""
NOT_SET_UP = "App setup is not completed"
_LONG_AGO = datetime.fromtimestamp(0, UTC)


class ListedPlugin(Struct, frozen=True, kw_only=True):
    """A plugin as one user sees it."""

    plugin: Plugin
    is_enabled: bool
    rating: Rating
    own_review: Review | None


class ManagePlugins:
    """The plugins of one user at a time."""

    def __init__(
        self,
        *,
        catalog: PluginCatalog,
        enabled: EnabledPlugins,
        reviews: PluginReviews,
        gateway: PluginGateway,
        calls: CallPlugins,
        clock: Clock,
    ) -> None:
        self._catalog = catalog
        self._enabled = enabled
        self._reviews = reviews
        self._gateway = gateway
        self._calls = calls
        self._clock = clock

    async def list(self, user: UserId) -> tuple[ListedPlugin, ...]:
        """All plugins that the user may enable, best rated first; those rated alike in the catalog's order."""
        visible = [plugin for plugin in await self._catalog.plugins() if plugin.is_visible_to(user)]
        enabled = await self._enabled.ids(user)
        reviews = await self._reviewed(visible)
        listed = [_listed(plugin, user, reviews[plugin.id], enabled=enabled) for plugin in visible]
        return tuple(sorted(listed, key=lambda entry: entry.rating.weight, reverse=True))

    async def get(self, user: UserId, plugin_id: PluginId) -> ListedPlugin:
        """A plugin.

        Raises:
            NotFound: there is no such plugin for the user.
        """
        plugin = await self._visible(user, plugin_id)
        return _listed(plugin, user, await self._reviews.of(plugin.id), enabled=await self._enabled.ids(user))

    async def reviews(self, user: UserId, plugin_id: PluginId) -> tuple[Review, ...]:
        """Reviews of a plugin that say something in words, newest first.

        Raises:
            NotFound: there is no such plugin for the user.
        """
        plugin = await self._visible(user, plugin_id)
        written = [review for review in (await self._reviews.of(plugin.id)).values() if review.text.strip()]
        return tuple(sorted(written, key=lambda review: review.rated_at or _LONG_AGO, reverse=True))

    async def enable(self, user: UserId, plugin_id: PluginId) -> None:
        """Has a plugin work for the user.

        Raises:
            NotFound: there is no such plugin for the user.
            InvalidRequest: the user has not set it up, or it does not tell.
        """
        plugin = await self._visible(user, plugin_id)
        if plugin.setup_completed_url and not await self._is_set_up(user, plugin):
            raise InvalidRequest(NOT_SET_UP)
        await self._enabled.add(user, plugin.id)

    async def disable(self, user: UserId, plugin_id: PluginId) -> None:
        """Ends that. A plugin that is gone from the catalog can be disabled, too.

        Raises:
            NotFound: there is no such plugin, and the user has not enabled it.
        """
        if plugin_id not in await self._enabled.ids(user):
            await self._visible(user, plugin_id)
        await self._enabled.remove(user, plugin_id)

    async def review(self, user: UserId, plugin_id: PluginId, *, score: float, text: str) -> None:
        """Keeps what a user thinks of a plugin, in place of what they thought before.

        Raises:
            NotFound: there is no such plugin for the user.
            InvalidRequest: the score is not one, or the text is too long.
        """
        if not is_score(score):
            raise InvalidRequest(f"score: expected a number from {LOWEST:g} to {HIGHEST:g}")
        if len(text) > LONGEST_REVIEW:
            raise InvalidRequest(f"review: expected at most {LONGEST_REVIEW:,} characters")
        plugin = await self._visible(user, plugin_id)
        review = Review(user=user, score=score, text=text, rated_at=self._clock.now())
        await self._reviews.put(plugin.id, review)

    async def signing_secret(self, user: UserId, plugin_id: PluginId) -> str:
        """What a plugin checks with that it is told of the user from here.

        Raises:
            NotFound: there is no such plugin for the user.
        """
        plugin = await self._visible(user, plugin_id)
        return self._gateway.signing_secret(plugin.id, user)

    async def _visible(self, user: UserId, plugin_id: PluginId) -> Plugin:
        plugin = await self._catalog.find(plugin_id)
        if plugin is None or not plugin.is_visible_to(user):
            raise NotFound("there is no such plugin")
        return plugin

    async def _is_set_up(self, user: UserId, plugin: Plugin) -> bool:
        call = PluginCall(plugin=plugin.id, user=user, address=plugin.setup_completed_url)
        try:
            return await self._calls.call(plugin.id, user, lambda: self._gateway.is_set_up(call))
        except AdapterError:
            return False

    async def _reviewed(self, plugins: Sequence[Plugin]) -> Mapping[PluginId, Mapping[UserId, Review]]:
        """Reviews of plugins. Those that cannot be read now are none: the list is there all the same."""
        found: dict[PluginId, Mapping[UserId, Review]] = {plugin.id: {} for plugin in plugins}
        places = anyio.CapacityLimiter(READ_AT_ONCE)

        async def read(plugin: PluginId) -> None:
            async with places:
                try:
                    found[plugin] = await self._reviews.of(plugin)
                except AdapterError:
                    return

        async with anyio.create_task_group() as tasks:
            for plugin in plugins:
                tasks.start_soon(read, plugin.id)
        return found


def _listed(
    plugin: Plugin, user: UserId, reviews: Mapping[UserId, Review], *, enabled: Collection[str]
) -> ListedPlugin:
    return ListedPlugin(
        plugin=plugin,
        is_enabled=plugin.id in enabled,
        rating=rating_of(reviews.values()),
        own_review=reviews.get(user),
    )
