"""The keys that Google signs with: fetched when they are needed, kept as long as Google says, and seldom asked for."""

import re
from datetime import timedelta

import anyio
import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import load_pem_x509_certificate

from ports.clock import Clock
from ports.errors import TemporarilyUnavailable

BETWEEN_FETCHES = 60.0
"""Seconds: tokens that name unknown keys cause no more requests than this, however many there are."""
BETWEEN_FAILURES = 5.0
"""Seconds before it is tried again, where the last fetch failed."""
LONGEST_STALE = timedelta(days=1)
"""How long keys serve after their time, while Google cannot be reached. Then nobody can be judged."""
_LARGEST = 1 << 18
"""Bytes of an answer."""
_MAX_AGE = re.compile(r"max-age=(\d{1,9})")


class FirebaseKeys:
    """Google's public keys by their names."""

    def __init__(self, url: str, *, timeout: float, clock: Clock) -> None:
        self._url = url
        self._timeout = timeout
        self._clock = clock
        self._http: httpx.AsyncClient
        self._keys: dict[str, RSAPublicKey] = {}
        self._fresh_until = -1.0
        self._next_fetch = float("-inf")
        self._under_way: anyio.Event | None = None
        self.trouble = ""
        """What the last fetch failed of; empty: it did not."""

    async def __aenter__(self) -> "FirebaseKeys":
        self._http = httpx.AsyncClient(timeout=self._timeout)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def find(self, name: str) -> RSAPublicKey | None:
        """A key; None when there is none of that name.

        Raises:
            TemporarilyUnavailable: that cannot be told, because Google cannot be reached.
        """
        key = self._keys.get(name)
        now = self._clock.monotonic()
        if key is not None and now < self._fresh_until:
            return key
        if key is None or self._under_way is None:  # who has a key that is merely old does not wait for a newer one
            await self.refresh()
        is_too_old = self._clock.monotonic() > self._fresh_until + LONGEST_STALE.total_seconds()
        if not self._keys or is_too_old:
            raise TemporarilyUnavailable("Google's keys cannot be fetched: tokens cannot be judged")
        return self._keys.get(name)

    async def refresh(self) -> None:
        """Fetches the keys, if that may be done again. Who comes meanwhile waits for the same fetch."""
        if self._under_way is not None:
            await self._under_way.wait()
            return
        if self._clock.monotonic() < self._next_fetch:
            return
        self._under_way = done = anyio.Event()
        self._next_fetch = self._clock.monotonic() + BETWEEN_FAILURES
        try:
            await self._fetch()
            self._next_fetch = self._clock.monotonic() + BETWEEN_FETCHES
            self.trouble = ""
        except (httpx.HTTPError, ValueError) as error:
            self.trouble = f"Google's keys cannot be fetched ({type(error).__name__})"
        finally:
            self._under_way = None
            done.set()

    async def _fetch(self) -> None:
        answer = await self._http.get(self._url)
        answer.raise_for_status()
        if len(answer.content) > _LARGEST:
            raise ValueError("that is no list of certificates")
        self._keys = _keys(answer.content)
        age = _MAX_AGE.search(answer.headers.get("cache-control", ""))
        self._fresh_until = self._clock.monotonic() + (int(age[1]) if age else 0)


def _keys(content: bytes) -> dict[str, RSAPublicKey]:
    """Keys by name, from certificates by name. Raises ValueError."""
    certificates = msgspec.json.decode(content, type=dict[str, str])
    found = {name: load_pem_x509_certificate(text.encode()).public_key() for name, text in certificates.items()}
    keys = {name: key for name, key in found.items() if isinstance(key, RSAPublicKey)}
    if not keys:
        raise ValueError("there are no certificates")
    return keys
