"""Work that must not be given up outlasts what is out of order, and work that is cut off is given back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest

from adapters.outbound.clock.manual import ManualClock, settle
from adapters.outbound.job_queue.memory import InMemoryJobQueue
from application.jobs.job_lease import LEASE
from application.jobs.run_jobs import MOST_PATIENT_ATTEMPTS, Handler, JobRun, RunJobs
from benchmarks.memories.life import LongWaits
from domain.ids import JobId, UserId
from ports.errors import Rejected, TemporarilyUnavailable
from ports.job_queue import Job

FORGET, TELL = "forget", "tell"
DAY = 86_400.0


class Shop:
    """A worker that is patient with one kind of work."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.queue = InMemoryJobQueue(clock=self.clock)
        self.attempts: list[str] = []

    @asynccontextmanager
    async def working(self, handler: Handler) -> AsyncIterator[None]:
        worker = RunJobs(
            queue=LongWaits(self.queue),
            clock=self.clock,
            handlers={FORGET: handler, TELL: handler},
            report=lambda _: None,
            patient=(FORGET,),
        )
        with anyio.fail_after(20):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(worker.run)
                for kind in (FORGET, TELL):
                    await self.queue.enqueue(Job(id=JobId(kind), kind=kind, user=UserId("ann")))
                await settle()
                yield
                tasks.cancel_scope.cancel()

    async def dead(self) -> set[str]:
        return {letter.job.kind for letter in await self.queue.dead_letters()}


@pytest.fixture
def shop() -> Shop:
    return Shop()


async def test_patient_work_is_done_after_days(shop: Shop) -> None:
    async def handler(run: JobRun) -> None:
        if shop.clock.monotonic() < 2 * DAY:
            raise TemporarilyUnavailable("the store is away")
        shop.attempts.append(run.job.kind)

    async with shop.working(handler):
        await shop.clock.advance(3 * DAY)
    assert shop.attempts == [FORGET]
    assert await shop.dead() == {TELL}


async def test_patient_work_is_given_up_after_a_month(shop: Shop) -> None:
    async def handler(run: JobRun) -> None:
        shop.attempts.append(run.job.kind)
        raise TemporarilyUnavailable("the store is gone")

    async with shop.working(handler):
        for _ in range(32):
            await shop.clock.advance(DAY)
    assert shop.attempts.count(FORGET) == MOST_PATIENT_ATTEMPTS
    assert await shop.dead() == {FORGET, TELL}


@pytest.mark.parametrize("error", [Rejected("no such key"), ValueError("a bug")], ids=["refused", "broken"])
async def test_patience_is_for_what_is_out_of_order_not_for_what_is_wrong(shop: Shop, error: Exception) -> None:
    async def handler(_: JobRun) -> None:
        raise error

    async with shop.working(handler):
        await shop.clock.advance(DAY)
    assert await shop.dead() == {FORGET, TELL}


async def test_work_that_an_orderly_stop_cuts_off_need_not_wait_for_its_lease(shop: Shop) -> None:
    async def handler(_: JobRun) -> None:
        await anyio.sleep_forever()

    async with shop.working(handler):
        assert await shop.queue.claim((FORGET, TELL), lease=LEASE) is None
    again = await shop.queue.claim((FORGET,), lease=LEASE)
    assert again is not None
    assert again.attempt == 2
