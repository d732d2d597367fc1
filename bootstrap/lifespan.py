"""Opens adapters, runs what runs in the background, and closes all of it in the right order."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

import anyio
import structlog

from application.days.feel_emotions import FEEL_EMOTIONS
from application.days.tell_day import REMIND, TELL_DAY
from application.jobs.run_jobs import RunJobs
from application.listening.finish_conversation import CREATE_MEMORY
from application.listening.restore import Restore
from application.memories.create_memory import INDEX_MEMORY, REPAIR_GAPS
from application.memories.deliver_memories import DELIVER_MEMORY
from application.memories.follow_memory import REMEMBER_FACTS, UPGRADE_MEMORY
from application.memories.forget_memory import FORGET_MEMORY
from application.memories.make_memory import FOLLOW_UP
from application.offline.accept_card import HEAR_CARD
from application.offline.accept_files import SYNC_FILES
from application.questions.reindex import REINDEX
from application.recordings.lent_recordings import FORGET_LENT
from application.recordings.post_process import POST_PROCESS
from application.users.erase_user import ERASE_USER
from application.voices.relabel_segments import RELABEL_PERSON
from bootstrap.container import OPENED, Container
from bootstrap.observed import counted_failure, watched
from bootstrap.whole_users import eraser
from ports.job_queue import Job

log = structlog.get_logger()


@asynccontextmanager
async def opened(container: Container, names: tuple[str, ...] = OPENED) -> AsyncIterator[None]:
    """The adapters, open, the keys of users first. They close in reverse order."""
    async with AsyncExitStack() as stack:
        for name in dict.fromkeys(("vault", *names)):
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
        tasks.start_soon(deliveries(container).run)
        tasks.start_soon(container.live_plugins().run)
        tasks.start_soon(container.call_days().run)
        is_alone = container.settings().names("conversation_leases") == ("local",)
        if not is_alone:
            tasks.start_soon(container.hand_over().run)
            tasks.start_soon(container.hand_in_left_behind().run)
        try:
            yield
        finally:
            if not is_alone:
                await container.hand_over().leave()
            tasks.cancel_scope.cancel()


async def _tell_refused(restore: Restore) -> None:
    await restore.done.wait()
    for conversation, reason in restore.refused.items():
        log.error("journal_refused", conversation=conversation, reason=reason)


def jobs(container: Container) -> RunJobs:
    """The worker of this process."""
    create_memory, post_process = container.create_memory(), container.post_process()

    async def given_up(job: Job, reason: str) -> None:
        await create_memory.given_up(job, reason)
        await post_process.given_up(job, reason)

    tally = container.job_tally()
    return RunJobs(
        queue=container.job_queue(),
        clock=container.clock(),
        handlers=watched(
            {
                CREATE_MEMORY: create_memory.from_conversation,
                INDEX_MEMORY: create_memory.index,
                FOLLOW_UP: container.make_memory().follow_up,
                REPAIR_GAPS: container.repair_gaps().repair,
                REMEMBER_FACTS: container.remember_later().remember,
                UPGRADE_MEMORY: container.upgrade_memories().upgrade,
                FORGET_MEMORY: container.forget_memory().forget,
                ERASE_USER: eraser(container).erase,
                RELABEL_PERSON: container.relabel_segments().relabel,
                POST_PROCESS: post_process.process,
                FORGET_LENT: container.lent_recordings().forget,
                FEEL_EMOTIONS: container.feel_emotions().feel,
                TELL_DAY: container.tell_day().tell,
                REMIND: container.tell_day().remind,
                REINDEX: container.reindex().reindex,
                SYNC_FILES: container.sync_files().sync,
                HEAR_CARD: container.hear_card().hear,
            },
            tally=tally,
            tracer=container.tracer(),
        ),
        report=partial(counted_failure, tally),
        on_dead=given_up,
        patient=(
            CREATE_MEMORY,
            INDEX_MEMORY,
            FOLLOW_UP,
            REMEMBER_FACTS,
            UPGRADE_MEMORY,
            FORGET_MEMORY,
            ERASE_USER,
            SYNC_FILES,
            HEAR_CARD,
        ),
    )


def deliveries(container: Container) -> RunJobs:
    """A worker of its own for plugins: slow ones delay no memory."""
    tally = container.job_tally()
    return RunJobs(
        queue=container.job_queue(),
        clock=container.clock(),
        handlers=watched(
            {DELIVER_MEMORY: container.deliver_memories().deliver}, tally=tally, tracer=container.tracer()
        ),
        report=partial(counted_failure, tally),
    )
