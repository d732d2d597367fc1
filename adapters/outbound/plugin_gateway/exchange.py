"""One request, one answer that is not too large, one error where there is none."""

import ssl
from collections.abc import Mapping

import anyio
import httpcore
from msgspec import Struct

from adapters.outbound.plugin_gateway.destination import Destination
from ports.errors import Rejected, TemporarilyUnavailable

LATER = frozenset({408, 425, 429})
"""Refusals that another time may not be."""
AGENT = "omi-backend"


class Limits(Struct, frozen=True, kw_only=True):
    """How long an exchange may take, and how much may come back."""

    connect: float
    """Seconds."""
    total: float
    """Seconds, name resolution included."""
    answer: int
    """Bytes."""


class Request(Struct, frozen=True, kw_only=True):
    """What is sent."""

    method: str
    headers: Mapping[str, str]
    body: bytes = b""


class Exchange:
    """Exchanges over one pool of connections. Follows no redirects, keeps no cookies, unpacks nothing."""

    def __init__(self, *, network: httpcore.AsyncNetworkBackend, certificates: ssl.SSLContext) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=certificates,
            network_backend=network,
            max_connections=None,  # callers are counted where they come from
            max_keepalive_connections=32,
            keepalive_expiry=15.0,
        )

    async def aclose(self) -> None:
        """Closes what is open."""
        await self._pool.aclose()

    async def send(self, request: Request, *, to: Destination, limits: Limits) -> bytes:
        """The body of a good answer.

        Raises:
            Rejected: the answer is a refusal, a redirect, or too large; or nobody goes there.
            TemporarilyUnavailable: no answer, none in time, or one that says that there is trouble.
        """
        try:
            with anyio.fail_after(limits.total):
                return await self._sent(request, to=to, limits=limits)
        except TimeoutError as error:
            raise TemporarilyUnavailable(f"the plugin did not answer within {limits.total:g} s") from error
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise TemporarilyUnavailable(f"the plugin cannot be reached: {type(error).__name__}") from error

    async def _sent(self, request: Request, *, to: Destination, limits: Limits) -> bytes:
        url = httpcore.URL(scheme=to.scheme, host=_bracketed(to.host), port=to.port, target=to.target)
        headers = [("Host", _authority(to)), ("User-Agent", AGENT), ("Accept", "application/json")]
        async with self._pool.stream(
            request.method,
            url,
            headers=[*headers, *request.headers.items()],
            content=request.body or None,
            extensions={"timeout": {"connect": limits.connect, "pool": limits.total}},
        ) as answer:
            _judge(answer.status)
            return await _read(answer, at_most=limits.answer)


def _judge(status: int) -> None:
    """Lets good answers pass."""
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise Rejected(f"the plugin answered with a redirect ({status}); redirects are not followed")
    if status in LATER or status >= 500:
        raise TemporarilyUnavailable(f"the plugin failed ({status})")
    raise Rejected(f"the plugin refused ({status})")


async def _read(answer: httpcore.Response, *, at_most: int) -> bytes:
    body = bytearray()
    async for piece in answer.aiter_stream():
        body += piece
        if len(body) > at_most:
            raise Rejected(f"the plugin answered with more than {at_most:,} bytes")
    return bytes(body)


def _authority(to: Destination) -> str:
    default = {"https": 443, "http": 80}[to.scheme]
    return _bracketed(to.host) if to.port == default else f"{_bracketed(to.host)}:{to.port}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
