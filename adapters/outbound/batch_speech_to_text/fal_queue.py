"""FAL's SDK, sent to an address of choice, with a connection that can be closed.

The SDK knows one host, fixed when it is imported (an environment variable) and always by https; its connections are
its own and never closed. Two instances with two addresses can therefore neither share a variable nor a patched
module. What an instance does have of its own is its httpx client: here a client of ours takes that place, and its
transport sends what is meant for FAL's queue to the address of the settings. Nothing that other instances see is
changed, and the key leaves to no other host, whatever addresses an answer names.

The transport also ends what must not be repeated: the SDK would send a recording up to ten times.
"""

import ssl

import httpx
from fal_client import AsyncClient
from fal_client.auth import FAL_QUEUE_RUN_HOST

from ports.errors import AdapterError, Rejected, TemporarilyUnavailable

KEY_SETTING = "OMI_BATCH_SPEECH_TO_TEXT__FAL__API_KEY"
URL_SETTING = "OMI_BATCH_SPEECH_TO_TEXT__FAL__URL"
_REPEATED = frozenset({408, 409, 429})
"""Statuses upon which the SDK asks again."""
_DETAIL_LENGTH = 200


class FalQueue(AsyncClient):
    """The SDK's client over connections that were made for it."""

    def __init__(self, http: httpx.AsyncClient, *, key: str, timeout: float) -> None:
        super().__init__(key=key, default_timeout=timeout)
        self._http = http

    @property
    async def _client(self) -> httpx.AsyncClient:
        """What the SDK makes for itself otherwise."""
        return self._http


def connections(url: str, *, key: str, timeout: float, certificates: str) -> httpx.AsyncClient:
    """Connections to FAL, to be closed by whoever asked for them.

    Args:
        url: where FAL's queue is, or something that speaks like it.
        key: goes along with every request.
        timeout: seconds for a request.
        certificates: PEM file of authorities to trust instead of the usual ones; empty for those.

    Raises:
        Rejected: the address is none, or the file cannot be read.
    """
    address = httpx.URL(url)
    if address.scheme not in {"https", "http"} or not address.host:
        raise Rejected(f"{url!r} is no address: set {URL_SETTING}")
    try:
        trusted = ssl.create_default_context(cafile=certificates) if certificates else True
    except OSError as error:
        raise Rejected(f"{certificates} holds no certificates that can be read") from error
    headers = {"Authorization": f"Key {key}"}
    inner = httpx.AsyncClient(verify=trusted, follow_redirects=False)
    return httpx.AsyncClient(transport=_QueueTransport(inner, address=address), headers=headers, timeout=timeout)


def refusal(status: int, *, detail: str = "") -> AdapterError:
    """What an HTTP status means. The detail is FAL's own word for it; may be empty."""
    said = f": {detail[:_DETAIL_LENGTH]}" if detail else ""
    if status in {401, 403}:
        return Rejected(f"FAL refused the key ({status}): set {KEY_SETTING}{said}")
    if status == 402:
        return Rejected(f"FAL has no credit left for this key (402){said}")
    if status == 429:
        return TemporarilyUnavailable(f"FAL has too many requests from this key (429){said}")
    if status == 499:
        return TemporarilyUnavailable("FAL: somebody else canceled the request (499)")
    if 400 <= status < 500 and status not in _REPEATED:
        return Rejected(f"FAL refused the request ({status}){said}")
    return TemporarilyUnavailable(f"FAL failed ({status}){said}")


class _QueueTransport(httpx.AsyncBaseTransport):
    """Sends what is meant for FAL to the address of the settings, and everything else nowhere."""

    def __init__(self, http: httpx.AsyncClient, *, address: httpx.URL) -> None:
        self._http = http
        self._address = address

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Sends a request; of those that would cost again, once."""
        self._readdress(request)
        try:
            response = await self._http.send(request, stream=True)
        except httpx.TransportError as error:
            if request.method == "GET":
                raise  # the SDK asks again
            raise TemporarilyUnavailable(f"FAL cannot be reached: {type(error).__name__}") from error
        if request.method != "GET" and (response.status_code in _REPEATED or response.status_code >= 500):
            await response.aclose()
            raise refusal(response.status_code)
        return response

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    def _readdress(self, request: httpx.Request) -> None:
        own = (self._address.host, self._address.port)
        if request.url.host != FAL_QUEUE_RUN_HOST and (request.url.host, request.url.port) != own:
            raise Rejected(f"FAL's answer leads to {request.url.host}, which is not FAL's queue")
        place = {"scheme": self._address.scheme, "host": self._address.host, "port": self._address.port}
        request.url = request.url.copy_with(**place)
        request.headers["Host"] = request.url.netloc.decode("ascii")
