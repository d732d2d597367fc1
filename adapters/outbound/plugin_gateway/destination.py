"""What an address that somebody else wrote really asks for, or why nobody goes there. Pure."""

import re
from collections.abc import Collection
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import SplitResult, quote, urlsplit

from msgspec import Struct

from ports.errors import Rejected

LONGEST = 4_096
"""Characters of an address."""
DEFAULT_PORTS = {"https": 443, "http": 80}
_NUMERIC = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)")
"""A last label like this makes resolvers take the whole name for a number: 2130706433, 0x7f.1, 0177.0.0.1."""
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_AS_THEY_ARE = "!$%&'()*+,/:;=?@[]~"
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")


class Destination(Struct, frozen=True, kw_only=True):
    """Where a call goes."""

    scheme: str
    host: str
    """A name in ASCII without a final dot, or an address without brackets."""
    port: int
    target: str
    """Path and query, in ASCII."""

    @property
    def place(self) -> str:
        """`host:port`, as a setting names it."""
        return f"{self.host}:{self.port}"


class Rules(Struct, frozen=True, kw_only=True):
    """Where calls may go by their look."""

    schemes: tuple[str, ...] = ("https",)
    ports: tuple[int, ...] = (443, 80, 8443)
    allowed: Collection[str] = ()
    """`host:port` of places that may be called whatever they are, in clear text too."""


def destination(address: str, rules: Rules) -> Destination:
    """Takes an address apart.

    Raises:
        Rejected: it is none, or none that may be called.
    """
    if len(address) > LONGEST or _UNSAFE.search(address):
        raise Rejected("the address of the plugin holds what addresses do not, or is too long")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise Rejected("the address of the plugin is none") from error
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        raise Rejected("the address of the plugin does not begin with https:// and a name")
    if parts.username is not None or parts.password is not None:
        raise Rejected("the address of the plugin names a user: addresses with user or password are not called")
    found = Destination(
        scheme=parts.scheme,
        host=_host(parts.hostname),
        port=DEFAULT_PORTS[parts.scheme] if port is None else port,
        target=_target(parts),
    )
    _require(found, rules)
    return found


def _require(found: Destination, rules: Rules) -> None:
    if found.place in rules.allowed:
        return
    if found.scheme not in rules.schemes:
        raise Rejected(f"plugins are called over {' or '.join(rules.schemes)}, not over {found.scheme}")
    if found.port not in rules.ports:
        raise Rejected(f"plugins are not called on port {found.port}")


def _host(name: str) -> str:
    """The host as resolvers will understand it."""
    if ":" in name:
        return _address_6(name)
    host = _ascii(name).lower().removesuffix(".")
    labels = host.split(".")
    if _NUMERIC.fullmatch(labels[-1]):
        return _address_4(host)
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise Rejected("the address of the plugin names a host that cannot be")
    return host


def _ascii(name: str) -> str:
    """Letters of the world become ASCII before they are judged: some of them turn into digits and dots."""
    try:
        return name if name.isascii() else name.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise Rejected("the address of the plugin names a host that cannot be") from error


def _address_4(host: str) -> str:
    try:
        return str(IPv4Address(host))
    except AddressValueError as error:
        raise Rejected("the address of the plugin is a number in an unusual form") from error


def _address_6(name: str) -> str:
    try:
        return str(IPv6Address(name))
    except AddressValueError as error:
        raise Rejected("the address of the plugin is none of version 6") from error


def _target(parts: SplitResult) -> str:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return quote(target, safe=_AS_THEY_ARE, errors="replace")
