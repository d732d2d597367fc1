"""What the workers of this process have done: counted and timed by kind of work."""

from collections import Counter
from collections.abc import Sequence
from time import perf_counter

from application.jobs.job_failure import JobFailure, Reason
from application.jobs.run_jobs import Handler, JobRun
from ports.errors import AdapterError
from ports.job_queue import JobQueue
from ports.measures import Distribution, Label, Measure, Sample, Spread, counted, spread, standing

BOUNDS = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0)
"""Seconds."""

_REASONS = frozenset(reason.value for reason in Reason)


class JobTally:
    """Watches handlers, hears of failures, and asks the queue how much there is to do."""

    def __init__(self, queue: JobQueue) -> None:
        self._queue = queue
        self._durations: dict[str, Distribution] = {}
        self._failures: Counter[tuple[str, str, str]] = Counter()

    def timed(self, kind: str, handler: Handler) -> Handler:
        """The same handler, its attempts timed whatever comes of them."""
        durations = self._durations.setdefault(kind, Distribution(BOUNDS))

        async def run(job: JobRun) -> None:
            started = perf_counter()
            try:
                await handler(job)
            finally:
                durations.note(perf_counter() - started)

        return run

    def failed(self, failure: JobFailure) -> None:
        """An attempt failed. Of the reason, the word in front of the colon counts: the rest may name anything."""
        word = failure["reason"].partition(":")[0]
        reason = word if word in _REASONS else "other"
        self._failures[failure["job_kind"], str(failure["outcome"]), reason] += 1

    async def measures(self) -> Sequence[Measure]:
        """Attempts and failures of this process, and what the queue holds for all of them."""
        attempts = (Spread(durations, {Label.KIND: kind}) for kind, durations in sorted(self._durations.items()))
        failures = (
            Sample(count, {Label.KIND: kind, Label.OUTCOME: outcome, Label.REASON: reason})
            for (kind, outcome, reason), count in sorted(self._failures.items())
        )
        return (
            spread("job_attempt_seconds", "Attempts at jobs", attempts),
            counted("job_failures", "Attempts at jobs that failed", failures),
            *await self._of_queue(),
        )

    async def _of_queue(self) -> tuple[Measure, ...]:
        try:
            pile = await self._queue.pile()
        except AdapterError:
            return (standing("job_queue_reachable", "Whether the queue answers", [Sample(0)]),)
        return (
            standing("job_queue_reachable", "Whether the queue answers", [Sample(1)]),
            standing("jobs_ready", "Jobs that are due and that nobody has", [Sample(pile.ready)]),
            standing(
                "jobs_oldest_ready_seconds", "For how long the oldest of those has been due", [Sample(pile.oldest)]
            ),
            standing("jobs_open", "Jobs that are due, under way or for later", [Sample(pile.open)]),
            standing("jobs_dead", "Jobs that were given up", [Sample(pile.dead)]),
        )
