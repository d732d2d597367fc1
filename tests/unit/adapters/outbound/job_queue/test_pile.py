"""How much there is to do, as every queue tells it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from ports.job_queue import ClaimedJob, JobQueue, Pile
from tests.contract.harness import over
from tests.contract.job_queue_harness import HARNESSES, Setup, job

LEASE = timedelta(minutes=1)
KINDS = ("remember", "index")


@pytest.fixture(params=over("job_queue", HARNESSES))
async def setup(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Setup]:
    async with request.param(tmp_path) as ready:
        yield ready


async def taken(queue: JobQueue, name: str) -> ClaimedJob:
    await queue.enqueue(job(name))
    claim = await queue.claim(KINDS, lease=LEASE)
    assert claim is not None
    return claim


async def test_a_queue_tells_how_much_there_is_to_do(setup: Setup) -> None:
    queue, clock = setup.queue, setup.clock
    assert await queue.pile() == Pile(ready=0, oldest=0.0, open=0, dead=0)
    await queue.enqueue(job("later", kind="index"), not_before=clock.now() + timedelta(hours=1))
    assert await queue.pile() == Pile(ready=0, oldest=0.0, open=1, dead=0)
    dead = await taken(queue, "dead")
    await queue.fail(dead, reason="no use", retry_at=None)
    await queue.enqueue(job("one"))
    await queue.enqueue(job("two", kind="index"))
    await clock.advance(30)
    assert await queue.pile() == Pile(ready=2, oldest=30.0, open=3, dead=1)
    claim = await queue.claim(KINDS, lease=LEASE)
    assert claim is not None
    assert await queue.pile() == Pile(ready=1, oldest=30.0, open=3, dead=1)
    await queue.complete(claim)
    assert await queue.pile() == Pile(ready=1, oldest=30.0, open=2, dead=1)


async def test_work_whose_lease_ran_out_is_ready_again(setup: Setup) -> None:
    await taken(setup.queue, "one")
    await setup.clock.advance(LEASE.total_seconds() + 5)
    assert await setup.queue.pile() == Pile(ready=1, oldest=5.0, open=1, dead=0)
