"""`/v1/apps`: plugins, by the name that they have had since 2025."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from litestar import Controller, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct

from adapters.inbound.http.apps_wire import CAPABILITIES, CATEGORIES, Choice, WireApp, app_to_wire
from adapters.inbound.http.errors import FAILURES
from adapters.inbound.http.plugins import Done, score, text
from application.plugins.manage_plugins import ManagePlugins
from domain.ids import PluginId, UserId
from domain.plugin_rating import Review

AppName = Annotated[str, QueryParameter(name="app_id", min_length=1, max_length=200)]
MOST_POPULAR = 20


class WireAppReview(Struct, frozen=True, kw_only=True):
    """What somebody thinks of an app. Only the caller learns who: of the caller."""

    uid: str
    rated_at: datetime
    score: float
    review: str
    username: str = ""
    response: str = ""


class AppsController(Controller):
    """The apps of the caller."""

    path = "/v1"
    tags: Sequence[str] | None = ["apps"]

    @get(["/apps", "/approved-apps"], status_code=200, responses=FAILURES, summary="List apps, best rated first")
    async def list_apps(
        self, *, user: NamedDependency[UserId], plugins: NamedDependency[ManagePlugins]
    ) -> list[WireApp]:
        """Lists the apps that the caller may enable."""
        return [app_to_wire(listed) for listed in await plugins.list(user)]

    @get("/apps/popular", status_code=200, responses=FAILURES, summary="List those that are rated best")
    async def list_popular(
        self, *, user: NamedDependency[UserId], plugins: NamedDependency[ManagePlugins]
    ) -> list[WireApp]:
        """Lists those that somebody has rated."""
        listed = [each for each in await plugins.list(user) if each.rating.count]
        return [app_to_wire(each) for each in listed[:MOST_POPULAR]]

    @get("/apps/{app_id:str}", status_code=200, responses=FAILURES, summary="Read an app")
    async def read_app(
        self, *, user: NamedDependency[UserId], plugins: NamedDependency[ManagePlugins], app_id: FromPath[str]
    ) -> WireApp:
        """Reads an app."""
        return app_to_wire(await plugins.get(user, PluginId(app_id)))

    @post("/apps/enable", status_code=200, responses=FAILURES, summary="Have an app work")
    async def enable_app(
        self, *, user: NamedDependency[UserId], plugins: NamedDependency[ManagePlugins], app_id: AppName
    ) -> Done:
        """Enables an app; 400 where it says that the caller has not set it up."""
        await plugins.enable(user, PluginId(app_id))
        return Done()

    @post("/apps/disable", status_code=200, responses=FAILURES, summary="Have an app work no more")
    async def disable_app(
        self, *, user: NamedDependency[UserId], plugins: NamedDependency[ManagePlugins], app_id: AppName
    ) -> Done:
        """Disables an app."""
        await plugins.disable(user, PluginId(app_id))
        return Done()

    @post("/apps/review", status_code=200, responses=FAILURES, summary="Rate an app")
    async def review_app(
        self,
        *,
        user: NamedDependency[UserId],
        plugins: NamedDependency[ManagePlugins],
        app_id: AppName,
        data: JSONBody[dict[str, Any]],
    ) -> Done:
        """Keeps a `score` from 0 to 5 and a `review`, in place of what the caller thought before."""
        await plugins.review(user, PluginId(app_id), score=score(data), text=text(data))
        return Done()

    @patch("/apps/{app_id:str}/review", status_code=200, responses=FAILURES, summary="Rate an app otherwise")
    async def change_review(
        self,
        *,
        user: NamedDependency[UserId],
        plugins: NamedDependency[ManagePlugins],
        app_id: FromPath[str],
        data: JSONBody[dict[str, Any]],
    ) -> Done:
        """As the first time."""
        await plugins.review(user, PluginId(app_id), score=score(data), text=text(data))
        return Done()

    @get("/apps/{app_id:str}/reviews", status_code=200, responses=FAILURES, summary="What is thought of an app")
    async def list_reviews(
        self, *, user: NamedDependency[UserId], plugins: NamedDependency[ManagePlugins], app_id: FromPath[str]
    ) -> list[WireAppReview]:
        """Reviews that say something, newest first; who wrote them is not told."""
        return [_review(user, review) for review in await plugins.reviews(user, PluginId(app_id))]

    @get(["/app-categories", "/plugin-categories"], status_code=200, responses=FAILURES, summary="What apps are about")
    async def list_categories(self) -> list[Choice]:
        """Lists categories."""
        return CATEGORIES

    @get("/app-capabilities", status_code=200, responses=FAILURES, summary="What apps can do")
    async def list_capabilities(self) -> list[Choice]:
        """Lists capabilities."""
        return CAPABILITIES


def _review(user: UserId, review: Review) -> WireAppReview:
    rated_at = review.rated_at or datetime.fromtimestamp(0, UTC)  # apps cannot do without
    return WireAppReview(
        uid=user if review.user == user else "",
        rated_at=rated_at.astimezone(UTC),
        score=float(review.score),
        review=review.text,
    )
