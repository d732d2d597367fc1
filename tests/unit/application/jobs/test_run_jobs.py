from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import pairwise

import anyio
import anyio.lowlevel
import pytest
from msgspec import Struct

from adapters.outbound.clock.manual import ManualClock, settle
from adapters.outbound.job_queue.memory import InMemoryJobQueue
from application.jobs.job_failure import JobFailure, Outcome
from application.jobs.job_lease import LEASE, LONGEST_RUN
from application.jobs.run_jobs import AT_ONCE, RETRY_AFTER, Handler, JobRun, RunJobs
from domain.errors import NothingToRemember
from domain.ids import JobId, UserId
from ports.errors import Conflict, Rejected, StorageFull, TemporarilyUnavailable
from ports.job_queue import ClaimedJob, Job

KIND = "remember"


class Draft(Struct, frozen=True):
    title: str
    marks: tuple[int, ...] = ()


class BrokenHandler(Exception):
    pass


class Shop:
    """A worker, its queue, its clock, and what it told."""

    def __init__(self, queue: InMemoryJobQueue | None = None) -> None:
        self.clock = ManualClock()
        self.queue = queue or InMemoryJobQueue(clock=self.clock)
        self.failures: list[JobFailure] = []
        self.dead: list[tuple[JobId, str]] = []

    async def on_dead(self, job: Job, reason: str) -> None:
        self.dead.append((job.id, reason))

    @asynccontextmanager
    async def working(
        self, handler: Handler, *, on_dead: Callable[[Job, str], Awaitable[None]] | None = None
    ) -> AsyncIterator[None]:
        worker = RunJobs(
            queue=self.queue,
            clock=self.clock,
            handlers={KIND: handler},
            report=self.failures.append,
            on_dead=on_dead or self.on_dead,
        )
        with anyio.fail_after(10):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(worker.run)
                await settle()
                yield
                tasks.cancel_scope.cancel()

    async def enqueue(self, name: str = "one") -> None:
        assert await self.queue.enqueue(Job(id=JobId(name), kind=KIND, user=UserId("ann")))
        await settle()

    async def is_done(self, name: str = "one") -> bool:
        await self.clock.advance(LEASE.total_seconds() + 1)
        known = not await self.queue.enqueue(Job(id=JobId(name), kind=KIND, user=UserId("ann")))
        return known and await self.queue.claim((KIND,), lease=LEASE) is None and not await self.queue.dead_letters()


@pytest.fixture
def shop() -> Shop:
    return Shop()


def failing(*errors: Exception, then: Callable[[], None] = lambda: None) -> Handler:
    """Raises one after the other, then succeeds."""
    left = list(errors)

    async def handler(_run: JobRun) -> None:
        await anyio.lowlevel.checkpoint()
        if left:
            raise left.pop(0)
        then()

    return handler


async def test_work_is_done_once(shop: Shop) -> None:
    seen: list[tuple[JobId, int]] = []

    async def handler(run: JobRun) -> None:
        seen.append((run.job.id, run.attempt))

    async with shop.working(handler):
        await shop.enqueue("one")
        await shop.enqueue("two")
    assert seen == [("one", 1), ("two", 1)]
    assert await shop.is_done("one")
    assert shop.failures == []


async def test_work_that_waited_for_a_worker_is_done(shop: Shop) -> None:
    await shop.enqueue()
    async with shop.working(failing()):
        pass
    assert await shop.is_done()


async def test_what_is_unavailable_is_tried_again_after_each_pause_of_the_schedule(shop: Shop) -> None:
    attempts: list[timedelta] = []
    start = shop.clock.now()

    async def handler(_run: JobRun) -> None:
        attempts.append(shop.clock.now() - start)
        raise TemporarilyUnavailable("no answer from the model")

    async with shop.working(handler):
        await shop.enqueue()
        await shop.clock.advance(sum(pause.total_seconds() for pause in RETRY_AFTER) + 10)
    pauses = [later - earlier for earlier, later in pairwise(attempts)]
    assert [pause.total_seconds() for pause in pauses] == [5, 60, 600, 3_600, 21_600]
    (letter,) = await shop.queue.dead_letters()
    assert (letter.attempts, letter.reason) == (6, "unavailable: no answer from the model")
    assert shop.dead == [("one", letter.reason)]
    assert [failure["outcome"] for failure in shop.failures] == [Outcome.RETRY] * 5 + [Outcome.DEAD]


