"""Moments of a day as a user's clock shows them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

REMINDER = time(8)
SUMMARY = time(22)


def moment_of(day: date, at: time, *, zone: tzinfo) -> datetime:
    """When a clock in a zone shows a time on a day, in UTC.

    A time that comes twice, as clocks are set back, is the first one; one that is skipped is as long after midnight as
    on other days.
    """
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def days_with_moment(at: time, *, since: datetime, until: datetime, zone: tzinfo) -> Iterator[tuple[date, datetime]]:
    """The days on which a clock in a zone shows a time between two moments; and when that is, in UTC.

    Args:
        at: on the user's clock.
        since: aware; included.
        until: aware; not included.
        zone: of the user.
    """
    day = since.astimezone(zone).date() - timedelta(days=1)
    last = until.astimezone(zone).date() + timedelta(days=1)
    while day <= last:
        moment = moment_of(day, at, zone=zone)
        if since <= moment < until:
            yield day, moment
        day += timedelta(days=1)


def between_summaries(day: date, *, zone: tzinfo) -> tuple[datetime, datetime]:
    """What a day's summary is about: from the summary before to this one, so that nothing falls between two days."""
    return moment_of(day - timedelta(days=1), SUMMARY, zone=zone), moment_of(day, SUMMARY, zone=zone)
