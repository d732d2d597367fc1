from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import anyio
import pytest

from adapters.outbound.clock.manual import ManualClock, settle
from domain.ids import JobId, UserId
from ports.errors import Conflict
from ports.job_queue import ClaimedJob, Job, JobQueue
from tests.contract.harness import over
from tests.contract.job_queue_harness import HARNESSES, Setup, job
from tests.support.memories import HOSTILE

LEASE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
KINDS = ("remember", "index")


@pytest.fixture(params=over("job_queue", HARNESSES))
async def setup(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Setup]:
    async with request.param(tmp_path) as ready:
        yield ready


@pytest.fixture
def queue(setup: Setup) -> JobQueue:
    return setup.queue


@pytest.fixture
def clock(setup: Setup) -> ManualClock:
    return setup.clock


async def claimed(queue: JobQueue, *, lease: timedelta = LEASE) -> ClaimedJob:
    found = await queue.claim(KINDS, lease=lease)
    assert found is not None
    return found


async def taken(queue: JobQueue, name: str = "one") -> ClaimedJob:
    await queue.enqueue(job(name))
    return await claimed(queue)


async def test_a_job_is_handed_out_as_it_was_taken(queue: JobQueue) -> None:
    wanted = job("one", kind="index", user="bob", payload=b'{"memory": "\xc3\xbc"}')
    assert await queue.enqueue(wanted)
    found = await claimed(queue)
    assert (found.job, found.attempt) == (wanted, 1)


async def test_without_work_there_is_nothing_to_claim(queue: JobQueue) -> None:
    assert await queue.claim(KINDS, lease=LEASE) is None
    assert await queue.claim((), lease=LEASE) is None


async def test_the_same_id_is_taken_once_whatever_became_of_it(queue: JobQueue) -> None:
    await queue.enqueue(job("done"))
    assert not await queue.enqueue(job("done", payload=b"other"))
    claim = await claimed(queue)
    assert not await queue.enqueue(job("done"))
    await queue.complete(claim)
    assert not await queue.enqueue(job("done"))
    dead = await taken(queue, "dead")
    await queue.fail(dead, reason="no use", retry_at=None)
    assert not await queue.enqueue(job("dead"))
    assert await queue.claim(KINDS, lease=LEASE) is None


async def test_only_the_wanted_kinds_are_claimed(queue: JobQueue) -> None:
    await queue.enqueue(job("one", kind="somebody else's"))
    assert await queue.claim(KINDS, lease=LEASE) is None
    await queue.enqueue(job("two", kind="index"))
    assert (await claimed(queue)).job.id == "two"


async def test_the_oldest_due_work_comes_first(queue: JobQueue, clock: ManualClock) -> None:
    start = clock.now()
    await queue.enqueue(job("later"), not_before=start + 2 * SECOND)
    await queue.enqueue(job("sooner", kind="index"), not_before=start + SECOND)
    await queue.enqueue(job("now"))
    await queue.enqueue(job("now too", kind="index"))
    await clock.advance(2)
    order = [(await claimed(queue)).job.id for _ in range(4)]
    assert order == ["now", "now too", "sooner", "later"]


async def test_work_is_not_handed_out_before_its_time(queue: JobQueue, clock: ManualClock) -> None:
    await queue.enqueue(job("one"), not_before=clock.now() + SECOND)
    await clock.advance(0.999)
    assert await queue.claim(KINDS, lease=LEASE) is None
    await clock.advance(0.001)
    assert (await claimed(queue)).job.id == "one"


async def test_of_many_callers_one_gets_it(queue: JobQueue) -> None:
    for number in range(5):
        await queue.enqueue(job(f"job {number}"))
    found: list[ClaimedJob | None] = []

    async def claim() -> None:
        found.append(await queue.claim(KINDS, lease=LEASE))

    async with anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(claim)
    assert sorted(one.job.id for one in found if one) == [f"job {number}" for number in range(5)]


