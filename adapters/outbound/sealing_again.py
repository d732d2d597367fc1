"""Sealing anew, value by value."""

from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import TypeVar

from ports.errors import NotFound
from ports.sealing_again import Resealed

T = TypeVar("T")
ALL = 1_000_000_000
"""Of what a store gives out in one piece."""


async def resealed(
    values: Iterable[T], *, is_current: Callable[[T], bool], again: Callable[[T], Awaitable[None]]
) -> Resealed:
    """Has those values written anew that are not sealed as they would be now.

    Args:
        values: as they lie in the store.
        is_current: whether one is sealed with the key that seals now.
        again: writes one anew; raises NotFound when it is gone.
    """
    seen = sealed = 0
    for value in values:
        seen += 1
        if not is_current(value):
            with suppress(NotFound):  # removed meanwhile
                await again(value)
                sealed += 1
    return Resealed(seen, sealed)
