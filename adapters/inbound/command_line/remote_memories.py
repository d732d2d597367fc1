"""Memories through the REST interface of a server."""

from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from adapters.inbound.http.wire import WireMemory
from adapters.inbound.http.wire_found import WireFound
from domain.errors import InvalidRequest, MemoryNotFound, Unauthenticated
from ports.errors import Rejected, TemporarilyUnavailable

SECONDS = 30.0

T = TypeVar("T")


class RemoteMemories:
    """The memories of whom a token belongs to."""

    def __init__(self, url: str, *, token: str) -> None:
        """Keeps where to ask.

        Raises:
            InvalidRequest: it is no address of a server.
        """
        self._where = url.replace("ws", "http", 1) if url.startswith("ws") else url
        try:
            parsed = httpx.URL(self._where)
        except httpx.InvalidURL as error:
            raise InvalidRequest(f"{url}: not an address of a server") from error
        if parsed.scheme not in {"http", "https"} or not parsed.host:
            raise InvalidRequest(f"{url}: not an address of a server; expected http://host:port")
        self._client = httpx.AsyncClient(
            base_url=self._where, headers={"Authorization": f"Bearer {token}"}, timeout=SECONDS, trust_env=False
        )

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    async def newest(self, *, limit: int) -> list[WireMemory]:
        """The newest ones."""
        parameters = {"limit": limit, "include_discarded": "false"}
        return await self._asked("GET", "/v1/memories", returns=list[WireMemory], params=parameters)

    async def get(self, memory_id: str) -> WireMemory:
        """One of them.

        Raises:
            MemoryNotFound: there is no such memory.
        """
        return await self._asked("GET", f"/v1/memories/{quote(memory_id, safe='')}", returns=WireMemory)

    async def search(self, query: str, *, limit: int) -> list[WireFound]:
        """Those that answer a question, best first."""
        body = {"query": query, "limit": limit}
        return await self._asked("POST", "/v1/memories/search", returns=list[WireFound], json=body)

    async def _asked(self, method: str, path: str, *, returns: type[T], **more: Any) -> T:  # noqa: ANN401 - of httpx
        try:
            answer = await self._client.request(method, path, **more)
        except httpx.HTTPError as error:
            raise TemporarilyUnavailable(f"no server answers at {self._where}; start one with: omi serve") from error
        if answer.status_code != httpx.codes.OK:
            raise _refused(answer, self._where)
        try:
            return msgspec.json.decode(answer.content, type=returns)
        except msgspec.MsgspecError as error:
            raise Rejected(f"{self._where} answers as no Omi server does: {error}") from error


def _refused(answer: httpx.Response, where: str) -> Exception:
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        return Unauthenticated(f"{where} does not accept the token; make one with: omi token USER")
    if answer.status_code == httpx.codes.NOT_FOUND:
        return MemoryNotFound("Memory not found")
    if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        return TemporarilyUnavailable(f"{where} answers with status {answer.status_code}")
    return Rejected(f"{where} refuses with status {answer.status_code}: {answer.text[:200]}")
