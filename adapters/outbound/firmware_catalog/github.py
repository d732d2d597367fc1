"""Firmware from the releases of a repository at GitHub, or at a server that speaks as it does."""

from types import TracebackType
from typing import Annotated, Self

import anyio
import httpx
from msgspec import Meta, Struct

from adapters.outbound.firmware_catalog.github_releases import read_releases
from adapters.outbound.secret import Secret
from domain.firmware import FirmwareRelease
from ports.clock import Clock
from ports.diagnosis import Condition, Diagnosis
from ports.errors import AdapterError, Rejected, TemporarilyUnavailable

LARGEST = 16 * 1024 * 1024
"""Bytes of a list of releases."""
MOST = 100
"""Releases that are looked at, the newest: so many come at once."""
REMEDY = "check the network, OMI_FIRMWARE_CATALOG__GITHUB__REPOSITORY and OMI_FIRMWARE_CATALOG__GITHUB__TOKEN"


class GithubFirmwareCatalogSettings(Struct, frozen=True, kw_only=True):
    """Whose releases they are."""

    repository: Annotated[str, Meta(pattern=r"^[\w.-]+/[\w.-]+$")] = "BasedHardware/omi"
    """Owner and name."""
    url: str = "https://api.github.com"
    token: Secret = ""
    """For a repository that is not public, or for more than sixty questions an hour. Empty: none is sent."""
    lifetime: Annotated[float, Meta(ge=1, le=86_400)] = 600.0
    """Seconds after which they are asked for anew."""
    timeout: Annotated[float, Meta(ge=0.05, le=60)] = 10.0
    """Seconds for one question."""
    pause: Annotated[float, Meta(ge=0, le=3_600)] = 60.0
    """Seconds that the source is left alone after it failed."""


class GithubFirmwareCatalog:
    """Asks when somebody wants to know and what is known has become old; keeps what it knew while that fails."""

    def __init__(self, settings: GithubFirmwareCatalogSettings, *, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._known: tuple[FirmwareRelease, ...] | None = None
        self._entity_tag = ""
        self._trouble: AdapterError | None = None
        self._good_until = clock.monotonic()
        """No question before."""
        self._turn: anyio.Lock
        self._http: httpx.AsyncClient

    async def __aenter__(self) -> Self:
        self._turn = anyio.Lock()
        headers = {"Accept": "application/vnd.github+json", "User-Agent": "omi-backend"}
        if self._settings.token:
            headers["Authorization"] = f"Bearer {self._settings.token}"
        self._http = httpx.AsyncClient(
            base_url=self._settings.url, headers=headers, timeout=self._settings.timeout, follow_redirects=True
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def releases(self) -> tuple[FirmwareRelease, ...]:
        """Firmware among the newest hundred releases.

        Raises:
            TemporarilyUnavailable, Rejected: it cannot be asked for, and nothing is known of earlier.
        """
        async with self._turn:  # who comes while it is asked for has the same answer
            if self._clock.monotonic() >= self._good_until:
                await self._refresh()
        if self._known is None:
            raise self._trouble or TemporarilyUnavailable("no releases are known yet")
        return self._known

    async def diagnose(self) -> Diagnosis:
        """Tells how much there is, and what went wrong when it was asked for last."""
        try:
            found = await self.releases()
        except AdapterError as error:
            return Diagnosis(condition=Condition.BROKEN, finding=str(error), remedy=REMEDY)
        finding = f"{len(found)} releases of firmware in {self._settings.repository}"
        if self._trouble is None:
            return Diagnosis(condition=Condition.WORKING, finding=finding)
        return Diagnosis(condition=Condition.DEGRADED, finding=f"{finding}; {self._trouble}", remedy=REMEDY)

    async def _refresh(self) -> None:
        try:
            await self._download()
        except AdapterError as error:
            self._trouble, wait = error, self._settings.pause
        else:
            self._trouble, wait = None, self._settings.lifetime
        self._good_until = self._clock.monotonic() + wait

    async def _download(self) -> None:
        place = f"/repos/{self._settings.repository}/releases"
        headers = {"If-None-Match": self._entity_tag} if self._entity_tag else {}
        try:
            with anyio.fail_after(self._settings.timeout):
                async with self._http.stream("GET", place, params={"per_page": MOST}, headers=headers) as answer:
                    if answer.status_code == httpx.codes.NOT_MODIFIED and self._known is not None:
                        return
                    content = await _read(answer)
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL) as error:
            raise TemporarilyUnavailable(f"the releases cannot be downloaded: {type(error).__name__}") from error
        self._known = read_releases(content)
        self._entity_tag = answer.headers.get("ETag", "")


async def _read(answer: httpx.Response) -> bytes:
    status = answer.status_code
    if status in {401, 404, 410, 451}:
        raise Rejected(f"there are no such releases, or they are not for us: the server answers {status}")
    if not answer.is_success:  # 403 is what too many questions get
        raise TemporarilyUnavailable(f"the releases cannot be downloaded: the server answers {status}")
    content = bytearray()
    async for piece in answer.aiter_bytes():
        content += piece
        if len(content) > LARGEST:
            raise Rejected(f"the list of releases has more than {LARGEST:,} bytes")
    return bytes(content)
