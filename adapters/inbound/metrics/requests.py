"""HTTP requests, counted and timed by the route that answered them."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter
from typing import Any

from ports.measures import Distribution, Label, Measure, Sample, Spread, counted, spread, standing

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds."""

NO_ROUTE = "none"
"""For paths that lead nowhere: what strangers try is no label."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

Application = Callable[[Any, Any, Any], Awaitable[None]]


class MeasuredRequests:
    """An ASGI application around another one. Sockets do not come this way."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._answered: Counter[tuple[str, str, str]] = Counter()
        self._durations: dict[tuple[str, str], Distribution] = {}
        self._open = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
        """Serves one request."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        started, status = perf_counter(), "none"

        async def noting(message: Any) -> None:  # noqa: ANN401 - ASGI
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        self._open += 1
        try:
            await self._application(scope, receive, noting)
        finally:
            self._open -= 1
            self._note(scope, status, perf_counter() - started)

    async def measures(self) -> Sequence[Measure]:
        """Requests by route and status, and how long they took."""
        requests = (
            Sample(count, {Label.METHOD: method, Label.ROUTE: route, Label.STATUS: status})
            for (method, route, status), count in sorted(self._answered.items())
        )
        durations = (
            Spread(distribution, {Label.METHOD: method, Label.ROUTE: route})
            for (method, route), distribution in sorted(self._durations.items())
        )
        return (
            counted("http_requests", "HTTP requests that were answered; status none: the client left", requests),
            spread("http_request_duration_seconds", "From a request to the end of its answer", durations),
            standing("http_requests_open", "HTTP requests that are being answered", [Sample(self._open)]),
        )

    def _note(self, scope: Any, status: str, seconds: float) -> None:  # noqa: ANN401 - ASGI
        method = scope["method"] if scope["method"] in METHODS else "other"
        route = route_of(scope)
        self._answered[method, route, status] += 1
        if (method, route) not in self._durations:
            self._durations[method, route] = Distribution(BOUNDS)
        self._durations[method, route].note(seconds)


def route_of(scope: Any) -> str:  # noqa: ANN401 - ASGI
    """The template of the route that was found: `/v1/memories/{memory_id}`. Never the path itself."""
    return str(scope.get("path_template") or NO_ROUTE)
