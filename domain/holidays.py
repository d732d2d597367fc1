"""Days that people call by a name. Those of the United States, and what is the same everywhere."""

import re
from collections.abc import Callable
from datetime import date, timedelta

from domain.date_spans import nth_weekday

_MONDAY, _THURSDAY, _SUNDAY = 0, 3, 6


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous computation, in whole numbers)."""
    golden, (century, in_century) = year % 19, divmod(year, 100)
    skipped, quarter = century // 4, century % 4
    correction = (8 * century + 13) // 25
    epact = (19 * golden + century - skipped - correction + 15) % 30
    leap, rest = divmod(in_century, 4)
    weekday = (32 + 2 * quarter + 2 * leap - epact - rest) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    number, before = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, number, before + 1)


def _on(month: int, day: int) -> Callable[[int], date]:
    return lambda year: date(year, month, day)


def _nth(month: int, weekday: int, place: int) -> Callable[[int], date]:
    return lambda year: nth_weekday(year, month, weekday, place=place)


def _from_easter(days: int) -> Callable[[int], date]:
    return lambda year: easter(year) + timedelta(days=days)


HOLIDAYS: dict[str, Callable[[int], date]] = {
    r"christmas eve": _on(12, 24),
    r"(?:christmas|xmas)(?: day)?": _on(12, 25),
    r"boxing day": _on(12, 26),
    r"new year['’]?s eve": _on(12, 31),
    r"new year(?:['’]?s(?: day)?| day)": _on(1, 1),
    r"hallowe['’]?en": _on(10, 31),
    r"valentine['’]?s(?: day)?": _on(2, 14),
    r"(?:st\.?|saint) patrick['’]?s(?: day)?": _on(3, 17),
    r"independence day|(?:the )?(?:4th|fourth) of july": _on(7, 4),
    r"veterans day": _on(11, 11),
    r"thanksgiving(?: day)?": _nth(11, _THURSDAY, 4),
    r"black friday": lambda year: nth_weekday(year, 11, _THURSDAY, place=4) + timedelta(days=1),
    r"labor day": _nth(9, _MONDAY, 1),
    r"memorial day": _nth(5, _MONDAY, -1),
    r"mother['’]?s day": _nth(5, _SUNDAY, 2),
    r"father['’]?s day": _nth(6, _SUNDAY, 3),
    r"good friday": _from_easter(-2),
    r"easter monday": _from_easter(1),
    r"easter(?: sunday)?": _from_easter(0),
}
"""Pattern of the name to the day in a year. Longer names come before those they begin with."""


def holiday(name: str, year: int) -> date:
    """The day that a name stands for in a year.

    Raises:
        KeyError: nobody calls a day so.
    """
    for pattern, when in HOLIDAYS.items():
        if re.fullmatch(pattern, name):
            return when(year)
    raise KeyError(name)