async def test_of_many_who_enqueue_the_same_work_one_succeeds(queue: JobQueue) -> None:
    results: list[bool] = []

    async def enqueue() -> None:
        results.append(await queue.enqueue(job("one")))

    async with anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(enqueue)
    assert sorted(results) == [False] * 19 + [True]


async def test_work_whose_lease_ran_out_is_handed_out_again(queue: JobQueue, clock: ManualClock) -> None:
    first = await taken(queue)
    assert await queue.claim(KINDS, lease=LEASE) is None
    await clock.advance(LEASE.total_seconds())
    second = await claimed(queue)
    assert (second.job, second.attempt) == (first.job, 2)
    assert second.lease != first.lease


WRITES: dict[str, Callable[[JobQueue, ClaimedJob], Awaitable[object]]] = {
    "extend": lambda queue, claim: queue.extend(claim, lease=LEASE),
    "remember": lambda queue, claim: queue.remember(claim, "step", b"1"),
    "recall": lambda queue, claim: queue.recall(claim),
    "complete": lambda queue, claim: queue.complete(claim),
    "retry": lambda queue, claim: queue.fail(claim, reason="no", retry_at=ManualClock().now()),
    "give up": lambda queue, claim: queue.fail(claim, reason="no", retry_at=None),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
async def test_with_a_lease_that_ran_out_nothing_can_be_done(
    queue: JobQueue, clock: ManualClock, write: Callable[[JobQueue, ClaimedJob], Awaitable[object]]
) -> None:
    claim = await taken(queue)
    await clock.advance(LEASE.total_seconds())
    with pytest.raises(Conflict):
        await write(queue, claim)
    again = await claimed(queue)
    with pytest.raises(Conflict):
        await write(queue, claim)
    assert await queue.recall(again) == {}
    await queue.complete(again)


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
@pytest.mark.parametrize("end", ["complete", "retry", "give up", "forget"])
async def test_when_work_was_let_go_nothing_more_can_be_done_with_it(
    queue: JobQueue, end: str, write: Callable[[JobQueue, ClaimedJob], Awaitable[object]]
) -> None:
    claim = await taken(queue)
    await (queue.forget(claim.job.id) if end == "forget" else WRITES[end](queue, claim))
    with pytest.raises(Conflict):
        await write(queue, claim)


async def test_an_extended_lease_counts_from_now(queue: JobQueue, clock: ManualClock) -> None:
    claim = await taken(queue)
    await clock.advance(30)
    await queue.extend(claim, lease=LEASE)
    await clock.advance(59)
    await queue.remember(claim, "step", b"1")
    assert await queue.claim(KINDS, lease=LEASE) is None
    await clock.advance(1)
    assert (await claimed(queue)).attempt == 2


async def test_what_steps_gave_is_recalled_in_later_attempts(queue: JobQueue, clock: ManualClock) -> None:
    first = await taken(queue)
    await queue.remember(first, "one", b"1")
    await queue.remember(first, "two", b"2")
    await queue.remember(first, "two", b"22")
    assert await queue.recall(first) == {"one": b"1", "two": b"22"}
    await clock.advance(LEASE.total_seconds())
    assert await queue.recall(await claimed(queue)) == {"one": b"1", "two": b"22"}


async def test_steps_of_different_work_do_not_mix(queue: JobQueue) -> None:
    one, two = await taken(queue, "one"), await taken(queue, "two")
    await queue.remember(one, "step", b"1")
    assert await queue.recall(two) == {}


async def test_what_failed_comes_back_at_its_time_with_its_steps(queue: JobQueue, clock: ManualClock) -> None:
    claim = await taken(queue)
    await queue.remember(claim, "step", b"1")
    await queue.fail(claim, reason="no answer", retry_at=clock.now() + 5 * SECOND)
    assert await queue.claim(KINDS, lease=LEASE) is None
    await clock.advance(5)
    again = await claimed(queue)
    assert again.attempt == 2
    assert await queue.recall(again) == {"step": b"1"}
    assert await queue.dead_letters() == ()


async def test_a_dead_letter_tells_what_why_and_when(queue: JobQueue, clock: ManualClock) -> None:
    claim = await taken(queue)
    await clock.advance(3)
    await queue.fail(claim, reason="rejected: no such key", retry_at=None)
    (letter,) = await queue.dead_letters()
    assert (letter.job, letter.attempts, letter.reason) == (claim.job, 1, "rejected: no such key")
    assert letter.died_at == clock.now()
    await clock.advance(1_000_000)
    assert await queue.claim(KINDS, lease=LEASE) is None


async def test_dead_letters_are_listed_newest_first_and_by_user(queue: JobQueue, clock: ManualClock) -> None:
    for name, user in (("one", "ann"), ("two", "bob"), ("three", "ann")):
        await queue.enqueue(job(name, user=user))
        await queue.fail(await claimed(queue), reason="no", retry_at=None)
        await clock.advance(1)
    assert [letter.job.id for letter in await queue.dead_letters()] == ["three", "two", "one"]
    assert [letter.job.id for letter in await queue.dead_letters(UserId("ann"))] == ["three", "one"]
    assert await queue.dead_letters(UserId("nobody")) == ()


async def test_a_revived_job_is_due_at_once_and_remembers_its_steps(queue: JobQueue, clock: ManualClock) -> None:
    claim = await taken(queue)
    await queue.remember(claim, "step", b"1")
    await queue.fail(claim, reason="no", retry_at=None)
    await clock.advance(10)
    assert await queue.revive(claim.job.id)
    assert await queue.dead_letters() == ()
    again = await claimed(queue)
    assert (again.job, again.attempt) == (claim.job, 1)
    assert await queue.recall(again) == {"step": b"1"}


async def test_only_the_dead_can_be_revived(queue: JobQueue) -> None:
    assert not await queue.revive(JobId("unknown"))
    claim = await taken(queue)
    assert not await queue.revive(claim.job.id)
    await queue.complete(claim)
    assert not await queue.revive(claim.job.id)


async def test_what_was_forgotten_may_be_taken_again_and_starts_afresh(queue: JobQueue) -> None:
    await queue.forget(JobId("unknown"))
    claim = await taken(queue)
    await queue.remember(claim, "step", b"1")
    await queue.forget(claim.job.id)
    assert await queue.enqueue(job("one"))
    again = await claimed(queue)
    assert again.attempt == 1
    assert await queue.recall(again) == {}


async def test_done_work_can_be_forgotten_too(queue: JobQueue) -> None:
    await queue.complete(await taken(queue))
    await queue.forget(JobId("one"))
    assert await queue.enqueue(job("one"))


async def test_any_name_will_do(queue: JobQueue) -> None:
    for name in ("", "a\0b", "../x", "\ud800", "'; DROP TABLE jobs; --", "ü" * 1000):
        wanted = Job(id=JobId(name), kind="remember", user=UserId(name))
        assert await queue.enqueue(wanted)
        claim = await claimed(queue)
        assert claim.job == wanted
        await queue.remember(claim, name, b"1")
        assert await queue.recall(claim) == {name: b"1"}
        await queue.fail(claim, reason=name, retry_at=None)
        (letter,) = await queue.dead_letters(wanted.user)
        assert letter.reason == name


async def test_work_and_letters_of_users_with_hostile_names_do_not_mix(queue: JobQueue) -> None:
    for number, name in enumerate(HOSTILE):
        await queue.enqueue(Job(id=JobId(name), kind="remember", user=UserId(name), payload=b"%d" % number))
    for number, name in enumerate(HOSTILE):
        claim = await claimed(queue)
        assert (claim.job.id, claim.job.user, claim.job.payload) == (name, name, b"%d" % number)
        await queue.remember(claim, name, name.encode())
        await queue.fail(claim, reason=name, retry_at=None)
    for name in HOSTILE:
        assert [letter.job.id for letter in await queue.dead_letters(UserId(name))] == [name]
        assert await queue.revive(JobId(name))
        assert await queue.recall(await claimed(queue)) == {name: name.encode()}
        await queue.forget(JobId(name))
    assert await queue.dead_letters() == ()


async def test_waiting_ends_at_once_when_work_is_due(queue: JobQueue) -> None:
    await queue.enqueue(job("one"))
    with anyio.fail_after(5):
        await queue.wait(at_most=LEASE)


class Wait:
    """A look in vain, and then somebody who waits."""

    def __init__(self, queue: JobQueue, kinds: tuple[str, ...] = KINDS) -> None:
        self.queue, self.kinds, self.is_over = queue, kinds, anyio.Event()

    async def __call__(self) -> None:
        assert await self.queue.claim(self.kinds, lease=LEASE) is None
        await self.queue.wait(at_most=LEASE)
        self.is_over.set()


@asynccontextmanager
async def waiting(setup: Setup, kinds: tuple[str, ...] = KINDS) -> AsyncIterator[anyio.Event]:
    wait = Wait(setup.queue, kinds)
    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(wait)
            while not setup.clock._sleepers:
                await anyio.sleep(0.001)
            yield wait.is_over
            tasks.cancel_scope.cancel()


async def test_waiting_ends_when_work_is_taken(setup: Setup) -> None:
    async with waiting(setup) as is_over:
        assert not is_over.is_set()
        await setup.queue.enqueue(job("one"))
        await is_over.wait()


async def test_waiting_ends_when_a_dead_letter_is_revived(setup: Setup) -> None:
    await setup.queue.fail(await taken(setup.queue), reason="no", retry_at=None)
    async with waiting(setup) as is_over:
        await setup.queue.revive(JobId("one"))
        await is_over.wait()


async def test_waiting_ends_when_work_becomes_due(setup: Setup) -> None:
    await setup.queue.enqueue(job("one"), not_before=setup.clock.now() + 7 * SECOND)
    async with waiting(setup) as is_over:
        await setup.clock.advance(6.9)
        assert not is_over.is_set()
        await setup.clock.advance(0.1)
        await is_over.wait()


async def test_waiting_ends_when_a_lease_runs_out(setup: Setup) -> None:
    await setup.queue.enqueue(job("one"))
    await claimed(setup.queue, lease=9 * SECOND)
    async with waiting(setup) as is_over:
        await setup.clock.advance(8.9)
        assert not is_over.is_set()
        await setup.clock.advance(0.1)
        await is_over.wait()


async def test_waiting_ends_when_the_time_is_over(setup: Setup) -> None:
    async with waiting(setup) as is_over:
        await setup.clock.advance(LEASE.total_seconds() - 0.1)
        assert not is_over.is_set()
        await setup.clock.advance(0.1)
        await is_over.wait()


async def test_work_that_nobody_here_does_keeps_nobody_from_waiting(setup: Setup) -> None:
    await setup.queue.enqueue(job("one", kind="somebody else's"))
    async with waiting(setup) as is_over:
        await settle()
        assert not is_over.is_set()


async def test_who_stops_waiting_leaves_nothing_behind(setup: Setup) -> None:
    async with waiting(setup):
        pass
    await setup.queue.enqueue(job("one"))
    assert (await claimed(setup.queue)).job.id == "one"


async def test_the_work_of_a_user_is_known_whatever_became_of_it(queue: JobQueue) -> None:
    for name in ("open", "claimed", "dead"):
        await queue.enqueue(job(name))
    await queue.fail(await claimed(queue), reason="no use", retry_at=None)
    await claimed(queue)
    await queue.enqueue(job("of bob", user="bob"))
    assert await queue.ids_of(UserId("ann")) == ("claimed", "dead", "open")


@pytest.mark.parametrize("user", HOSTILE)
async def test_an_id_that_names_a_user_is_theirs_when_the_work_is_done(queue: JobQueue, user: str) -> None:
    await queue.enqueue(job(f"remember:{user}:today", user=user))
    await queue.enqueue(job("remember:nobody", user=user))
    await queue.complete(await claimed(queue))
    await queue.complete(await claimed(queue))
    assert await queue.ids_of(UserId(user)) == (f"remember:{user}:today",)
    await queue.forget(JobId(f"remember:{user}:today"))
    assert await queue.ids_of(UserId(user)) == ()
