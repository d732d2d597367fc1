"""All that there is of a user goes, however often it takes."""

from collections.abc import Awaitable, Callable, Mapping

from application.run_jobs import JobRun
from domain.ids import JobId, UserId, new_id
from ports.errors import TemporarilyUnavailable
from ports.job_queue import Job, JobQueue

DELETE_ACCOUNT = "delete_account"
"""Kind of the job that does it."""

ForgetUser = Callable[[UserId], Awaitable[None]]
"""Removes what one store has of a user; harmless when there is nothing."""


class DeleteAccount:
    """Has every store forget a user."""

    def __init__(self, *, jobs: JobQueue, stores: Mapping[str, ForgetUser]) -> None:
        """Keeps what it works with.

        Args:
            jobs: where the work waits.
            stores: what each store does, by name. All are asked, in order; one that fails is asked again.
        """
        self._jobs = jobs
        self._stores = dict(stores)

    async def request(self, user: UserId) -> None:
        """Has a user forgotten, whatever crashes from here on. Raises TemporarilyUnavailable."""
        await self._jobs.enqueue(Job(id=JobId(f"{DELETE_ACCOUNT}:{new_id()}"), kind=DELETE_ACCOUNT, user=user))

    async def delete(self, run: JobRun) -> None:
        """Does a `delete_account` job. The first failure is raised when all stores were asked."""
        failures: list[Exception] = []
        for forget in self._stores.values():
            try:
                await forget(run.job.user)
            except TemporarilyUnavailable as error:
                failures.append(error)
        if failures:
            raise failures[0]
