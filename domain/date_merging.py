"""Expressions that stand side by side and are one: "next Tuesday at 3 pm", "from May to July"."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from msgspec import Struct

from domain.clock_rules import TimeOfDay
from domain.date_rules import part_of
from domain.date_spans import Granularity, Reference, Span, between, day, shifted, week, weekend
from domain.date_words import COUNT, count_of


class Found(Struct, frozen=True):
    """Words and what they mean."""

    first: int
    behind: int
    meaning: Span | TimeOfDay | None


_BESIDE = re.compile(r"[\s,]*(?:at|around|about|by|in the|on|the)?[\s,]*")
_TO = re.compile(r"\s*(?:to|until|till|through|and|-|–)\s*(?:the )?")
_FROM = re.compile(r"(?:from|between)\s+(?:the )?$")
_SINCE = re.compile(r"(?:ever )?since\s+(?:the )?$")
_PART = re.compile(r"(?P<part>early|late|mid|(?:the )?(?:beginning|start|end|middle) of)(?: in)?[\s-]+(?:the )?$")
_AROUND = re.compile(r"(?:the )?(?P<unit>week|weekend) of\s+(?:the )?$")
_AWAY = re.compile(
    rf"(?:(?P<count>{COUNT}) |the )(?P<unit>day|week|weekend|month|year)s? (?P<side>before|after)\s+(?:the )?$"
)
_SMALL = {Granularity.MINUTE, Granularity.HOUR, Granularity.PART_OF_DAY, Granularity.DAY}
_WEEK = timedelta(days=7)
_LONGEST_PREFIX = 40
"""Characters in front of an expression that may belong to it."""


def merged(found: list[Found], small: str, at: Reference) -> list[Found]:
    """Joins what belongs together. `found` is in order of the text."""
    found = _joined(found, small, _times)
    found = _joined(found, small, _day_and_part)
    found = _joined(found, small, _day_and_time)
    found = _uncovered([_with_prefix(one, small) for one in found])
    return [_since(one, small, at) for one in _joined(found, small, _range)]


def _uncovered(found: list[Found]) -> list[Found]:
    """Without those that became a prefix of their neighbor: the weekend, of "the weekend of the 3rd"."""
    return [one for one in found if not any(one is not other and _covers(other, one) for other in found)]


def _covers(large: Found, small: Found) -> bool:
    return large.first <= small.first and small.behind <= large.behind


def _joined(found: list[Found], small: str, join: Callable[[Found, Found, str, str], Found | None]) -> list[Found]:
    result: list[Found] = []
    for one in found:
        before = result[-1] if result else None
        gap = small[before.behind : one.first] if before else ""
        ahead = small[max(before.first - _LONGEST_PREFIX, 0) : before.first] if before else ""
        both = join(before, one, gap, ahead) if before else None
        if both is None:
            result.append(one)
        else:
            result[-1] = both
    return result


def _times(left: Found, right: Found, gap: str, _: str) -> Found | None:
    """8 in the evening."""
    one, other = left.meaning, right.meaning
    if not isinstance(one, TimeOfDay) or not isinstance(other, TimeOfDay) or not _BESIDE.fullmatch(gap):
        return None
    exact, part = (one, other) if one.granularity is Granularity.MINUTE else (other, one)
    if exact.granularity is not Granularity.MINUTE or part.granularity is not Granularity.PART_OF_DAY:
        return None
    told = exact.within(part)
    clear = TimeOfDay(start=told.start, end=told.end, granularity=told.granularity, needs_day=part.needs_day)
    return Found(left.first, right.behind, clear)


def _day_and_part(left: Found, right: Found, gap: str, ahead: str) -> Found | None:
    """Tomorrow morning; before hours are looked at, because it tells which half of the day they are in."""
    meanings = (left.meaning, right.meaning)
    if any(isinstance(one, TimeOfDay) and one.granularity is Granularity.MINUTE for one in meanings):
        return None
    return _day_and_time(left, right, gap, ahead)


def _day_and_time(left: Found, right: Found, gap: str, _: str) -> Found | None:
    """Tomorrow at noon, and the other way round."""
    one, other = left.meaning, right.meaning
    if not _BESIDE.fullmatch(gap):
        return None
    if isinstance(one, TimeOfDay) and isinstance(other, Span):
        one, other = other, one
    if not isinstance(one, Span) or not isinstance(other, TimeOfDay):
        return None
    if one.granularity is Granularity.PART_OF_DAY and other.granularity is Granularity.MINUTE:
        return Found(left.first, right.behind, other.within(one).on(one.start))
    if one.granularity is not Granularity.DAY:
        return None
    return Found(left.first, right.behind, other.on(one.start))


def _with_prefix(one: Found, small: str) -> Found:
    """Early in May, the week of the 3rd, two days before Christmas."""
    span = one.meaning
    if not isinstance(span, Span) or span.start.tzinfo is not None:
        return one
    ahead = small[max(one.first - _LONGEST_PREFIX, 0) : one.first]
    if (away := _AWAY.search(ahead)) is not None:
        return Found(one.first - len(away.group()), one.behind, _away(span, away))
    if (part := _PART.search(ahead)) is not None and span.granularity not in _SMALL:
        return Found(one.first - len(part.group()), one.behind, part_of(span, part["part"].removeprefix("the ")))
    if (around := _AROUND.search(ahead)) is not None and span.granularity is Granularity.DAY:
        when = span.start.date()
        whole = week(when) if around["unit"] == "week" else weekend(when)
        return Found(one.first - len(around.group()), one.behind, whole)
    return one


def _away(span: Span, away: re.Match[str]) -> Span:
    number = count_of(away["count"]) if away["count"] else 1
    is_before = away["side"] == "before"
    steps = -number if is_before else number
    edge = span.start.date() if is_before else (span.end - timedelta(days=1)).date()
    match away["unit"]:
        case "day":
            return day(edge + timedelta(days=steps))
        case "week":
            return _weeks(edge, steps)
        case "weekend":
            return _weekends(edge, number, is_before=is_before)
        case name:
            when = shifted(edge, by_months=steps * (1 if name == "month" else 12))
            return day(when)


def _weeks(edge: date, steps: int) -> Span:
    """The seven days that end (or begin) next to a day, counted from there."""
    first = edge + timedelta(days=7 * steps if steps < 0 else 7 * steps - 6)
    return between(first, first + timedelta(days=7), Granularity.WEEK)


def _weekends(edge: date, number: int, *, is_before: bool) -> Span:
    """The so many-th weekend before (or after) a day."""
    if is_before:
        saturday = edge - timedelta(days=(edge.weekday() - 5) % 7 or 7)
        saturday -= timedelta(days=7 * (number - 1))
        if saturday + timedelta(days=2) > edge:
            saturday -= timedelta(days=7)
    else:
        saturday = edge + timedelta(days=(5 - edge.weekday()) % 7 or 7) + timedelta(days=7 * (number - 1))
    return between(saturday, saturday + timedelta(days=2), Granularity.WEEKEND)


def _range(left: Found, right: Found, gap: str, ahead: str) -> Found | None:
    """From Monday to Wednesday; from 3 to 5 pm has a day of its own."""
    if not _TO.fullmatch(gap):
        return None
    is_and = gap.strip() == "and"
    prefix = _FROM.search(ahead)
    if is_and and not (prefix and prefix.group().startswith("between")):
        return None
    first = left.first - len(prefix.group()) if prefix else left.first
    one, other = left.meaning, right.meaning
    if isinstance(one, TimeOfDay) and isinstance(other, TimeOfDay) and one.start < other.start:
        return Found(first, right.behind, TimeOfDay(start=one.start, end=other.start, granularity=Granularity.SPAN))
    if isinstance(one, Span) and isinstance(other, TimeOfDay):
        end = datetime.combine(one.start.date(), time()) + timedelta(minutes=other.start)
        return Found(first, right.behind, Span(one.start, end, Granularity.SPAN)) if one.start < end else None
    if isinstance(one, Span) and isinstance(other, Span) and not one.start.tzinfo and not other.start.tzinfo:
        end = other.end
        if one.granularity is other.granularity is Granularity.DAY and end <= one.start < end + _WEEK:
            end += _WEEK  # from Friday to Monday
        return Found(first, right.behind, Span(one.start, end, Granularity.SPAN)) if end > one.start else None
    return None


def _since(one: Found, small: str, at: Reference) -> Found:
    """Since Monday: up to now."""
    prefix = _SINCE.search(small[max(one.first - _LONGEST_PREFIX, 0) : one.first])
    begins = re.match(r"since ", small[one.first : one.behind])
    span = one.meaning
    if not (prefix or begins) or not isinstance(span, Span):
        return one
    start = span.start if span.start.tzinfo else span.start.replace(tzinfo=at.now.tzinfo)
    if start >= at.now:
        return one
    first = one.first - len(prefix.group()) if prefix else one.first
    return Found(first, one.behind, Span(span.start, at.now, Granularity.SPAN))
