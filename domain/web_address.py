"""Addresses that others wrote, completed with what we have to say."""

from collections.abc import Mapping
from urllib.parse import quote


def with_query(address: str, parameters: Mapping[str, str]) -> str:
    """The address with parameters behind those it has, before its fragment.

    What stands there already stays as it is, to the letter: plugins put keys and paths into their addresses.
    """
    rest, mark, fragment = address.partition("#")
    added = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in parameters.items())
    if not added:
        return address
    return f"{rest}{_joint(rest)}{added}{mark}{fragment}"


def _joint(rest: str) -> str:
    if "?" not in rest:
        return "?"
    return "" if rest[-1] in "?&" else "&"


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="replace")
