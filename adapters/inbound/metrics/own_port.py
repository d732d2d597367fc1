"""A port of its own for the numbers."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import anyio
import uvicorn

from adapters.inbound.server.server import address_of, bound

_GONE_SECONDS = 1


class _Server(uvicorn.Server):
    """uvicorn without signals: those are for the server that people use."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures none."""
        yield


@asynccontextmanager
async def served(application: Any, *, host: str, port: int) -> AsyncIterator[str]:  # noqa: ANN401 - ASGI
    """Serves until the context is left; gives the address.

    Raises:
        Rejected: the address cannot be listened on.
    """
    listener = bound(host, port)
    config = uvicorn.Config(
        application,
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_GONE_SECONDS,
    )
    server = _Server(config)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(server.serve, [listener])
        try:
            yield address_of(listener)
        finally:
            server.should_exit = True
