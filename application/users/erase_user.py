"""A user is removed from every store, however often it takes, and then every store is asked what is left."""

from collections.abc import Awaitable, Callable, Sequence

from msgspec import Struct

from application.jobs.run_jobs import JobRun
from application.users.user_data import Told, tell_nobody
from domain.ids import JobId, UserId, new_id
from ports.clock import Clock
from ports.errors import AdapterError, TemporarilyUnavailable
from ports.job_queue import Job, JobQueue

ERASE_USER = "erase_user"
"""Kind of the job that does it."""
ROUNDS = 4
"""Of erasing: what ran when it began may have put something back."""
SETTLING = 2.0
"""Seconds between erasing and asking what is left."""


class UserStore(Struct, frozen=True):
    """Something that keeps what belongs to users."""

    name: str
    erase: Callable[[UserId], Awaitable[None]]
    """Removes all of a user for good; harmless when there is nothing."""
    count: Callable[[UserId], Awaitable[int]]
    """How many things it has of a user."""


class Erased(Struct, frozen=True):
    """What a store had of a user, and what it has still."""

    store: str
    before: int
    left: int


class EraseUser:
    """Has every store forget a user, and proves it."""

    def __init__(self, *, jobs: JobQueue, stores: Sequence[UserStore], clock: Clock) -> None:
        """Keeps what it works with.

        Args:
            jobs: where the work waits.
            stores: are asked in order; one that fails is asked again.
            clock: for the pause before what is left is counted.
        """
        self._jobs = jobs
        self._stores = tuple(stores)
        self._clock = clock

    async def request(self, user: UserId) -> JobId:
        """Has a user erased, whatever crashes from here on. Raises TemporarilyUnavailable."""
        job = JobId(f"{ERASE_USER}:{new_id()}")
        await self._jobs.enqueue(Job(id=job, kind=ERASE_USER, user=user))
        return job

    async def erase(self, run: JobRun) -> None:
        """Does an `erase_user` job.

        Raises:
            TemporarilyUnavailable: something is left. It is to be done again.
        """
        left = [store.store for store in await self.now(run.job.user) if store.left]
        if left:
            raise TemporarilyUnavailable(f"something of the user is left in: {', '.join(left)}")

    async def at_once(self, user: UserId, *, told: Told = tell_nobody) -> tuple[Erased, ...]:
        """Erases a user here and now; whoever takes over after a crash goes on.

        Args:
            user: who goes.
            told: which store is asked, and how many were.

        Raises:
            TemporarilyUnavailable: a store failed to the last. The job stays: it is tried again.
        """
        job = await self.request(user)
        erased = await self.now(user, told=told)
        if not any(store.left for store in erased):
            await self._jobs.forget(job)
        return erased

    async def count(self, user: UserId) -> dict[str, int]:
        """What every store has of a user. Raises TemporarilyUnavailable."""
        return {store.name: await store.count(user) for store in self._stores}

    async def now(self, user: UserId, *, told: Told = tell_nobody) -> tuple[Erased, ...]:
        """Erases a user until nothing is left, or nothing helps.

        Raises:
            TemporarilyUnavailable: a store failed to the last. All others were asked.
        """
        before, _ = await self._counted(user)
        for _ in range(ROUNDS):
            failures = await self._round(user, told)
            await self._clock.sleep(SETTLING)
            left, uncounted = await self._counted(user)
            failures += uncounted
            if not failures and not any(left.values()):
                break
        if failures:
            raise TemporarilyUnavailable(f"not everything could be erased: {failures[0]}") from failures[0]
        return tuple(Erased(store.name, before.get(store.name, 0), left[store.name]) for store in self._stores)

    async def _round(self, user: UserId, told: Told) -> list[AdapterError]:
        """Has every store erase a user; gives the failures."""
        failures: list[AdapterError] = []
        for done, store in enumerate(self._stores):
            told(store.name, done)
            try:
                await store.erase(user)
            except AdapterError as error:
                failures.append(error)
        told("", len(self._stores))
        return failures

    async def _counted(self, user: UserId) -> tuple[dict[str, int], list[AdapterError]]:
        """What those stores have that can tell, and why the others cannot."""
        counts: dict[str, int] = {}
        failures: list[AdapterError] = []
        for store in self._stores:
            try:
                counts[store.name] = await store.count(user)
            except AdapterError as error:
                failures.append(error)
        return counts, failures
