"""Work for threads, done on the spot: for time that jumps whenever the loop is idle, and must not meanwhile."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import anyio.lowlevel
import anyio.to_thread
import sniffio


@contextmanager
def threads_in_step() -> Iterator[None]:
    """What a thread would do is done by the loop itself, which does not look like one meanwhile. For trio."""
    before = anyio.to_thread.run_sync
    anyio.to_thread.run_sync = _run_sync  # type: ignore[assignment]
    try:
        yield
    finally:
        anyio.to_thread.run_sync = before


async def _run_sync(function: Callable[..., Any], *arguments: Any, **_: Any) -> Any:
    await anyio.lowlevel.checkpoint()
    library, sniffio.thread_local.name = sniffio.thread_local.name, None
    try:
        return function(*arguments)
    finally:
        sniffio.thread_local.name = library
