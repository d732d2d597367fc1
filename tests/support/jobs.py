"""Jobs done by hand: attempts that end in a crash, and ones that do not."""

from adapters.outbound.job_queue.memory import InMemoryJobQueue
from application.jobs.job_lease import LEASE
from application.jobs.run_jobs import Handler, JobRun


async def attempt(queue: InMemoryJobQueue, kind: str, handler: Handler) -> bool:
    """Does the next job of a kind and notes that it is done; says whether there was one."""
    claim = await queue.claim([kind], lease=LEASE)
    if claim is None:
        return False
    await handler(JobRun(claim, queue=queue, steps=await queue.recall(claim)))
    await queue.complete(claim)
    return True


async def attempt_and_crash(queue: InMemoryJobQueue, kind: str, handler: Handler) -> None:
    """Does the next job of a kind; the process ends before that is noted. The job is due again when its lease ends."""
    claim = await queue.claim([kind], lease=LEASE)
    assert claim is not None
    await handler(JobRun(claim, queue=queue, steps=await queue.recall(claim)))
