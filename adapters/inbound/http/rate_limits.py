"""How often users may ask. Who asks too often is told when to ask again; everybody else notices nothing."""

from math import ceil

from litestar.datastructures import MutableScopeHeaders
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from domain.errors import AskedTooOften
from domain.rate import Allowance, Rate, RateLimits
from ports.errors import TemporarilyUnavailable
from ports.rate_limiter import RateLimiter

COSTLY = frozenset(
    {
        ("DELETE", "/v1/joan/{memory_id}/followup-question"),
        ("POST", "/sdcard_memory"),
        ("POST", "/v1/conversations/search"),
        ("POST", "/v1/conversations/{memory_id}/post-processing"),
        ("POST", "/v1/conversations/{memory_id}/reprocess"),
        ("POST", "/v1/conversations/{memory_id}/test-prompt"),
        ("POST", "/v1/files"),
        ("POST", "/v1/initial-message"),
        ("POST", "/v1/memories"),
        ("POST", "/v1/memories/search"),
        ("POST", "/v1/memories/{memory_id}/post-processing"),
        ("POST", "/v1/memories/{memory_id}/reprocess"),
        ("POST", "/v1/messages"),
        ("POST", "/v1/sync-local-files"),
        ("POST", "/v1/voice-message/transcribe"),
        ("POST", "/v1/voice-messages"),
        ("POST", "/v2/files"),
        ("POST", "/v2/initial-message"),
        ("POST", "/v2/messages"),
        ("POST", "/v2/voice-message/transcribe"),
        ("POST", "/v2/voice-messages"),
        ("POST", "/v3/upload-audio"),
        ("GET", "/v1/memories/search"),
    }
)
"""Requests for which a model, a recognizer or a vendor has to work."""
REFUSED = "Too many requests; try again later"


class RateLimitation(ASGIMiddleware):
    """Behind whoever says who asks. A limiter that is out of order limits nobody."""

    exclude_opt_key = "public"

    def __init__(self, limiter: RateLimiter, *, limits: RateLimits) -> None:
        self._limiter = limiter
        self._all = Rate(count=limits.requests) if limits.requests else None
        self._costly = Rate(count=limits.costly) if limits.costly else None

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Counts a request.

        Raises:
            AskedTooOften: it is one too many; says when to ask again.
        """
        is_costly = (scope.get("method"), scope.get("path_template")) in COSTLY
        rate = self._costly if is_costly else self._all
        if rate is None:
            await next_app(scope, receive, send)
            return
        allowance = await self._taken(f"{'costly' if is_costly else 'all'}:{scope['user']}", rate)
        if not allowance.is_granted:
            raise AskedTooOften(REFUSED, seconds=allowance.wait)

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableScopeHeaders.from_message(message)
                headers["X-RateLimit-Limit"] = str(rate.count)
                headers["X-RateLimit-Remaining"] = str(allowance.remaining)
                headers["X-RateLimit-Reset"] = str(ceil(allowance.wait))
            await send(message)

        await next_app(scope, receive, tell)

    async def _taken(self, key: str, rate: Rate) -> Allowance:
        try:
            return await self._limiter.take(key, rate=rate)
        except TemporarilyUnavailable:
            return Allowance(is_granted=True, remaining=rate.count, wait=0.0)
