"""The server: binds, serves, and lets every live session finish before it goes."""

import gc
import math
import socket
from collections.abc import Awaitable, Callable
from types import FrameType

import anyio
import uvicorn
from msgspec import Struct
from uvicorn._types import ASGIApplication

from adapters.inbound.server.access_log import keep_queries_out
from adapters.inbound.server.protocol import OmiWebSocketProtocol
from ports.errors import Rejected

COLLECTED_EVERY = (1_000, 5, 200)
"""Containers made until the young ones are looked through, and how often that until the older ones are. Small steps: a
look through all holds up every session for tens of milliseconds, and what sessions leave behind has few cycles."""


class ServerSettings(Struct, frozen=True, kw_only=True):
    """How patient the server is, and with how much."""

    ping_interval: float = 15.0
    """Seconds between pings. With the timeout: a client that vanished is gone after half a minute."""
    ping_timeout: float = 15.0
    """Seconds to wait for the answer."""
    largest_message: int = 64 * 1024
    """Bytes of one WebSocket message; longer ones close the connection with 1009."""
    drain_deadline: float = 8.0
    """Seconds for live sessions to end when the server is told to stop."""
    close_deadline: float = 1.5
    """Seconds for connections to close afterwards, at least. Both together stay below the usual ten."""


async def _nothing_to_drain() -> None:
    """For applications without live sessions."""


def _nobody_waits(_: str) -> None:
    """For starts that nobody watches."""


class OmiServer(uvicorn.Server):
    """uvicorn with a way to leave: the first signal drains, the second one ends at once."""

    def __init__(
        self,
        config: uvicorn.Config,
        *,
        drain: Callable[[], Awaitable[None]] = _nothing_to_drain,
        ready: Callable[[str], None] = _nobody_waits,
        drain_deadline: float = 8.0,
        close_deadline: float = 1.5,
    ) -> None:
        super().__init__(config)
        self._drain = drain
        self._ready = ready
        self._drain_deadline = drain_deadline
        self._close_deadline = close_deadline

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts to listen, then tells where."""
        await super().startup(sockets=sockets)
        if self.started:
            self._ready(address_of(self.servers[0].sockets[0]))

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the signature of a signal handler
        """Notes a signal. The parent raises it again when all is done; here a stop is a success."""
        self.force_exit = self.should_exit
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Lets the sessions end while their connections are open; then closes those with 1012."""
        started = anyio.current_time()
        try:
            await self._drain_in_time()
        finally:
            left = self._drain_deadline - (anyio.current_time() - started)
            self.config.timeout_graceful_shutdown = math.ceil(max(left, self._close_deadline))
            await super().shutdown(sockets)

    async def _drain_in_time(self) -> None:
        with anyio.move_on_after(self._drain_deadline):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._cancel_when_forced, tasks.cancel_scope)
                await self._drain()
                tasks.cancel_scope.cancel()

    async def _cancel_when_forced(self, drain: anyio.CancelScope) -> None:
        """Looks for a second signal. Signal handlers cannot wake a task, so this asks, as the parent does."""
        while not self.force_exit:
            await anyio.sleep(0.1)
        drain.cancel()


def serve(
    app: ASGIApplication,
    *,
    host: str,
    port: int,
    drain: Callable[[], Awaitable[None]] = _nothing_to_drain,
    ready: Callable[[str], None] = _nobody_waits,
    settings: ServerSettings | None = None,
) -> None:
    """Serves until the process is told to stop.

    Args:
        app: what to serve; its lifespan is run.
        host: name or address to listen on.
        port: 0 for any free one.
        drain: told to end all live sessions; their connections are still open. Cut off at its deadline.
        ready: told the address (`http://127.0.0.1:8000`) once connections are taken.
        settings: limits; the defaults suit phones on bad networks.

    Raises:
        Rejected: the address cannot be listened on.
    """
    settings = settings or ServerSettings()
    listener = bound(host, port)
    keep_queries_out()
    server = OmiServer(
        configuration(app, settings),
        drain=drain,
        ready=lambda address: _set_up(address, ready),
        drain_deadline=settings.drain_deadline,
        close_deadline=settings.close_deadline,
    )
    server.run(sockets=[listener])


def _set_up(address: str, ready: Callable[[str], None]) -> None:
    """The program's own objects stay to the end: the collector never looks at them."""
    gc.freeze()
    gc.set_threshold(*COLLECTED_EVERY)
    gc.enable()
    ready(address)


def configuration(app: ASGIApplication, settings: ServerSettings) -> uvicorn.Config:
    """What uvicorn has to know."""
    return uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws=OmiWebSocketProtocol,
        ws_max_size=settings.largest_message,
        ws_per_message_deflate=False,  # Opus does not compress, and the window costs 34 KB a connection
        ws_ping_interval=settings.ping_interval,
        ws_ping_timeout=settings.ping_timeout,
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # who is behind a proxy does not matter here, and the headers can be forged
        server_header=False,
    )


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises:
        Rejected: the address cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise Rejected(f"cannot listen on {host}:{port}: {error.strerror or error}") from error


def address_of(listener: socket.socket) -> str:
    """What to type into a browser."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
