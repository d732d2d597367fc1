"""The words of which English time expressions are made, and what they count."""

import re

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""The first is 0, as in `date.weekday()`."""
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
"""First month. Seasons of the northern half; winter goes over the turn of the year."""
UNITS = ("minute", "hour", "day", "week", "weekend", "month", "year", "decade")

_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_ORDINALS = (
    *("zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"),
    *("eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth"),
    *("nineteenth", "twentieth", "twenty-first", "twenty-second", "twenty-third", "twenty-fourth", "twenty-fifth"),
    *("twenty-sixth", "twenty-seventh", "twenty-eighth", "twenty-ninth", "thirtieth", "thirty-first"),
)
_ONE = {"a", "an", "another", "one"}

_SHORT_DAYS = "|".join(day[:3] for day in WEEKDAYS)
WEEKDAY = rf"(?:{'|'.join(WEEKDAYS)}|tues|thurs|weds|(?:{_SHORT_DAYS})(?=[.,]? (?:the )?\d))"
_SHORT_MONTHS = r"(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b\.?"
MONTH = rf"(?:{'|'.join(name for name in MONTHS if name not in {'march', 'may'})}|{_SHORT_MONTHS})"
"""Without those that are verbs more often."""
ANY_MONTH = rf"(?:march|may|{MONTH})"
SEASON = rf"(?:{'|'.join(SEASONS)})"
_DIGITS_SPOKEN = "|".join(_SMALL[1:10])
_TENS_SPOKEN = rf"(?:{'|'.join(_TENS)})(?:[- ](?:{_DIGITS_SPOKEN}))?"
CARDINAL = rf"(?:\d{{1,4}}|{_TENS_SPOKEN}|{'|'.join(sorted(_SMALL, key=len, reverse=True))})"
COUNT = rf"(?:{CARDINAL}|an?|another)(?: couple(?: of)?)?"
ORDINAL = rf"(?:\d{{1,2}}(?:st|nd|rd|th)|{'|'.join(sorted(_ORDINALS[1:], key=len, reverse=True))})"
YEAR = r"(?:19|20|21)\d\d"
UNIT = rf"(?:{'|'.join(sorted(UNITS, key=len, reverse=True))})s?"


def count_of(words: str) -> int:
    """How many "two", "a couple of", "twenty-one" or "14" are."""
    words = words.strip().removesuffix(" of")
    if words.endswith("couple"):
        return 2
    if words in _ONE:
        return 1
    if words.isdecimal():
        return int(words)
    return sum(_TENS.get(part) or _SMALL.index(part) for part in re.split(r"[- ]", words))


def place_of(ordinal: str) -> int:
    """Which one "third" or "3rd" is."""
    digits = re.match(r"\d+", ordinal)
    return int(digits[0]) if digits else _ORDINALS.index(ordinal)


def weekday_of(name: str) -> int:
    """Monday is 0."""
    return next(number for number, day in enumerate(WEEKDAYS) if day.startswith(name[:3]))


def month_of(name: str) -> int:
    """January is 1."""
    return next(number for number, month in enumerate(MONTHS, 1) if month.startswith(name[:3]))
