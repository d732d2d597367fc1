"""What workers have done, added up."""

import pytest

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.job_queue.memory import InMemoryJobQueue
from application.jobs.job_failure import JobFailure, Outcome
from application.jobs.job_tally import JobTally
from domain.ids import JobId, UserId
from ports.errors import TemporarilyUnavailable
from ports.job_queue import Job, Pile
from ports.measures import Measure


class Gone(InMemoryJobQueue):
    async def pile(self) -> Pile:
        raise TemporarilyUnavailable("not now")


def failure(reason: str) -> JobFailure:
    return JobFailure(
        outcome=Outcome.RETRY, reason=reason, job_id=JobId("j"), job_kind="index", user=UserId("anna"), attempt=1
    )


async def named(tally: JobTally, name: str) -> Measure:
    (found,) = [measure for measure in await tally.measures() if measure.name == name]
    return found


async def test_failures_are_told_by_kind_outcome_and_the_word_that_the_reason_begins_with() -> None:
    tally = JobTally(InMemoryJobQueue(clock=ManualClock()))
    tally.failed(failure("unavailable: the model of anna"))
    tally.failed(failure("unavailable: something else"))
    tally.failed(failure("whatever somebody said"))
    found = {tuple(sample.labels.values()): sample.value for sample in (await named(tally, "job_failures")).samples}
    assert found == {("index", "retry", "other"): 1, ("index", "retry", "unavailable"): 2}


async def test_attempts_are_timed_whatever_comes_of_them() -> None:
    tally = JobTally(InMemoryJobQueue(clock=ManualClock()))

    async def failing(_run: object) -> None:
        raise TemporarilyUnavailable("no")

    handler = tally.timed("index", failing)
    with pytest.raises(TemporarilyUnavailable):
        await handler(None)  # type: ignore[arg-type]
    (one,) = (await named(tally, "job_attempt_seconds")).spreads
    assert sum(one.distribution.counts) == 1


async def test_the_pile_is_told() -> None:
    clock = ManualClock()
    queue = InMemoryJobQueue(clock=clock)
    await queue.enqueue(Job(id=JobId("j"), kind="index", user=UserId("anna")))
    await clock.advance(90)
    tally = JobTally(queue)
    assert (await named(tally, "jobs_ready")).samples[0].value == 1
    assert (await named(tally, "jobs_oldest_ready_seconds")).samples[0].value == 90


async def test_a_queue_that_is_away_is_told_as_that() -> None:
    tally = JobTally(Gone(clock=ManualClock()))
    assert (await named(tally, "job_queue_reachable")).samples[0].value == 0
