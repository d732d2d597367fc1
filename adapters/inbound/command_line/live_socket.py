"""A client of `/listen`, as the app is one."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlencode, urlsplit, urlunsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI

from adapters.inbound.command_line.packets import SAMPLE_RATES
from domain.audio import Codec
from domain.errors import InvalidRequest, Unauthenticated
from ports.errors import Rejected, TemporarilyUnavailable

PATH = "/listen"
OPEN_SECONDS = 10.0


def address(url: str, *, codec: Codec, language: str, interim: str) -> str:
    """Where to connect to, with everything that the app says there.

    Raises:
        InvalidRequest: it is no address of a WebSocket.
    """
    parts = urlsplit(url)
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    if scheme not in {"ws", "wss"} or not parts.hostname:
        raise InvalidRequest(f"{url}: not an address of a server; expected ws://host:port or wss://host")
    query = urlencode(
        {"language": language, "sample_rate": SAMPLE_RATES[codec], "codec": codec.value, "interim": interim}
    )
    return urlunsplit((scheme, parts.netloc, parts.path.rstrip("/").removesuffix(PATH) + PATH, query, ""))


@asynccontextmanager
async def connected(url: str, *, token: str) -> AsyncIterator[ClientConnection]:
    """An open socket.

    Raises:
        TemporarilyUnavailable: there is no server, or it takes nobody now.
        Unauthenticated: it does not believe the token.
        Rejected: it refuses for another reason.
    """
    where = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    try:
        socket = await connect(
            url,
            additional_headers={"Authorization": f"Bearer {token}"},
            compression=None,
            max_size=None,
            open_timeout=OPEN_SECONDS,
        )
    except InvalidStatus as error:
        raise _refused(where, error) from error
    except (OSError, TimeoutError, ssl.SSLError) as error:
        raise TemporarilyUnavailable(f"no server answers at {where}; start one with: omi serve") from error
    except (InvalidHandshake, InvalidURI) as error:
        raise Rejected(f"{where} is not an Omi server: {error}") from error
    async with socket:
        yield socket


def _refused(where: str, error: InvalidStatus) -> Exception:
    status = error.response.status_code
    said = error.response.body.decode(errors="replace")[:200]
    if status == 401:
        return Unauthenticated(f"{where} does not accept the token; make one with: omi token USER")
    return Rejected(f"{where} refuses with status {status}: {said}")
