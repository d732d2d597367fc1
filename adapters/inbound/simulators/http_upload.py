"""A request with a body, read from a connection that otherwise speaks WebSocket."""

import http
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

import msgspec
from msgspec import Struct

_END_OF_HEAD = b"\r\n\r\n"


class HttpRequest(Struct, frozen=True, kw_only=True):
    """A request."""

    method: str
    path: str
    options: dict[str, str]
    """The query; of a repeated name the last value."""
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes


class HttpAnswer(Struct, frozen=True, kw_only=True):
    """An answer in JSON. The connection is closed behind it."""

    status: int
    content: object
    headers: Mapping[str, str] = {}

    @property
    def text(self) -> str:
        """The body."""
        return msgspec.json.encode(self.content).decode()

    def encode(self) -> bytes:
        """As it goes over the wire."""
        body = self.text.encode()
        headers = {
            "content-type": "application/json",
            "content-length": str(len(body)),
            "connection": "close",
            **self.headers,
        }
        lines = [f"HTTP/1.1 {self.status} {http.HTTPStatus(self.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join(lines).encode() + _END_OF_HEAD + body


class HttpUpload:
    """Collects a request whose length is declared."""

    def __init__(self) -> None:
        self._received = bytearray()
        self._body_at = 0
        self._length = 0
        """Bytes of head and body; 0 while the head is not whole."""

    def feed(self, data: bytes) -> HttpRequest | None:
        """Takes what came; gives the request once it is whole."""
        self._received += data
        if not self._length:
            self._measure()
        if not self._length or len(self._received) < self._length:
            return None
        return self._request()

    def _measure(self) -> None:
        head = self._received.find(_END_OF_HEAD)
        if head >= 0:
            self._body_at = head + len(_END_OF_HEAD)
            self._length = self._body_at + int(self._head()[1].get("content-length", "0"))

    def _head(self) -> tuple[str, dict[str, str]]:
        """The line of the request, and its headers."""
        head = self._received[: self._body_at].decode("latin-1").rstrip()
        request, *lines = head.split("\r\n")
        return request, {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}

    def _request(self) -> HttpRequest:
        request, headers = self._head()
        method, target, _ = request.split(" ", 2)
        path, options = split_target(target)
        body = bytes(self._received[self._body_at : self._length])
        return HttpRequest(method=method, path=path, options=options, headers=headers, body=body)


def split_target(target: str) -> tuple[str, dict[str, str]]:
    """Path and query of a request."""
    parts = urlsplit(target)
    return parts.path, dict(parse_qsl(parts.query))