async def test_a_later_attempt_may_succeed(shop: Shop) -> None:
    async with shop.working(failing(StorageFull("no room"), BrokenHandler("secret words"))):
        await shop.enqueue()
        await shop.clock.advance(100)
    assert await shop.is_done()
    assert [failure["reason"] for failure in shop.failures] == ["unavailable: no room", "crashed: BrokenHandler"]
    assert shop.dead == []


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Rejected("the model refuses the key"), "refused: the model refuses the key"),
        (NothingToRemember("what somebody said"), "refused: nothing_to_remember"),
        (ExceptionGroup("wrapped", [Rejected("bad key")]), "refused: bad key"),
    ],
)
async def test_what_cannot_be_done_is_given_up_at_once(shop: Shop, error: Exception, reason: str) -> None:
    async with shop.working(failing(error)):
        await shop.enqueue()
    (letter,) = await shop.queue.dead_letters()
    assert (letter.attempts, letter.reason) == (1, reason)
    assert shop.dead == [("one", reason)]


async def test_a_revived_job_has_all_its_attempts_again(shop: Shop) -> None:
    async with shop.working(failing(Rejected("no"), TemporarilyUnavailable("later"))):
        await shop.enqueue()
        await shop.queue.revive(JobId("one"))
        await settle()
        await shop.clock.advance(5)
    assert await shop.is_done()


async def test_a_job_that_takes_the_process_with_it_every_time_is_given_up(shop: Shop) -> None:
    await shop.enqueue()
    for _ in range(len(RETRY_AFTER) + 1):
        assert await shop.queue.claim((KIND,), lease=LEASE)
        await shop.clock.advance(LEASE.total_seconds())
    async with shop.working(failing()):
        pass
    (letter,) = await shop.queue.dead_letters()
    assert letter.reason == "crashed: no attempt came to an end"


async def test_hopeless_jobs_do_not_delay_others(shop: Shop) -> None:
    done: list[JobId] = []

    async def handler(run: JobRun) -> None:
        if run.job.id.startswith("poison"):
            raise BrokenHandler
        done.append(run.job.id)

    async with shop.working(handler):
        for number in range(20):
            await shop.enqueue(f"poison {number}")
        await shop.enqueue("good")
        assert done == ["good"]


async def test_several_jobs_run_at_once_and_a_hanging_one_takes_one_place(shop: Shop) -> None:
    running, most, release = 0, 0, anyio.Event()

    async def handler(run: JobRun) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        if run.job.id != "quick":
            await release.wait()
        running -= 1

    async with shop.working(handler):
        for number in range(AT_ONCE - 1):
            await shop.enqueue(f"slow {number}")
        await shop.enqueue("quick")
        assert running == AT_ONCE - 1
        await shop.enqueue("slow too")
        await shop.enqueue("one too many")
        assert running == most == AT_ONCE
        release.set()
        await settle()
    assert await shop.is_done("one too many")


async def test_a_step_is_done_once_over_all_attempts(shop: Shop) -> None:
    calls: list[str] = []
    drafts: list[Draft] = []

    async def draft() -> Draft:
        calls.append("draft")
        return Draft("Lunch", (1, 2))

    async def handler(run: JobRun) -> None:
        drafts.append(await run.step("draft", draft, returns=Draft))
        drafts.append(await run.step("draft", draft, returns=Draft))
        if run.attempt < 3:
            raise TemporarilyUnavailable("not yet")

    async with shop.working(handler):
        await shop.enqueue()
        await shop.clock.advance(200)
    assert calls == ["draft"]
    assert drafts == [Draft("Lunch", (1, 2))] * 6
    assert await shop.is_done()


async def test_a_step_that_failed_is_done_again(shop: Shop) -> None:
    step = failing(TemporarilyUnavailable("no"))
    results: list[None] = []

    async def handler(run: JobRun) -> None:
        results.append(await run.step("send", lambda: step(run), returns=type(None)))

    async with shop.working(handler):
        await shop.enqueue()
        await shop.clock.advance(5)
    assert results == [None]
    assert await shop.is_done()


async def test_a_result_that_cannot_be_read_back_is_not_kept(shop: Shop) -> None:
    results: list[object] = ["no draft", Draft("Lunch")]

    async def draft() -> Draft:
        return results.pop(0)  # type: ignore[return-value]

    async def handler(run: JobRun) -> None:
        await run.step("draft", draft, returns=Draft)

    async with shop.working(handler):
        await shop.enqueue()
        assert [failure["reason"] for failure in shop.failures] == ["crashed: ValidationError"]
        await shop.clock.advance(5)
    assert await shop.is_done()


async def test_long_work_keeps_its_lease(shop: Shop) -> None:
    attempts: list[int] = []

    async def handler(run: JobRun) -> None:
        attempts.append(run.attempt)
        await shop.clock.sleep(10 * LEASE.total_seconds())

    async with shop.working(handler):
        await shop.enqueue()
        await shop.clock.advance(11 * LEASE.total_seconds())
    assert attempts == [1]
    assert await shop.is_done()


