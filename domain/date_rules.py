"""Which words stand for which stretch of the calendar: one table, read by `domain/dates.py`."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from domain.date_spans import Granularity, Lean, Reference, Span, between, day, moved, unit, week, weekend
from domain.date_words import COUNT, ORDINAL, UNIT, WEEKDAY, count_of, place_of, weekday_of

Rule = tuple[str, Callable[[re.Match[str], Reference], Span | None]]
"""A pattern over text in small letters, and what it means. None: nothing, and nothing else may read these words."""

OFFSETS = {
    **dict.fromkeys(("last", "past", "previous", "this past", "this last"), -1),
    **dict.fromkeys(("this", "current"), 0),
    **dict.fromkeys(("next", "coming", "this coming", "upcoming", "following"), 1),
}
WHICH = rf"(?:{'|'.join(sorted(OFFSETS, key=len, reverse=True))})"
_DAYS = {"today": 0, "yesterday": -1, "tomorrow": 1, "day before yesterday": -2, "day after tomorrow": 2}
_VAGUE = {"few": (2, 4), "several": (3, 6)}
"""How many may be meant: from, to."""
NIGHT, DAWN = 18, 6
"""Hours between which it is night."""


def rule(pattern: str, meaning: Callable[[re.Match[str], Reference], Span | None]) -> Rule:
    """A rule over whole words."""
    return rf"(?<![\w'’]){pattern}(?![\w'’]|-\w)", meaning


def _named_day(found: re.Match[str], at: Reference) -> Span:
    return day(at.today + timedelta(days=_DAYS[found["name"]]))


def _night(found: re.Match[str], at: Reference) -> Span:
    back = {"last night": 1, "tonight": 0, "night before last": 2}[found["name"]]
    evening = datetime.combine(at.today - timedelta(days=back), time(NIGHT))
    return Span(evening, evening + timedelta(hours=24 - NIGHT + DAWN), Granularity.PART_OF_DAY)


def _ago(found: re.Match[str], at: Reference) -> Span:
    return _away(found, at, direction=-1)


def _ahead(found: re.Match[str], at: Reference) -> Span:
    return _away(found, at, direction=1)


def _away(found: re.Match[str], at: Reference, *, direction: int) -> Span:
    """So many units from now, as exact as the unit is; a vague number is a stretch."""
    name = found["unit"].removesuffix("s")
    if found["count"] in _VAGUE:
        least, most = (direction * number for number in _VAGUE[found["count"]])
        ends = (unit(at, name, offset=least), unit(at, name, offset=most))
        return Span(min(e.start for e in ends), max(e.end for e in ends), Granularity.SPAN)
    return unit(at, name, offset=direction * count_of(found["count"]))


def _half_away(found: re.Match[str], at: Reference) -> Span:
    """Half an hour, a year and a half: told in the next smaller unit."""
    smaller, parts = {"hour": ("minute", 60), "day": ("hour", 24), "year": ("month", 12)}[
        found["unit"].removesuffix("s")
    ]
    whole = count_of(found["count"]) if found["count"] else 0
    direction = -1 if found.group().endswith(("ago", "back", "earlier")) else 1
    return unit(at, smaller, offset=direction * (whole * parts + parts // 2))


def _relative_unit(found: re.Match[str], at: Reference) -> Span:
    offset, name = OFFSETS[found["which"]], found["unit"]
    if name == "weekend" and found["which"] == "this" and at.lean is Lean.PAST and at.today.weekday() < 5:
        offset = -1
    return unit(at, name, offset=offset)


def _beyond(found: re.Match[str], at: Reference) -> Span:
    return unit(at, found["unit"], offset=-2 if found["side"] == "before last" else 2)


def _weekend(_: re.Match[str], at: Reference) -> Span:
    is_over = at.lean is Lean.PAST and at.today.weekday() < 5
    return weekend(at.today, offset=-1 if is_over else 0)


def _stretch(found: re.Match[str], at: Reference) -> Span:
    """The last two weeks, the next few days: up to now, or from now on."""
    count = found["count"] or "one"
    number = _VAGUE[count][1] if count in _VAGUE else count_of(count)
    name = found["unit"].removesuffix("s")
    if OFFSETS[found["which"]] < 0:
        return Span(_midnight(moved(at.now, name, by=-number), name), at.now, Granularity.SPAN)
    return Span(at.now, moved(at.now, name, by=number), Granularity.SPAN)


def _lasting(found: re.Match[str], at: Reference) -> Span:
    """For three years now."""
    name = found["unit"].removesuffix("s")
    return Span(_midnight(moved(at.now, name, by=-count_of(found["count"])), name), at.now, Granularity.SPAN)


def _midnight(when: datetime, unit_name: str) -> datetime:
    return when if unit_name in {"minute", "hour"} else datetime.combine(when.date(), time())


def _rest_of(found: re.Match[str], at: Reference) -> Span:
    """Earlier this week, later today."""
    whole = unit(at, "day" if found["unit"] == "today" else found["unit"].removeprefix("this "), offset=0)
    now = at.now.replace(tzinfo=None)  # spans are told in the user's own time
    if found["side"] == "earlier":
        return Span(whole.start, now, Granularity.SPAN)
    return Span(now, whole.end, Granularity.SPAN)


def part_of(whole: Span, part: str) -> Span:
    """The beginning, middle or end of a stretch: a third of its days."""
    third = timedelta(days=max((whole.end - whole.start).days // 3, 1))
    if part.startswith(("early", "beginning", "start")):
        return Span(whole.start, whole.start + third, Granularity.SPAN)
    if part.startswith(("late", "end")):
        return Span(whole.end - third, whole.end, Granularity.SPAN)
    return Span(whole.start + third, whole.end - third, Granularity.SPAN)


def _part_of_unit(found: re.Match[str], at: Reference) -> Span:
    which = found["which"]
    return part_of(unit(at, found["unit"], offset=OFFSETS.get(which, 0)), found["part"])


def _weekday(found: re.Match[str], at: Reference) -> Span:
    wanted, which = weekday_of(found["weekday"]), found["which"]
    ahead = (wanted - at.today.weekday()) % 7
    back = ahead - 7
    if which == "next":
        return day(at.today + timedelta(days=7 - at.today.weekday() + wanted))
    if which and OFFSETS[which] < 0:
        return day(at.today + timedelta(days=back))
    if at.lean is Lean.PAST:
        return day(at.today + timedelta(days=back if ahead else 0))
    return day(at.today + timedelta(days=ahead))


def _weekday_before_last(found: re.Match[str], at: Reference) -> Span:
    back = (weekday_of(found["weekday"]) - at.today.weekday()) % 7 - 14
    return day(at.today + timedelta(days=back))


def _weekday_of_week(found: re.Match[str], at: Reference) -> Span:
    offset = OFFSETS[found["which"]] if found["which"] else 0
    return _in_week(at.today + timedelta(days=7 * offset), found["weekday"])


def _weekday_weeks_away(found: re.Match[str], at: Reference) -> Span:
    weeks = count_of(found["count"])
    if found["name"] in _DAYS:
        return day(at.today + timedelta(days=_DAYS[found["name"]] + (-7 if found["side"] == "ago" else 7) * weeks))
    wanted = weekday_of(found["name"])
    if found["side"] == "ago":
        return _in_week(at.today - timedelta(days=7 * weeks), found["name"])
    return day(at.today + timedelta(days=(wanted - at.today.weekday()) % 7 + 7 * weeks))


def _in_week(when: date, weekday: str) -> Span:
    return day(week(when).start.date() + timedelta(days=weekday_of(weekday)))


def _numbered_weekday(found: re.Match[str], at: Reference) -> Span:
    """Friday the 13th: the nearest one there is, in the direction that is meant."""
    wanted, number = weekday_of(found["weekday"]), place_of(found["ordinal"])
    reach = range(0, -400, -1) if at.lean is Lean.PAST else range(400)
    days = (at.today + timedelta(days=n) for n in reach)
    return day(next(d for d in days if d.day == number and d.weekday() == wanted))


def _nothing(_found: re.Match[str], _at: Reference) -> None:
    return None


def _other_day(_: re.Match[str], at: Reference) -> Span:
    return between(at.today - timedelta(days=7), at.today, Granularity.SPAN)


_NUMBER = rf"(?P<count>{COUNT})"
_MANY = rf"(?:an? )?(?P<count>few|several|{COUNT})"
_UNITS = rf"(?P<unit>{UNIT})"
_PLAIN = r"(?P<unit>week|weekend|month|year|decade)"
_SIDE = r"(?:ago|back|earlier)"
_WHICH = rf"(?P<which>{WHICH})"

RELATIVE: tuple[Rule, ...] = (
    rule(r"(?:the )?(?P<name>today|yesterday|tomorrow|day before yesterday|day after tomorrow)", _named_day),
    rule(r"(?:the )?(?P<name>last night|tonight|night before last)", _night),
    rule(rf"{_MANY} {_UNITS} {_SIDE}", _ago),
    rule(rf"(?:in|within) {_MANY} {_UNITS}(?:['’]? time)?", _ahead),
    rule(rf"{_MANY} {_UNITS} from (?:now|today)", _ahead),
    rule(rf"{_NUMBER} (?P<unit>hour|day|year)s? and a half {_SIDE}", _half_away),
    rule(rf"{_NUMBER} and a half (?P<unit>hour|day|year)s? {_SIDE}", _half_away),
    rule(rf"(?P<count>)half an? (?P<unit>hour|day|year) {_SIDE}", _half_away),
    rule(r"in (?P<count>)half an? (?P<unit>hour|day|year)", _half_away),
    rule(rf"(?:the )?{_WHICH} {_PLAIN}", _relative_unit),
    rule(rf"(?:the )?{_PLAIN} (?P<side>before last|after next)", _beyond),
    rule(r"(?:(?:over|on|at|during|for) )?the weekend", _weekend),
    rule(rf"(?:over |during |in |for |within )?(?:the )?{_WHICH} {_MANY} {_UNITS}", _stretch),
    rule(rf"(?:over|during|in|for|within) the (?P<which>last|past|coming|next) (?P<count>){_UNITS}", _stretch),
    rule(rf"for (?:about |almost |over |more than )?{_NUMBER} {_UNITS} (?:now|already)", _lasting),
    rule(r"(?P<side>earlier|later) (?P<unit>today|this (?:week|month|year))", _rest_of),
    rule(
        r"(?:the )?(?P<part>beginning|start|end|middle) of (?:the )?(?P<which>this|last|next)? ?"
        r"(?P<unit>week|month|year|decade)",
        _part_of_unit,
    ),
    rule(rf"(?:on )?(?:the )?(?:{_WHICH} )?(?P<weekday>{WEEKDAY})", _weekday),
    rule(rf"the (?P<weekday>{WEEKDAY}) before last", _weekday_before_last),
    rule(rf"(?:on )?(?P<weekday>{WEEKDAY}) (?:of )?(?P<which>last|this|next) week", _weekday_of_week),
    rule(rf"(?P<which>last|this|next) week(?:'s)?,? (?:on )?(?P<weekday>{WEEKDAY})", _weekday_of_week),
    rule(rf"{_NUMBER} weeks? (?P<side>ago),? (?:on |last )?(?P<name>{WEEKDAY}|today|yesterday)", _weekday_weeks_away),
    rule(rf"{_NUMBER} weeks? (?P<side>from|on) (?P<name>{WEEKDAY}|tomorrow)", _weekday_weeks_away),
    rule(rf"(?:on )?(?P<weekday>{WEEKDAY}),? the (?P<ordinal>{ORDINAL})", _numbered_weekday),
    rule(r"the other (?:day|night|week)", _other_day),
    rule(rf"(?:every|each)(?: other| single| second)? (?:{WEEKDAY}|{UNIT}|morning|afternoon|evening|night)", _nothing),
    rule(rf"(?:on )?{WEEKDAY}s", _nothing),
)
"""Expressions that count from now."""
