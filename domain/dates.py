"""Time expressions of English text, resolved without a model: "last Friday" becomes an interval."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

from msgspec import Struct, structs

from domain.calendar_rules import CALENDAR
from domain.clock_rules import CLOCK, TimeOfDay
from domain.date_merging import Found, merged
from domain.date_rules import RELATIVE
from domain.date_spans import Granularity, Lean, Reference, Span
from domain.date_tense import Tenses

__all__ = ["Granularity", "Lean", "TimeExpression", "time_expressions"]

_LONGEST_TEXT = 20_000
"""Characters that are looked at."""
_HINT = re.compile(
    r"\d|day|night|week|month|year|morning|noon|evening|hour|minute|decade|tomorrow|summer|winter|spring|autumn|fall|"
    r"january|february|march|april|may|june|july|august|september|october|november|december|quarter|clock|half past|"
    r"christmas|xmas|easter|halloween|hallowe|thanksgiving|new year|valentine|patrick|ties\b|th\b|first|second|third|"
    r"tues|thurs|weds"
)
"""A text without any of these has no time in it; most have none."""
_SMALL_LETTERS = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
"""ASCII alone: other capitals may be longer when they are small, and places in the text must stay."""


class TimeExpression(Struct, frozen=True, kw_only=True):
    """A time that a text speaks of."""

    text: str
    """The words, as they stand."""
    first: int
    """Where they start, in characters."""
    behind: int
    """Where they have ended."""
    start: datetime
    """Aware, in the zone of `now`."""
    end: datetime
    """Exclusive; always later than `start`."""
    granularity: Granularity
    has_day: bool
    """A day (or more) was named. Else it is the one that `now` suggests: "at 3 pm"."""

    def contains(self, moment: datetime) -> bool:
        """Whether an aware moment lies within."""
        return self.start <= moment < self.end


def time_expressions(text: str, now: datetime, *, unclear: Lean = Lean.FUTURE) -> tuple[TimeExpression, ...]:
    """The time expressions of an English text, in order, none overlapping.

    Pure and deterministic. Weeks start on Monday. "Last Friday" is the latest one before today, "next Friday" that of
    the next calendar week, "two weeks ago" a whole week, "three days ago" a day. "On Friday" lies where the verb next
    to it points ("we met", "we will meet"). Evening and night begin at 18:00, the morning at 5:00. Hours that the
    clock of the zone skips are moved behind the skip; of those it shows twice the first is meant. A day from midnight
    to midnight is 23 or 25 hours long where the zone says so.

    Args:
        text: any text; what is longer than 20,000 characters is cut.
        now: aware, in the speaker's zone (`ZoneInfo`); when it was said.
        unclear: where a day lies that was named without a direction and without a verb that tells.

    Raises:
        ValueError: `now` has no zone.
    """
    if now.tzinfo is None:
        raise ValueError("now: expected a datetime with a zone")
    small = text[:_LONGEST_TEXT].translate(_SMALL_LETTERS)
    if not _HINT.search(small):
        return ()
    tenses = Tenses(small, unclear=unclear)
    found = _chosen(list(_matches(small, now, tenses)))
    at = Reference(now, unclear)
    resolved = ((one, _dated(one, Reference(now, tenses.near(one.first)))) for one in merged(found, small, at))
    return tuple(
        expression
        for one, span in resolved
        if span is not None and (expression := _expression(text, one, span, now)) is not None
    )


def _matches(small: str, now: datetime, tenses: Tenses) -> Iterator[Found]:
    for pattern, meaning in (*RELATIVE, *CALENDAR):
        for match in _compiled(pattern).finditer(small):
            first, behind = match.span("core" if "core" in match.re.groupindex else 0)
            at = Reference(now, tenses.near(first))
            try:
                yield Found(first, behind, meaning(match, at))
            except (ValueError, OverflowError, StopIteration, IndexError):
                yield Found(first, behind, None)  # there is no such day: the 31st of June, or beyond the calendar
    for clock, told in CLOCK:
        for match in _compiled(clock).finditer(small):
            time_of_day = told(match)
            if time_of_day is not None:
                yield Found(match.start(), match.end(), time_of_day)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compiled when first looked for: all of them take 60 ms, which a start need not wait for."""
    return re.compile(pattern)


def _chosen(matches: Sequence[Found]) -> list[Found]:
    """Where several rules read the same words, the one that reads most of them; in order of the text."""
    kept: list[Found] = []
    for one in sorted(matches, key=lambda match: (match.first - match.behind, match.first)):
        if all(one.behind <= other.first or other.behind <= one.first for other in kept):
            kept.append(one)
    return sorted((one for one in kept if one.meaning is not None), key=lambda match: match.first)


def _dated(one: Found, at: Reference) -> Span | None:
    """A time of the day without a day is today's, or tomorrow's where today's is over and the future is meant."""
    if isinstance(one.meaning, Span):
        return None if one.meaning.needs_day else one.meaning
    if not isinstance(one.meaning, TimeOfDay) or one.meaning.needs_day:
        return None
    span = one.meaning.on(at.now)
    is_over = span.end <= at.now.replace(tzinfo=None)
    if is_over and at.lean is not Lean.PAST and span.granularity is Granularity.MINUTE:
        span = one.meaning.on(at.now + timedelta(days=1))
    return structs.replace(span, has_day=False)


def _expression(text: str, one: Found, span: Span, now: datetime) -> TimeExpression | None:
    try:
        start, end = _aware(span.start, now), _aware(span.end, now)
    except (OverflowError, ValueError):
        return None
    if end <= start:  # an hour or a day that the zone skipped
        length = span.end.replace(tzinfo=None) - span.start.replace(tzinfo=None)
        end = (start.astimezone(UTC) + max(length, timedelta(minutes=1))).astimezone(now.tzinfo)
    return TimeExpression(
        text=text[one.first : one.behind],
        first=one.first,
        behind=one.behind,
        start=start,
        end=end,
        granularity=span.granularity,
        has_day=span.has_day,
    )


def _aware(when: datetime, now: datetime) -> datetime:
    """A wall clock's time in the zone; one that the clock skips is moved behind the skip."""
    if when.tzinfo is None:
        when = when.replace(tzinfo=now.tzinfo)
    return when.astimezone(UTC).astimezone(now.tzinfo)
