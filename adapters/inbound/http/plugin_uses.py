"""`/v1/plugins/{plugin_id}/usage` and `/money`: how often a plugin was used, and what that is worth."""

from collections.abc import Sequence
from datetime import date

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from adapters.inbound.http.errors import FAILURES
from application.plugins.tell_uses import TellUses
from domain.ids import PluginId, UserId
from domain.plugin_use import UseKind


class WireDayUses(Struct, frozen=True):
    """Uses of a day."""

    date: date
    """In UTC."""
    count: int


class WireEarned(Struct, frozen=True):
    """Uses in all, by the names of the original."""

    money: float
    type1: int
    """New memories that it was told of."""
    type2: int
    """Memories that its prompt made something of."""
    type3: int
    """Messages that it answered."""


class PluginUsesController(Controller):
    """Numbers alone: nothing is told of who used a plugin."""

    path = "/v1/plugins/{plugin_id:str}"
    tags: Sequence[str] | None = ["plugins"]

    @get("/usage", status_code=200, responses=FAILURES, summary="How often a plugin was used, by day")
    async def read_usage(
        self, *, user: NamedDependency[UserId], tell_uses: NamedDependency[TellUses], plugin_id: FromPath[str]
    ) -> list[WireDayUses]:
        """Lists the days on which it was used, in order."""
        return [WireDayUses(day, count) for day, count in (await tell_uses.by_day(user, PluginId(plugin_id))).items()]

    @get("/money", status_code=200, responses=FAILURES, summary="What the use of a plugin is worth")
    async def read_money(
        self, *, user: NamedDependency[UserId], tell_uses: NamedDependency[TellUses], plugin_id: FromPath[str]
    ) -> WireEarned:
        """Counts uses, and multiplies them with the rates of this server: nothing, unless somebody set some."""
        found = await tell_uses.earned(user, PluginId(plugin_id))
        return WireEarned(
            money=found.money,
            type1=found.counts[UseKind.DELIVERY],
            type2=found.counts[UseKind.PROMPT],
            type3=found.counts[UseKind.CHAT],
        )