async def test_work_that_never_ends_is_cut_off_and_tried_again(shop: Shop) -> None:
    attempts: list[int] = []

    async def handler(run: JobRun) -> None:
        attempts.append(run.attempt)
        if run.attempt == 1:
            await anyio.sleep_forever()

    async with shop.working(handler):
        await shop.enqueue()
        await shop.clock.advance(LONGEST_RUN.total_seconds() + 60)
    assert attempts == [1, 2]
    assert shop.failures[0]["reason"] == "too_slow: after 0:30:00"
    assert await shop.is_done()


async def test_work_that_was_lost_to_another_worker_is_let_go(shop: Shop) -> None:
    cut_off = anyio.Event()

    async def handler(_run: JobRun) -> None:
        try:
            await anyio.sleep_forever()
        finally:
            cut_off.set()

    async with shop.working(handler):
        await shop.enqueue()
        entry = shop.queue._entries[JobId("one")]
        entry.lease = "another worker's"
        await shop.clock.advance(LEASE.total_seconds() / 2)
        assert cut_off.is_set()
    assert [failure["outcome"] for failure in shop.failures] == [Outcome.LEASE_LOST]
    assert entry.reason == ""


async def test_a_step_of_work_that_was_lost_ends_the_attempt(shop: Shop) -> None:
    async def handler(run: JobRun) -> None:
        shop.queue._entries[JobId("one")].lease = "another worker's"
        await run.step("send", anyio.lowlevel.checkpoint, returns=type(None))

    async with shop.working(handler):
        await shop.enqueue()
    assert [failure["outcome"] for failure in shop.failures] == [Outcome.LEASE_LOST]


async def test_a_cancelled_worker_leaves_its_work_to_the_next_one(shop: Shop) -> None:
    started, ended = anyio.Event(), anyio.Event()

    async def handler(_run: JobRun) -> None:
        started.set()
        try:
            await anyio.sleep_forever()
        finally:
            ended.set()

    async with shop.working(handler):
        await shop.enqueue()
        await started.wait()
    assert ended.is_set()
    assert shop.failures == []
    await shop.clock.advance(LEASE.total_seconds())
    async with shop.working(failing()):
        pass
    assert await shop.is_done()


async def test_a_notice_that_fails_is_reported_and_harms_nobody(shop: Shop) -> None:
    async def on_dead(_job: Job, _reason: str) -> None:
        raise BrokenHandler

    async with shop.working(failing(Rejected("no")), on_dead=on_dead):
        await shop.enqueue("one")
        await shop.enqueue("two")
    assert [failure["outcome"] for failure in shop.failures] == [Outcome.DEAD, Outcome.NOTICE_FAILED]
    assert len(await shop.queue.dead_letters()) == 1


class UnreliableQueue(InMemoryJobQueue):
    """A queue whose storage is away for a while."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(clock=clock)
        self.is_away = True

    async def claim(self, kinds: tuple[str, ...], *, lease: timedelta) -> ClaimedJob | None:  # type: ignore[override]
        self._check()
        return await super().claim(kinds, lease=lease)

    async def extend(self, claim: ClaimedJob, *, lease: timedelta) -> None:
        self._check()
        await super().extend(claim, lease=lease)

    async def complete(self, claim: ClaimedJob) -> None:
        self._check()
        await super().complete(claim)

    def _check(self) -> None:
        if self.is_away:
            raise TemporarilyUnavailable("jobs.db: the database failed")


async def test_the_worker_goes_on_when_its_queue_comes_back() -> None:
    shop = Shop()
    shop.queue = queue = UnreliableQueue(shop.clock)
    async with shop.working(failing()):
        await shop.enqueue()
        await shop.clock.advance(10)
        assert [failure["outcome"] for failure in shop.failures] == [Outcome.QUEUE_UNAVAILABLE]
        queue.is_away = False
        await shop.clock.advance(1)
    assert await shop.is_done()


async def test_work_whose_end_could_not_be_noted_is_done_again() -> None:
    shop = Shop()
    shop.queue = queue = UnreliableQueue(shop.clock)
    attempts: list[int] = []

    async def handler(run: JobRun) -> None:
        attempts.append(run.attempt)
        queue.is_away = run.attempt == 1

    queue.is_away = False
    async with shop.working(handler):
        await shop.enqueue()
        queue.is_away = False
        await shop.clock.advance(LEASE.total_seconds() + 1)
    assert attempts == [1, 2]
    assert shop.failures[0]["outcome"] == Outcome.QUEUE_UNAVAILABLE
    assert await shop.is_done()


async def test_a_conflict_of_a_handler_is_tried_again_and_no_lost_lease(shop: Shop) -> None:
    async with shop.working(failing(Conflict("the memory was changed meanwhile"))):
        await shop.enqueue()
        assert [failure["outcome"] for failure in shop.failures] == [Outcome.RETRY]
        await shop.clock.advance(5)
    assert await shop.is_done()
