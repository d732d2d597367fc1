"""Use-cases become an application that answers HTTP."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

from litestar import Litestar
from litestar.datastructures import MutableScopeHeaders
from litestar.di import Provide
from litestar.types import ControllerRouterHandler, Message, Scope

from adapters.inbound.http import documentation
from adapters.inbound.http.authentication import Authentication, current_user
from adapters.inbound.http.errors import answered
from adapters.inbound.http.health import HealthController
from adapters.inbound.http.memories import MemoriesController
from adapters.inbound.http.rate_limits import RateLimitation
from adapters.inbound.http.readiness import Readiness
from application.memories.manage_memories import ManageMemories
from application.plugins.tool_keys import ToolKeys
from ports.authenticator import Authenticator

LARGEST_BODY = 10 * 1024 * 1024
"""Bytes. A memory may bring photos along."""


def create_application(
    *,
    memories: ManageMemories,
    readiness: Readiness,
    authenticator: Authenticator,
    handlers: Sequence[ControllerRouterHandler] = (),
    dependencies: dict[str, Provide] | None = None,
    tool_keys: ToolKeys | None = None,
    rate_limitation: RateLimitation | None = None,
    lifespan: Sequence[Callable[[Litestar], AbstractAsyncContextManager[None]]] = (),
    version: str = "0.1.0",
) -> Litestar:
    """Puts the REST interface together.

    Args:
        memories: the use-case behind `/v1/memories`.
        readiness: what `/health/ready` asks.
        authenticator: judges the token of every request to a route that is not marked public.
        handlers: further routes, the live socket among them; closed unless they are marked public.
        dependencies: what those handlers need, by name.
        tool_keys: open routes that are marked as being for tools, beside tokens.
        rate_limitation: how often users may ask; None: as often as they like.
        lifespan: opened at the start, closed at the end in reverse order.
        version: of the interface.
    """
    return Litestar(
        route_handlers=[
            MemoriesController,
            HealthController,
            documentation.documentation,
            documentation.start,
            documentation.files(),
            *handlers,
        ],
        dependencies={
            "user": Provide(current_user, sync_to_thread=False),
            "memories": provided(memories),
            "readiness": provided(readiness),
            **(dependencies or {}),
        },
        middleware=[
            Authentication(authenticator, tool_keys=tool_keys),
            *([rate_limitation] if rate_limitation else []),
        ],
        exception_handlers={Exception: answered},
        before_send=[_finish_headers],
        openapi_config=documentation.openapi(version=version),
        lifespan=list(lifespan),
        request_max_body_size=LARGEST_BODY,
        logging_config=None,
        debug=False,
    )


def provided(value: object) -> Provide:
    """A dependency that is there already."""
    return Provide(lambda: value, sync_to_thread=False)


async def _finish_headers(message: Message, scope: Scope) -> None:  # noqa: ARG001 - the signature of a hook
    """Nothing that is said here is kept on the way, and letters that are not English arrive whole."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    headers.setdefault("Cache-Control", "no-store")
    headers.setdefault("X-Content-Type-Options", "nosniff")
    if headers.get("Content-Type") == "application/json":
        headers["Content-Type"] = "application/json; charset=utf-8"
