"""Changing a memory."""

from collections.abc import Callable

from domain.memory import Memory
from ports.errors import Rejected


def changed(memory: Memory, change: Callable[[Memory], Memory]) -> Memory:
    """The memory after a change, which may do anything but make another memory of it.

    Raises:
        Rejected: the change gave it another id.
    """
    after = change(memory)
    if after.id != memory.id:
        raise Rejected("a change must leave the id of a memory as it is")
    return after
