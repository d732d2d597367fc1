"""Threads for work that nobody waits for: whoever else wants the processor goes first."""

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import anyio
import anyio.to_thread

T = TypeVar("T")

_BEHIND = 19
"""Steps of priority, as `nice` counts. On a busy core such a thread gets a sixtieth of what others of ours get."""


class YieldingThreads:
    """A few threads of their own, because a thread that once gave up its priority cannot have it back.

    Only Linux knows priorities of single threads; elsewhere they are threads like others.
    """

    def __init__(self, *, most: int) -> None:
        """None yet; they start with the first work. To be made in a running event loop.

        Args:
            most: pieces of work at the same time.
        """
        self._threads = ThreadPoolExecutor(most, thread_name_prefix="yielding", initializer=_yield_to_others)
        self._limiter = anyio.CapacityLimiter(most)

    async def run(self, work: Callable[[], T]) -> T:
        """Does blocking work in one of the threads. Raises what it raises."""
        return await anyio.to_thread.run_sync(lambda: self._threads.submit(work).result(), limiter=self._limiter)

    def close(self) -> None:
        """Lets the threads end, after what they do."""
        self._threads.shutdown(wait=False)


def _yield_to_others() -> None:
    if sys.platform == "linux":
        own = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, own, os.getpriority(os.PRIO_PROCESS, own) + _BEHIND)
