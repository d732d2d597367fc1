"""`/v1/plugins`, and the older and newer lists of plugins."""

from collections.abc import Sequence
from typing import Annotated, Any

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct

from adapters.inbound.http.errors import FAILURES
from adapters.inbound.http.plugins_wire import WireDelivery, WirePlugin, delivery_to_wire, plugin_to_wire
from adapters.inbound.http.requests import present
from application.plugins.failed_deliveries import FailedDeliveries
from application.plugins.manage_plugins import ManagePlugins
from domain.ids import PluginId, UserId

PluginName = Annotated[str, QueryParameter(name="plugin_id", min_length=1, max_length=200)]


class Done(Struct, frozen=True):
    """It was done."""

    status: str = "ok"


class SigningSecret(Struct, frozen=True):
    """What a plugin checks calls for the caller with."""

    secret: str


class PluginsController(Controller):
    """The plugins of the caller. A `uid` in the address says nothing: the token does."""

    path = "/"
    tags: Sequence[str] | None = ["plugins"]

    @get(
        ["/v2/plugins", "/v1/plugins", "/plugins"],
        status_code=200,
        responses=FAILURES,
        summary="List plugins, best rated first",
    )
    async def list_plugins(
        self, *, user: NamedDependency[UserId], plugins: NamedDependency[ManagePlugins]
    ) -> list[WirePlugin]:
        """Lists the plugins that the caller may enable."""
        return [plugin_to_wire(listed) for listed in await plugins.list(user)]

    @post("/v1/plugins/enable", status_code=200, responses=FAILURES, summary="Have a plugin work")
    async def enable_plugin(
        self, *, user: NamedDependency[UserId], plugins: NamedDependency[ManagePlugins], plugin_id: PluginName
    ) -> Done:
        """Enables a plugin; 400 where it says that the caller has not set it up."""
        await plugins.enable(user, PluginId(plugin_id))
        return Done()

    @post("/v1/plugins/disable", status_code=200, responses=FAILURES, summary="Have a plugin work no more")
    async def disable_plugin(
        self, *, user: NamedDependency[UserId], plugins: NamedDependency[ManagePlugins], plugin_id: PluginName
    ) -> Done:
        """Disables a plugin."""
        await plugins.disable(user, PluginId(plugin_id))
        return Done()

    @post("/v1/plugins/review", status_code=200, responses=FAILURES, summary="Rate a plugin")
    async def review_plugin(
        self,
        *,
        user: NamedDependency[UserId],
        plugins: NamedDependency[ManagePlugins],
        plugin_id: PluginName,
        data: JSONBody[dict[str, Any]],
    ) -> Done:
        """Keeps a `score` from 0 to 5 and a `review`, in place of what the caller thought before."""
        await plugins.review(user, PluginId(plugin_id), score=score(data), text=text(data))
        return Done()

    @get(
        "/v1/plugins/{plugin_id:str}/signing-secret",
        status_code=200,
        responses=FAILURES,
        summary="What a plugin checks calls for the caller with",
    )
    async def read_signing_secret(
        self, *, user: NamedDependency[UserId], plugins: NamedDependency[ManagePlugins], plugin_id: FromPath[str]
    ) -> SigningSecret:
        """Tells the secret that the caller shares with a plugin."""
        return SigningSecret(await plugins.signing_secret(user, PluginId(plugin_id)))

    @get("/v1/plugins/deliveries", status_code=200, responses=FAILURES, summary="List what did not reach a plugin")
    async def list_deliveries(
        self, *, user: NamedDependency[UserId], deliveries: NamedDependency[FailedDeliveries]
    ) -> list[WireDelivery]:
        """Lists deliveries that were given up, newest first."""
        return [delivery_to_wire(failed) for failed in await deliveries.list(user)]

    @post(
        "/v1/plugins/deliveries/{delivery_id:str}/resend",
        status_code=200,
        responses=FAILURES,
        summary="Send to a plugin again",
    )
    async def resend_delivery(
        self,
        *,
        user: NamedDependency[UserId],
        deliveries: NamedDependency[FailedDeliveries],
        delivery_id: FromPath[str],
    ) -> Done:
        """Takes a delivery up again, with all its attempts."""
        await deliveries.resend(user, delivery_id)
        return Done()


def score(body: dict[str, Any]) -> float:
    """The score of a review. Answers 422 where there is none."""
    given = body.get("score")
    if not isinstance(given, int | float) or isinstance(given, bool):
        raise HTTPException("Score is required", status_code=422)
    return float(given)


def text(body: dict[str, Any]) -> str:
    """The words of a review. The app of 2024 sends them as name and value of one key, and no key `review`."""
    said = body.get("review")
    if not isinstance(said, str):
        said = next((name for name, value in body.items() if name == value), "")
    return present(said) or ""
