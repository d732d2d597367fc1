"""Work on memories: at once where it is done before anybody notices, in a thread where others would have to wait."""

from collections.abc import Callable
from typing import TypeVar

import anyio.to_thread

from domain.memory import Memory

T = TypeVar("T")
HEAVY = 128 * 1024
"""Bytes of a memory, about, that take half a millisecond to lay out and compress: forty minutes of speech.

Going to a thread and coming back takes a tenth to a third of one, more where the machine is busy.
"""
_BESIDES = 120
"""Bytes of a segment beside its text: identifiers, times, a recognizer."""


async def done(work: Callable[[], T], *, size: int) -> T:
    """The outcome of work on so many bytes; less than `HEAVY` is done here, and holds others up for less than one."""
    return work() if size < HEAVY else await anyio.to_thread.run_sync(work)


def size_of(memory: Memory) -> int:
    """How many bytes a memory has, about."""
    said = sum(len(segment.text) for segment in memory.segments)
    translated = sum(
        len(one.text) for segment in memory.segments if segment.translations for one in segment.translations
    )
    shown = sum(len(photo.base64) for photo in memory.photos)
    told = sum(len(value) for value in (memory.external or {}).values() if isinstance(value, str | list | dict))
    return said + translated + shown + told + _BESIDES * len(memory.segments)
