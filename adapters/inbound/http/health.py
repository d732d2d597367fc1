"""`/health`: for whoever starts, stops and balances processes."""

from collections.abc import Sequence

from litestar import Controller, Response, get
from litestar.di import NamedDependency

from adapters.inbound.http.authentication import PUBLIC
from adapters.inbound.http.readiness import Readiness, Report


class HealthController(Controller):
    """Open to anybody; tells nothing of users."""

    path = "/health"
    opt = PUBLIC
    security: Sequence[dict[str, list[str]]] | None = [{}]
    tags: Sequence[str] | None = ["health"]

    @get("/live", status_code=200, summary="Whether the process runs")
    async def live(self) -> dict[str, str]:
        """Answers as long as the process does, also while it drains."""
        return {"status": "ok"}

    @get("/ready", status_code=200, summary="Whether the process takes work")
    async def ready(self, readiness: NamedDependency[Readiness]) -> Response[Report]:
        """503 while the process drains, or an adapter that it cannot do without is broken."""
        report = await readiness.report()
        return Response(report, status_code=200 if report.status in {"ready", "degraded"} else 503)
