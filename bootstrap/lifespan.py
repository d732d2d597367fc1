"""Opens adapters, runs what runs in the background, and closes all of it in the right order."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import anyio
import structlog

from application.conversations import CREATE_MEMORY
from application.create_memory import REPAIR_GAPS
from application.restore import Restore
from application.run_jobs import RunJobs
from bootstrap.container import OPENED, Container

log = structlog.get_logger()


@asynccontextmanager
async def opened(container: Container, names: tuple[str, ...] = OPENED) -> AsyncIterator[None]:
    """The adapters, open. They close in reverse order."""
    async with AsyncExitStack() as stack:
        for name in names:
            adapter: Any = getattr(container, name)()
            if hasattr(adapter, "__aenter__"):
                await stack.enter_async_context(adapter)
        yield


@asynccontextmanager
async def running(container: Container) -> AsyncIterator[None]:
    """The whole program but for what faces the outside: adapters open, conversations restored, jobs done."""
    async with opened(container), anyio.create_task_group() as tasks:
        restore = container.restore()
        await restore.find()
        tasks.start_soon(restore.run)
        tasks.start_soon(_tell_refused, restore)
        tasks.start_soon(container.recover().run)
        tasks.start_soon(container.conversations().expire)
        tasks.start_soon(jobs(container).run)
        try:
            yield
        finally:
            tasks.cancel_scope.cancel()


async def _tell_refused(restore: Restore) -> None:
    await restore.done.wait()
    for conversation, reason in restore.refused.items():
        log.error("journal_refused", conversation=conversation, reason=reason)


def jobs(container: Container) -> RunJobs:
    """The worker of this process."""
    create_memory = container.create_memory()
    return RunJobs(
        queue=container.job_queue(),
        clock=container.clock(),
        handlers={CREATE_MEMORY: create_memory.from_conversation, REPAIR_GAPS: container.repair_gaps().repair},
        report=lambda failure: log.warning("job_failed", **failure),
        on_dead=create_memory.given_up,
    )
