"""Expressions for a time of the day: "at 3 pm", "half past nine", "in the morning"."""

import re
from collections.abc import Callable
from datetime import datetime, time, timedelta

from msgspec import Struct, structs

from domain.date_rules import DAWN, NIGHT
from domain.date_spans import Granularity, Span
from domain.date_words import CARDINAL, count_of

HOUR = 60
NOON = 12 * HOUR
_PARTS = {
    "morning": (5 * HOUR, NOON),
    "lunch": (NOON, 14 * HOUR),
    "afternoon": (NOON, 18 * HOUR),
    "evening": (18 * HOUR, 24 * HOUR),
    "night": (NIGHT * HOUR, (24 + DAWN) * HOUR),
}


class TimeOfDay(Struct, frozen=True, kw_only=True):
    """A stretch of a day, in minutes from its midnight."""

    start: int
    end: int
    granularity: Granularity
    needs_day: bool = False
    """It says something only together with a day."""
    is_unclear: bool = False
    """Morning or evening was not told; `start` is the guess."""

    def on(self, when: datetime) -> Span:
        """The stretch on the day of a moment, as the wall clock shows it."""
        midnight = datetime.combine(when.date(), time())
        return Span(midnight + timedelta(minutes=self.start), midnight + timedelta(minutes=self.end), self.granularity)

    def within(self, part: "TimeOfDay | Span") -> "TimeOfDay":
        """As told together with a part of the day: 8 in the evening is 20 hours."""
        begins = part.start if isinstance(part, TimeOfDay) else part.start.hour * HOUR
        if not self.is_unclear:
            return self
        hour = self.start % NOON
        start = hour + NOON if begins >= NOON else hour
        return structs.replace(self, start=start, end=start + self.end - self.start, is_unclear=False)


TimeRule = tuple[str, Callable[[re.Match[str]], TimeOfDay | None]]


def _minute(start: int, *, needs_day: bool, is_unclear: bool) -> TimeOfDay:
    return TimeOfDay(
        start=start, end=start + 1, granularity=Granularity.MINUTE, needs_day=needs_day, is_unclear=is_unclear
    )


def _with_half(found: re.Match[str]) -> TimeOfDay | None:
    """3 pm, 11:30 a.m."""
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    if not 1 <= hour <= 12 or minute > 59:
        return None
    later = NOON if found["half"].startswith("p") else 0
    return _minute(hour % 12 * HOUR + minute + later, needs_day=False, is_unclear=False)


def _hours(found: re.Match[str]) -> TimeOfDay | None:
    """3 to 5 pm."""
    begins, ends = int(found["hour"]), int(found["until"])
    if not (1 <= begins <= 12 and 1 <= ends <= 12):
        return None
    later = NOON if found["half"] == "p" else 0
    end = ends % 12 * HOUR + later
    start = begins % 12 * HOUR + (later if begins % 12 < ends % 12 else NOON - later)
    return TimeOfDay(start=start, end=end, granularity=Granularity.SPAN) if start < end else None


def _digital(found: re.Match[str]) -> TimeOfDay:
    hour, minute = int(found["hour"]), int(found["minute"])
    start, is_unclear = _guessed(hour) if not found["hour"].startswith("0") else (hour * HOUR, False)
    return _minute(start + minute, needs_day=False, is_unclear=is_unclear)


def _spoken(found: re.Match[str]) -> TimeOfDay | None:
    """Eight o'clock, half past three, a quarter to five."""
    return _told(found, needs_day=False)


def _bare(found: re.Match[str]) -> TimeOfDay | None:
    """At 3."""
    return _told(found, needs_day=True)


def _told(found: re.Match[str], *, needs_day: bool) -> TimeOfDay | None:
    hour = count_of(found["hour"])
    if not 1 <= hour <= 24:
        return None
    shift = {"half past": 30, "quarter past": 15, "quarter to": -15, "quarter after": 15}.get(found["shift"] or "", 0)
    start, is_unclear = _guessed(hour)
    return _minute(start + shift, needs_day=needs_day, is_unclear=is_unclear)


def _guessed(hour: int) -> tuple[int, bool]:
    """People are awake: 1 to 6 without a hint is in the afternoon."""
    if 1 <= hour <= 6:
        return (hour + 12) * HOUR, True
    return hour % 24 * HOUR, hour <= 12


def _noon(found: re.Match[str]) -> TimeOfDay:
    start = 0 if found["name"] == "midnight" else NOON
    return _minute(start, needs_day=False, is_unclear=False)


def _this_part(found: re.Match[str]) -> TimeOfDay:
    start, end = _PARTS[found["part"]]
    return TimeOfDay(start=start, end=end, granularity=Granularity.PART_OF_DAY)


def _part(found: re.Match[str]) -> TimeOfDay:
    return structs.replace(_this_part(found), needs_day=True)


def _rule(pattern: str, meaning: Callable[[re.Match[str]], TimeOfDay | None]) -> TimeRule:
    return rf"(?<![\w'’$€£:.]){pattern}(?![\w'’%]|[:.]\d)", meaning


_AT = r"(?:at |around |about |by |from |until )?"
_SHIFT = r"(?P<shift>half past|quarter past|quarter to|quarter after)"

CLOCK: tuple[TimeRule, ...] = (
    _rule(rf"{_AT}(?P<hour>\d{{1,2}})(?:[:.](?P<minute>\d\d))? ?(?P<half>[ap])(?:m|\.m\.?)", _with_half),
    _rule(
        r"(?:from |between )?(?P<hour>\d{1,2}) ?(?:to|until|and|-|–) ?(?P<until>\d{1,2}) ?(?P<half>[ap])(?:m|\.m\.?)",
        _hours,
    ),
    _rule(rf"{_AT}(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)", _digital),
    _rule(rf"{_AT}(?P<shift>)(?P<hour>{CARDINAL}) o['’]?clock", _spoken),
    _rule(rf"{_AT}(?:an? )?{_SHIFT} (?P<hour>{CARDINAL})", _spoken),
    _rule(
        rf"(?:at|around|about|by) (?P<shift>)(?P<hour>{CARDINAL})(?![-\s/,]*(?:\d|percent|dollars|people|of\b))", _bare
    ),
    _rule(rf"{_AT}(?P<name>noon|midday|midnight)", _noon),
    _rule(r"this (?P<part>morning|afternoon|evening)", _this_part),
    _rule(r"(?:in the |at )?(?:early |late )?(?P<part>morning|afternoon|evening|night|lunch)(?:time)?", _part),
)
