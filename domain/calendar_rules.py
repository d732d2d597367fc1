"""Expressions that name a place in the calendar: dates, months, seasons, years, holidays."""

import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta

from domain.date_rules import OFFSETS, WHICH, Rule, rule
from domain.date_spans import (
    Granularity,
    Lean,
    Reference,
    Span,
    between,
    day,
    first_of_month,
    month,
    months,
    nth_weekday,
    shifted,
    years,
)
from domain.date_words import ANY_MONTH, MONTH, ORDINAL, SEASON, SEASONS, WEEKDAY, YEAR, month_of, place_of, weekday_of
from domain.holidays import HOLIDAYS, holiday

_NINETIES = {"twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60}
_NINETIES |= {"seventies": 70, "eighties": 80, "nineties": 90}


def year_of(found: re.Match[str], at: Reference) -> int | None:
    """The year that an expression names: a number, or "last year"; None where it names none."""
    if found["year"]:
        return int(found["year"])
    return at.today.year + OFFSETS[found["which_year"]] if found["which_year"] else None


def _suited(spans: Iterable[Span], at: Reference, *, unclear_is_past: bool) -> Span:
    """Of what comes round every year, the one that is meant."""
    now, in_order = at.now.replace(tzinfo=None), sorted(spans, key=lambda span: span.start)
    if at.lean is Lean.PAST or (at.lean is Lean.UNKNOWN and unclear_is_past):
        return [span for span in in_order if span.start <= now][-1]
    return next(span for span in in_order if span.end > now)


def _every_year(at: Reference, make: Callable[[int], Span]) -> list[Span]:
    return [make(at.today.year + offset) for offset in (-2, -1, 0, 1, 2)]


def _related(found: re.Match[str], at: Reference, make: Callable[[int], Span], *, unclear_is_past: bool) -> Span:
    """The one of a year, of "last", "this" or "next"; else the one that is meant."""
    year, which = year_of(found, at), found["which"]
    if year is not None:
        return make(year)
    spans, now = _every_year(at, make), at.now.replace(tzinfo=None)
    if not which:
        return _suited(spans, at, unclear_is_past=unclear_is_past)
    if OFFSETS[which] < 0:
        return [span for span in spans if span.end <= now][-1]
    if OFFSETS[which] > 0:
        return next(span for span in spans if span.start > now)
    return make(at.today.year)


def _date(found: re.Match[str], at: Reference) -> Span:
    number = found["day"]
    day_of_month = int(number) if number.isdecimal() else place_of(number)
    wanted = month_of(found["month"])
    if (year := year_of(found, at)) is not None:
        return day(date(year, wanted, day_of_month))
    spans = []
    for near in (-4, -3, -2, -1, 0, 1, 2, 3, 4):  # the 29th of February comes every fourth year
        try:
            spans.append(day(date(at.today.year + near, wanted, day_of_month)))
        except ValueError:
            continue
    return _suited(spans, at, unclear_is_past=False)


def _numeric(found: re.Match[str], _: Reference) -> Span:
    year = int(found["year"]) + (0 if len(found["year"]) == 4 else 2000)
    return day(date(year, int(found["month"]), int(found["day"])))


def _slashes(found: re.Match[str], _: Reference) -> Span:
    """Month first, as Americans write; day first where it cannot be otherwise."""
    first, second = int(found["first"]), int(found["second"])
    number, day_of_month = (second, first) if first > 12 else (first, second)
    year = int(found["year"]) + (0 if len(found["year"]) == 4 else 2000)
    return day(date(year, number, day_of_month))


def _ordinal(found: re.Match[str], at: Reference) -> Span:
    """The 15th of this month, or of the one that is meant."""
    number = place_of(found["ordinal"])
    if found["which"]:
        first = first_of_month(at.today.year, at.today.month + OFFSETS[found["which"]])
        return day(date(first.year, first.month, number))
    spans = []
    for near in range(-3, 4):
        first = first_of_month(at.today.year, at.today.month + near)
        if shifted(first, by_months=1) - first >= timedelta(days=number):
            spans.append(day(first + timedelta(days=number - 1)))
    return _suited(spans, at, unclear_is_past=False)


def _month(found: re.Match[str], at: Reference) -> Span:
    wanted = month_of(found["month"])
    return _related(found, at, lambda year: month(year, wanted), unclear_is_past=True)


def _season(found: re.Match[str], at: Reference) -> Span:
    first = SEASONS[found["season"]]
    make = lambda year: months(year, first, count=3, granularity=Granularity.SEASON)  # noqa: E731
    return _related(found, at, make, unclear_is_past=False)


def _quarter(found: re.Match[str], at: Reference) -> Span:
    number = int(found["digit"]) if found["digit"] else place_of(found["ordinal"])
    year = year_of(found, at) or at.today.year
    return months(year, 3 * number - 2, count=3, granularity=Granularity.QUARTER)


def _relative_quarter(found: re.Match[str], at: Reference) -> Span:
    number = (at.today.month - 1) // 3 + OFFSETS[found["which"]]
    return months(at.today.year, 3 * number + 1, count=3, granularity=Granularity.QUARTER)


def _year(found: re.Match[str], _: Reference) -> Span:
    return years(int(found["year"]))


def _decade(found: re.Match[str], at: Reference) -> Span:
    name = found["decade"]
    first = _NINETIES[name] if name in _NINETIES else int(name[:-1])
    if first < 100:
        first += 2000 if 2000 + first <= at.today.year and first < 30 else 1900
    return years(first, count=10, granularity=Granularity.DECADE)


def _holiday(found: re.Match[str], at: Reference) -> Span:
    return _related(found, at, lambda year: day(holiday(found["name"], year)), unclear_is_past=False)


def _nth_in_month(found: re.Match[str], at: Reference) -> Span:
    """The first Monday of May, the last weekend of next month."""
    if found["month"]:
        whole = _month(found, at)
    else:
        whole = month(at.today.year, at.today.month + (OFFSETS[found["which"]] if found["which"] else 0))
    first, place = whole.start.date(), -1 if found["place"] == "last" else place_of(found["place"])
    if found["unit"] == "week":
        return _week_of_month(whole, place)
    weekday = 5 if found["unit"] == "weekend" else weekday_of(found["unit"])
    found_day = nth_weekday(first.year, first.month, weekday, place=place)
    if found["unit"] == "weekend":
        return between(found_day, found_day + timedelta(days=2), Granularity.WEEKEND)
    return day(found_day)


def _week_of_month(whole: Span, place: int) -> Span:
    """Seven days counted from the first of the month, or up to its end."""
    if place < 0:
        return Span(whole.end - timedelta(days=7), whole.end, Granularity.WEEK)
    start = whole.start + timedelta(days=7 * (place - 1))
    return Span(start, start + timedelta(days=7), Granularity.WEEK)


_WHICH = rf"(?P<which>{WHICH})"
_OF_YEAR = rf"(?:,? (?:of |in )?(?:(?P<year>{YEAR})|(?P<which_year>last|this|next) year))"
_MAY = r"(?:in|during|since|of|by|until|till|before|after|from|to|for|between|and|early|mid|late|through)"
_DAY = rf"(?P<day>{ORDINAL}|[0-3]?\d)"
_NO_DATE = (
    r"(?! (?:day|time|floor|place|page|half|try|date|round|row|grade|street|avenue|century|birthday|anniversary))"
)
_NO_YEAR = r"(?![-\s]?(?:dollars|euros|pounds|people|miles|met|kilo|step|calor|words|percent|%|times|bucks|:))"

CALENDAR: tuple[Rule, ...] = (
    rule(rf"(?:on )?(?:{WEEKDAY},? )?(?:the )?(?P<month>{ANY_MONTH}) (?:the )?{_DAY}{_OF_YEAR}?", _date),
    rule(rf"(?:on )?(?:{WEEKDAY},? )?(?:the )?{_DAY} (?:of )?(?P<month>{ANY_MONTH}){_OF_YEAR}?", _date),
    rule(r"(?:on )?(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)", _numeric),
    rule(r"(?:on )?(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4}|\d\d)", _numeric),
    rule(r"(?:on )?(?P<first>\d{1,2})/(?P<second>\d{1,2})/(?P<year>\d{4}|\d\d)", _slashes),
    rule(r"(?:on )?the (?P<ordinal>\d{1,2}(?:st|nd|rd|th)) of (?P<which>this|last|next) month", _ordinal),
    rule(rf"(?:on )?the (?P<which>)(?P<ordinal>{ORDINAL})(?: of the month|(?= ?[,.;!?]| ?$| at\b))", _ordinal),
    rule(rf"on the (?P<which>)(?P<ordinal>\d{{1,2}}(?:st|nd|rd|th))(?! of){_NO_DATE}", _ordinal),
    rule(rf"(?:in |during )?(?P<which>)(?P<month>{ANY_MONTH}){_OF_YEAR}", _month),
    rule(rf"(?:in |during )?{_WHICH} (?P<year>)(?P<which_year>)(?P<month>{ANY_MONTH})", _month),
    rule(rf"(?:in |during )?(?P<which>)(?P<year>)(?P<which_year>)(?P<month>{MONTH})", _month),
    rule(rf"{_MAY} (?P<core>(?P<which>)(?P<year>)(?P<which_year>)(?P<month>march|may))", _month),
    rule(rf"(?:in |during |over )?(?:the )?(?P<which>)(?P<season>{SEASON}){_OF_YEAR}", _season),
    rule(rf"(?:in |during |over )?{_WHICH} (?P<year>)(?P<which_year>)(?P<season>{SEASON})", _season),
    rule(rf"(?:in|during|over|since|by)(?: the)? (?P<which>)(?P<year>)(?P<which_year>)(?P<season>{SEASON})", _season),
    rule(rf"(?:in )?q(?P<digit>[1-4])(?P<ordinal>){_OF_YEAR}?", _quarter),
    rule(rf"(?:in )?the (?P<digit>)(?P<ordinal>first|second|third|fourth) quarter{_OF_YEAR}?", _quarter),
    rule(rf"(?:the )?{_WHICH} quarter", _relative_quarter),
    rule(rf"(?:in |since |by |until |around )?(?:the year )?(?<![$€£#])(?P<year>{YEAR}){_NO_YEAR}", _year),
    rule(r"(?:in )?the (?:early |late )?['’]?(?P<decade>(?:(?:19|20)\d|\d)0s)", _decade),
    rule(rf"(?:in )?the (?P<decade>{'|'.join(_NINETIES)})", _decade),
    rule(
        rf"(?:on |at |for |over |during )?(?:{_WHICH} )?(?P<name>{'|'.join(HOLIDAYS)}){_OF_YEAR}?",
        _holiday,
    ),
    rule(
        rf"(?:in |on |during )?the (?P<place>{ORDINAL}|last) (?P<unit>weekend|week|{WEEKDAY}) (?:of|in) "
        rf"(?:(?P<month>{ANY_MONTH}){_OF_YEAR}?|(?:the |(?P<which>this|last|next) )month)",
        _nth_in_month,
    ),
)
"""Expressions that name a place in the calendar."""
