import os
import sys
import threading
from collections.abc import AsyncIterator

import pytest

from adapters.outbound.yielding_threads import YieldingThreads


@pytest.fixture
async def threads() -> AsyncIterator[YieldingThreads]:
    threads = YieldingThreads(most=1)
    yield threads
    threads.close()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no priorities of single threads")
async def test_others_go_first(threads: YieldingThreads) -> None:
    assert await threads.run(_priority) > _priority()


async def test_work_does_not_run_in_the_event_loop(threads: YieldingThreads) -> None:
    assert await threads.run(threading.get_ident) != threading.get_ident()


async def test_what_work_raises_is_raised(threads: YieldingThreads) -> None:
    with pytest.raises(ZeroDivisionError):
        await threads.run(lambda: 1 // 0)


def _priority() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
