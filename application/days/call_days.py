"""Hands in what has to be done for each user at a time of their own day, once a day."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import msgspec
from msgspec import Struct

from application.days.tell_day import LATE_REMINDER, LATE_SUMMARY, REMIND, TELL_DAY, DayJob
from application.jobs.job_failure import reason_of
from application.users.accounts import Accounts
from domain.ids import JobId, UserId
from domain.local_day import REMINDER, SUMMARY, days_with_moment
from ports.clock import Clock
from ports.errors import AdapterError
from ports.job_queue import Job, JobQueue

LOOK_EVERY = 600.0
"""Seconds between two looks at all users."""
AHEAD = timedelta(seconds=LOOK_EVERY * 1.5)
"""Work is handed in before it is due, to be done on time."""


class MissedDay(Struct, frozen=True, kw_only=True):
    """What could not be handed in now; it is tried again at the next look. For the log."""

    user: UserId
    """Empty: nobody could be looked at."""
    reason: str


class CallDays:
    """Looks at all users every ten minutes. A user and a day make one job, however often that is handed in."""

    def __init__(
        self, *, accounts: Accounts, jobs: JobQueue, clock: Clock, report: Callable[[MissedDay], None]
    ) -> None:
        self._accounts = accounts
        self._jobs = jobs
        self._clock = clock
        self._report = report

    async def run(self) -> None:
        """Looks until cancelled."""
        while True:
            await self.look()
            await self._clock.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Hands in what is due soon, or was due while nothing ran. What fails for one user holds up nobody else."""
        now = self._clock.now()
        try:
            users = await self._accounts.everybody()
        except AdapterError as error:
            self._report(MissedDay(user=UserId(""), reason=reason_of(error)))
            return
        for user in sorted(users):
            try:
                await self._hand_in(user, now)
            except (AdapterError, msgspec.DecodeError) as error:  # the second: what is kept of one user is damaged
                self._report(MissedDay(user=user, reason=reason_of(error)))

    async def _hand_in(self, user: UserId, now: datetime) -> None:
        account = await self._accounts.get(user)
        until, zone = now + AHEAD, account.zone
        for day, moment in days_with_moment(SUMMARY, since=now - LATE_SUMMARY, until=until, zone=zone):
            await self._jobs.enqueue(_job(TELL_DAY, user, day), not_before=moment)
        if not account.push_token:
            return
        for day, moment in days_with_moment(REMINDER, since=now - LATE_REMINDER, until=until, zone=zone):
            await self._jobs.enqueue(_job(REMIND, user, day), not_before=moment)


def _job(kind: str, user: UserId, day: date) -> Job:
    return Job(
        id=JobId(f"{kind}:{user}:{day.isoformat()}"), kind=kind, user=user, payload=msgspec.json.encode(DayJob(day=day))
    )
