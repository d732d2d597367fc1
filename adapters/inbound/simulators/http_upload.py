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

    def feed(self, data: bytes) -> HttpRequest | None:
        """Takes what came; gives the request once it is whole."""
        self._received += data
        head, found, body = bytes(self._received).partition(_END_OF_HEAD)
        if not found:
            return None
        request, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if len(body) < int(headers.get("content-length", "0")):
            return None
        method, target, _ = request.split(" ", 2)
        path, options = split_target(target)
        return HttpRequest(method=method, path=path, options=options, headers=headers, body=body)


def split_target(target: str) -> tuple[str, dict[str, str]]:
    """Path and query of a request."""
    parts = urlsplit(target)
    return parts.path, dict(parse_qsl(parts.query))
