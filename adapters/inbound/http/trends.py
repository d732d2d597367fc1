"""`/v1/trends`: what the caller talks about most."""

from collections.abc import Sequence

from litestar import Controller, get
from litestar.di import NamedDependency
from msgspec import Struct

from adapters.inbound.http.errors import FAILURES
from application.days.tell_trends import TellTrends, Trend
from domain.ids import UserId, derived_id


class WireTopic(Struct, frozen=True):
    """Something that is talked about."""

    id: str
    topic: str
    memories_count: int


class WireTrend(Struct, frozen=True):
    """A category with its topics."""

    id: str
    category: str
    type: str
    """`best`: what is talked about most. Nothing is judged."""
    topics: list[WireTopic]


class TrendsController(Controller):
    """Counted from the caller's own memories; nothing is collected over users."""

    path = "/v1/trends"
    tags: Sequence[str] | None = ["memories"]

    @get(status_code=200, responses=FAILURES, summary="What is talked about most, by category")
    async def list_trends(
        self, *, user: NamedDependency[UserId], trends: NamedDependency[TellTrends]
    ) -> list[WireTrend]:
        """Lists categories of the last ninety days, those with most memories first."""
        return [_to_wire(trend) for trend in await trends.of(user)]


def _to_wire(trend: Trend) -> WireTrend:
    topics = [WireTopic(derived_id("topic", topic.name), topic.name, topic.memories) for topic in trend.topics]
    return WireTrend(derived_id("trend", trend.category.value), trend.category.value, "best", topics)
