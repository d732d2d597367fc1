"""Who may read the numbers. They tell nothing of users, but how much the service is used is nobody's business."""

import ipaddress
import secrets
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

SHORTEST_KEY = 16

_FORWARDED = (b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-real-ip", b"via")
"""What a proxy adds: whoever asked it may be anybody."""


class Readers(StrEnum):
    """Who may read."""

    LOCAL = "local"
    """Programs on this machine, and whoever has the key."""
    KEY = "key"
    """Whoever has the key."""
    NOBODY = "nobody"


class MetricsSettings(Struct, frozen=True, kw_only=True):
    """Who may read the numbers of this server, and where."""

    readers: Readers = Readers.LOCAL
    """`local`: programs on this machine and whoever has the key. `key`: only the latter. `nobody`: there are none."""
    key: Annotated[str, Meta(extra={"secret": True})] = ""
    """What a reader sends as `Authorization: Bearer ...`; at least 16 characters. Empty: no key opens anything."""
    port: Annotated[int, Meta(ge=0, le=65535)] = 0
    """A port of its own, so that no proxy in front of the other one shows the numbers by mistake; 0 for none."""
    host: str = "127.0.0.1"
    """Where that port is. Elsewhere than on this machine, readers need the key."""


def may_read(settings: MetricsSettings, *, client: str | None, headers: Mapping[bytes, bytes]) -> bool:
    """Judges one request.

    Args:
        settings: who may.
        client: address of the other side of the connection; None when it is not known.
        headers: names in small letters.
    """
    if settings.readers is Readers.NOBODY:
        return False
    if _has_key(headers.get(b"authorization", b""), settings.key):
        return True
    return settings.readers is Readers.LOCAL and _is_local(client, headers)


def _has_key(header: bytes, key: str) -> bool:
    scheme, _, given = header.partition(b" ")
    return bool(key) and scheme.lower() == b"bearer" and secrets.compare_digest(given.strip(), key.encode())


def _is_local(client: str | None, headers: Mapping[bytes, bytes]) -> bool:
    """Whether a program on this machine asks, for itself: no proxy for others, and no page in a browser."""
    if client is None or b"origin" in headers or any(name in headers for name in _FORWARDED):
        return False
    return _is_loopback(client) and _is_loopback(_without_port(headers.get(b"host", b"").decode("latin-1")))


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if host.count(":") == 1 else host


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
