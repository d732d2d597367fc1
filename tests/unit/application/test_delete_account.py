"""Who leaves is forgotten by every store, however often it takes."""

from datetime import timedelta

import anyio

from adapters.outbound.clock.manual import ManualClock, settle
from adapters.outbound.job_queue.memory import InMemoryJobQueue
from application.delete_account import DELETE_ACCOUNT, DeleteAccount
from application.run_jobs import RunJobs
from domain.ids import UserId
from ports.errors import TemporarilyUnavailable

ANNA = UserId("anna")


async def test_a_store_that_fails_at_first_is_asked_until_it_forgets() -> None:
    clock, asked = ManualClock(), list[str]()
    refusals = 3

    async def stubborn(user: UserId) -> None:
        nonlocal refusals
        refusals -= 1
        if refusals >= 0:
            raise TemporarilyUnavailable("not now")
        asked.append(f"stubborn {user}")

    async def willing(user: UserId) -> None:
        asked.append(f"willing {user}")

    queue = InMemoryJobQueue(clock=clock)
    delete_account = DeleteAccount(jobs=queue, stores={"stubborn": stubborn, "willing": willing})
    handlers = {DELETE_ACCOUNT: delete_account.delete}
    worker = RunJobs(queue=queue, clock=clock, handlers=handlers, report=lambda _: None)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(worker.run)
        await delete_account.request(ANNA)
        await settle(50)
        assert asked == ["willing anna"]
        for _ in range(8):
            await clock.advance(timedelta(minutes=10).total_seconds())
            await settle(50)
        tasks.cancel_scope.cancel()
    assert asked[-2:] == ["stubborn anna", "willing anna"]
    assert await queue.ids_of(ANNA) == ()
