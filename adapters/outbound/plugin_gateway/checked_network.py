"""Connections that go where they were checked to go: a name is resolved once, and what it gave is connected to."""

import socket
from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import Any

import anyio
import anyio.to_thread
import httpcore

from adapters.outbound.plugin_gateway.addresses import is_public
from ports.errors import Rejected

Resolve = Callable[[str, int], Awaitable[tuple[str, ...]]]
"""The addresses of a host and port, best first. Raises OSError."""

AT_ONCE = 8
"""Names that are resolved at once. Slow ones delay other plugins, and nobody else in the process."""
MOST_TRIED = 3
"""Addresses of one name that are tried one after the other."""


class SystemResolver:
    """Asks the system, in threads of its own."""

    def __init__(self) -> None:
        self._limiter: anyio.CapacityLimiter | None = None

    async def __call__(self, host: str, port: int) -> tuple[str, ...]:
        """The addresses of a host."""
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(AT_ONCE)
        found = await anyio.to_thread.run_sync(_asked, host, port, limiter=self._limiter, abandon_on_cancel=True)
        return tuple(dict.fromkeys(found))


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to public addresses, and to places that are allowed by name.

    The layers above keep the name: it stands in the `Host` header and is what the certificate has to be for.
    """

    def __init__(
        self,
        *,
        allowed: Collection[str],
        resolve: Resolve,
        network: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        """Keeps what it works with.

        Args:
            allowed: `host:port` of places that are connected to whatever their addresses are.
            resolve: asked once for each connection.
            network: makes the connections; the system's where it is not given.
        """
        self._allowed = frozenset(allowed)
        self._resolve = resolve
        self._network = network or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature of the base class
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connects to the first address that answers, if all of them may be connected to.

        Raises:
            Rejected: one of them may not.
            httpcore.ConnectError: none answers, or the name is unknown.
            httpcore.ConnectTimeout: it took too long.
        """
        try:
            with anyio.fail_after(timeout):
                found = await self._checked(host, port)
                return await self._first(found, port, local_address=local_address, socket_options=socket_options)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("no connection in time") from error

    async def _checked(self, host: str, port: int) -> tuple[str, ...]:
        try:
            found = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError("the name of the host is unknown") from error
        if f"{host}:{port}" not in self._allowed and not all(map(is_public, found)):
            raise Rejected("the address of the plugin leads into a network that is not public")
        return found

    async def _first(
        self, found: tuple[str, ...], port: int, *, local_address: str | None, socket_options: Iterable[Any] | None
    ) -> httpcore.AsyncNetworkStream:
        failure = httpcore.ConnectError("the name of the host has no address")
        for address in found[:MOST_TRIED]:
            try:
                return await self._network.connect_tcp(
                    address, port, local_address=local_address, socket_options=socket_options
                )
            except httpcore.ConnectError as error:
                failure = error
        raise failure

    async def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002 - the signature of the base class
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - the signature of the base class
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - the signature of the base class
    ) -> httpcore.AsyncNetworkStream:
        """Never connects.

        Raises:
            Rejected: plugins are not called there.
        """
        raise Rejected("plugins are called over the network alone")

    async def sleep(self, seconds: float) -> None:
        """Waits."""
        await anyio.sleep(seconds)


def _asked(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [str(place[0]) for _, _, _, _, place in found]
