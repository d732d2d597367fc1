"""Stretches of the calendar: days, weeks, months and what lies between two of them."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from msgspec import Struct


class Granularity(StrEnum):
    """How exactly a time was told."""

    MINUTE = "minute"
    HOUR = "hour"
    PART_OF_DAY = "part_of_day"
    DAY = "day"
    WEEKEND = "weekend"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    SEASON = "season"
    YEAR = "year"
    DECADE = "decade"
    SPAN = "span"
    """From one time to another: no unit of the calendar."""


class Span(Struct, frozen=True):
    """A half-open stretch of time, [start, end).

    Times without a zone are what the wall clock shows; aware ones were counted in elapsed time.
    """

    start: datetime
    end: datetime
    granularity: Granularity
    needs_day: bool = False
    """It says something only together with a day: "in the morning", "at 3"."""
    has_day: bool = True
    """A day was named; else it is the one that `now` suggests."""


class Lean(StrEnum):
    """In which direction a day lies that was named without one: "on Friday"."""

    PAST = "past"
    FUTURE = "future"
    UNKNOWN = "unknown"


class Reference(Struct, frozen=True):
    """From where one counts."""

    now: datetime
    """Aware, in the speaker's zone."""
    lean: Lean

    @property
    def today(self) -> date:
        """The speaker's date."""
        return self.now.date()


def between(first: date, behind: date, granularity: Granularity) -> Span:
    """From the midnight before one day to the midnight before another."""
    return Span(datetime.combine(first, time()), datetime.combine(behind, time()), granularity)


def day(when: date) -> Span:
    """A day."""
    return between(when, when + timedelta(days=1), Granularity.DAY)


def week(when: date, *, offset: int = 0) -> Span:
    """The week of a day, or one so many weeks later. Weeks start on Monday."""
    monday = when + timedelta(days=7 * offset - when.weekday())
    return between(monday, monday + timedelta(days=7), Granularity.WEEK)


def weekend(when: date, *, offset: int = 0) -> Span:
    """Saturday and Sunday of the week of a day."""
    monday = when + timedelta(days=7 * offset - when.weekday())
    return between(monday + timedelta(days=5), monday + timedelta(days=7), Granularity.WEEKEND)


def month(year: int, number: int) -> Span:
    """A month; numbers beyond 1 to 12 count on into other years."""
    first = first_of_month(year, number)
    return between(first, first_of_month(year, number + 1), Granularity.MONTH)


def months(year: int, number: int, *, count: int, granularity: Granularity) -> Span:
    """Several months in a row."""
    return between(first_of_month(year, number), first_of_month(year, number + count), granularity)


def years(first: int, *, count: int = 1, granularity: Granularity = Granularity.YEAR) -> Span:
    """A year, or several in a row."""
    return between(date(first, 1, 1), date(first + count, 1, 1), granularity)


def first_of_month(year: int, number: int) -> date:
    """The first day of a month; numbers beyond 1 to 12 count on into other years."""
    more, month_before = divmod(number - 1, 12)
    return date(year + more, month_before + 1, 1)


def shifted(when: date, *, by_months: int) -> date:
    """The same day of another month, or its last one where it has no such day."""
    first = first_of_month(when.year, when.month + by_months)
    last = first_of_month(first.year, first.month + 1) - timedelta(days=1)
    return min(first + timedelta(days=when.day - 1), last)


def unit(at: Reference, name: str, *, offset: int) -> Span:
    """The minute, hour, day, week, ... so many behind (or before) the one that is now."""
    today = at.today
    spans = {
        "minute": lambda: _elapsed(at.now, "minute", offset),
        "hour": lambda: _elapsed(at.now, "hour", offset),
        "day": lambda: day(today + timedelta(days=offset)),
        "week": lambda: week(today, offset=offset),
        "weekend": lambda: weekend(today, offset=offset),
        "month": lambda: month(today.year, today.month + offset),
        "year": lambda: years(today.year + offset),
        "decade": lambda: years(today.year // 10 * 10 + 10 * offset, count=10, granularity=Granularity.DECADE),
    }
    return spans[name]()


def moved(when: datetime, name: str, *, by: int) -> datetime:
    """The same time so many units later; hours pass as they do, days are the calendar's."""
    match name:
        case "minute" | "hour":
            step = timedelta(minutes=by) if name == "minute" else timedelta(hours=by)
            return (when.astimezone(UTC) + step).astimezone(when.tzinfo)
        case "day" | "week" | "weekend":
            return when + timedelta(days=by * (1 if name == "day" else 7))
        case _:
            by_months = by * {"month": 1, "year": 12, "decade": 120}[name]
            return datetime.combine(shifted(when.date(), by_months=by_months), when.time(), tzinfo=when.tzinfo)


def _elapsed(now: datetime, name: str, offset: int) -> Span:
    then = moved(now, name, by=offset).replace(second=0, microsecond=0)
    if name == "minute":
        return Span(then, moved(then, "minute", by=1), Granularity.MINUTE)
    hour = then.replace(minute=0)
    return Span(hour, moved(hour, "hour", by=1), Granularity.HOUR)


def nth_weekday(year: int, number: int, weekday: int, *, place: int) -> date:
    """The so many-th Monday, Tuesday, ... of a month; place -1 is the last.

    Raises:
        ValueError: the month has no fifth one.
    """
    if place < 0:
        last = first_of_month(year, number + 1) - timedelta(days=1)
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    first = first_of_month(year, number)
    found = first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (place - 1))
    if found.month != first.month:
        raise ValueError("no such day in that month")
    return found
