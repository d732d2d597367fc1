"""Links as clients need them: absolute."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urljoin

from litestar import Request


def absolute(link: str | None, request: Request[Any, Any, Any]) -> str | None:
    """The link, on the server that was asked if it names no other."""
    return urljoin(str(request.base_url), link) if link is not None else None


def all_absolute(links: Iterable[str], request: Request[Any, Any, Any]) -> list[str]:
    """The links, on the server that was asked."""
    return [urljoin(str(request.base_url), link) for link in links]
