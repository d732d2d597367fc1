"""Lists, written down in groups that are not too large."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
_FEW = 1_000
"""Items that are probably one group."""
_ROOM = 16
"""Bytes of a group beside its items, at most."""


def written_groups(items: Sequence[T], *, encode: Callable[[Any], bytes], largest: int) -> Iterator[bytes]:
    """The groups of a list, each written down; none for an empty one.

    Args:
        items: in an order that grows at its end, so that groups at its beginning stay what they are.
        encode: writes down an item, or a list of items.
        largest: bytes of a group; an item that has more is a group by itself.
    """
    if 0 < len(items) <= _FEW:
        written = encode(items)  # in one go: item by item takes three times as long
        if len(written) + len(items) <= largest - _ROOM:
            yield written
            return
    for group in _groups(items, encode, largest - _ROOM):
        yield encode(group)


def _groups(items: Sequence[T], encode: Callable[[Any], bytes], largest: int) -> Iterator[list[T]]:
    group: list[T] = []
    size = 0
    for item in items:
        length = len(encode(item)) + 1  # a comma, or the bytes of a longer list's head
        if group and size + length > largest:
            yield group
            group, size = [], 0
        group.append(item)
        size += length
    if group:
        yield group
