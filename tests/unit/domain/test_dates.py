"""What English time expressions mean."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from domain.dates import Granularity, Lean, time_expressions

NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2023, 5, 10, 14, 30, tzinfo=NEW_YORK)
"""A Wednesday."""

MEANINGS = {
    # days from now
    "today": "2023-05-10",
    "yesterday": "2023-05-09",
    "tomorrow": "2023-05-11",
    "the day before yesterday": "2023-05-08",
    "the day after tomorrow": "2023-05-12",
    "three days ago": "2023-05-07",
    "a day ago": "2023-05-09",
    "10 days ago": "2023-04-30",
    "in two days": "2023-05-12",
    "in five days' time": "2023-05-15",
    "four days from now": "2023-05-14",
    "twenty-one days ago": "2023-04-19",
    "the other day": "2023-05-03 2023-05-10",
    "a few days ago": "2023-05-06 2023-05-09",
    "a couple of days ago": "2023-05-08",
    # parts of days
    "this morning": "2023-05-10T05 2023-05-10T12",
    "this afternoon": "2023-05-10T12 2023-05-10T18",
    "tonight": "2023-05-10T18 2023-05-11T06",
    "last night": "2023-05-09T18 2023-05-10T06",
    "yesterday evening": "2023-05-09T18 2023-05-10T00",
    "tomorrow morning": "2023-05-11T05 2023-05-11T12",
    "tomorrow night": "2023-05-11T18 2023-05-12T06",
    "Friday afternoon": "2023-05-12T12 2023-05-12T18",
    "last Saturday night": "2023-05-06T18 2023-05-07T06",
    "earlier today": "2023-05-10T00 2023-05-10T14:30",
    "later today": "2023-05-10T14:30 2023-05-11T00",
    "lunch on Friday": "2023-05-12T12 2023-05-12T14",
    # weekdays
    "on Friday": "2023-05-12",
    "Wednesday": "2023-05-10",
    "this Friday": "2023-05-12",
    "next Friday": "2023-05-19",
    "last Friday": "2023-05-05",
    "last Wednesday": "2023-05-03",
    "this past Monday": "2023-05-08",
    "this coming Sunday": "2023-05-14",
    "We met on Friday": "2023-05-05",
    "I called her on Monday": "2023-05-08",
    "We will meet on Monday": "2023-05-15",
    "the Friday before last": "2023-04-28",
    "Monday of last week": "2023-05-01",
    "on Thursday next week": "2023-05-18",
    "last week on Tuesday": "2023-05-02",
    "two weeks ago on Friday": "2023-04-28",
    "a week from Friday": "2023-05-19",
    "a week from tomorrow": "2023-05-18",
    "a week ago yesterday": "2023-05-02",
    "Friday the 13th": "2023-10-13",
    # weeks and weekends
    "last week": "2023-05-01 2023-05-08",
    "this week": "2023-05-08 2023-05-15",
    "next week": "2023-05-15 2023-05-22",
    "two weeks ago": "2023-04-24 2023-05-01",
    "in three weeks": "2023-05-29 2023-06-05",
    "the week before last": "2023-04-24 2023-05-01",
    "the week after next": "2023-05-22 2023-05-29",
    "last weekend": "2023-05-06 2023-05-08",
    "this weekend": "2023-05-13 2023-05-15",
    "next weekend": "2023-05-20 2023-05-22",
    "the weekend before last": "2023-04-29 2023-05-01",
    "two weekends ago": "2023-04-29 2023-05-01",
    "What did you do over the weekend?": "2023-05-06 2023-05-08",
    "the week of May 17": "2023-05-15 2023-05-22",
    "the weekend of June 3": "2023-06-03 2023-06-05",
    "the week before 9 June 2023": "2023-06-02 2023-06-09",
    "the weekend before July 17, 2023": "2023-07-15 2023-07-17",
    "two weekends before 17 July 2023": "2023-07-08 2023-07-10",
    "earlier this week": "2023-05-08 2023-05-10T14:30",
    # months
    "last month": "2023-04-01 2023-05-01",
    "this month": "2023-05-01 2023-06-01",
    "next month": "2023-06-01 2023-07-01",
    "two months ago": "2023-03-01 2023-04-01",
    "in six months": "2023-11-01 2023-12-01",
    "We moved in March": "2023-03-01 2023-04-01",
    "We moved in August": "2022-08-01 2022-09-01",
    "We will move in August": "2023-08-01 2023-09-01",
    "last March": "2023-03-01 2023-04-01",
    "last December": "2022-12-01 2023-01-01",
    "next January": "2024-01-01 2024-02-01",
    "in May": "2023-05-01 2023-06-01",
    "December 2022": "2022-12-01 2023-01-01",
    "in May of last year": "2022-05-01 2022-06-01",
    "early in June": "2023-06-01 2023-06-11",
    "late June": "2023-06-21 2023-07-01",
    "mid-June": "2023-06-11 2023-06-21",
    "the end of the month": "2023-05-22 2023-06-01",
    "the beginning of next month": "2023-06-01 2023-06-11",
    # dates
    "on the 15th": "2023-05-15",
    "We met on the 15th": "2023-04-15",
    "the 3rd of next month": "2023-06-03",
    "on the fifteenth at": "2023-05-15",
    "May 20th": "2023-05-20",
    "June 3rd, 2021": "2021-06-03",
    "the 8th of July": "2023-07-08",
    "8 July 2022": "2022-07-08",
    "Tuesday, July 4": "2023-07-04",
    "I was born on July 4": "2022-07-04",
    "2023-02-28": "2023-02-28",
    "5/8/2023": "2023-05-08",
    "25/12/2022": "2022-12-25",
    "08.05.2023": "2023-05-08",
    "Feb. 29": "2024-02-29",
    "July 4 of last year": "2022-07-04",
    "the first Monday of June": "2023-06-05",
    "the last Friday in April 2023": "2023-04-28",
    "the first weekend of June": "2023-06-03 2023-06-05",
    "the first week of August": "2023-08-01 2023-08-08",
    # seasons, quarters, years
    "last summer": "2022-06-01 2022-09-01",
    "this spring": "2023-03-01 2023-06-01",
    "next winter": "2023-12-01 2024-03-01",
    "in the summer of 2019": "2019-06-01 2019-09-01",
    "We married in the winter": "2022-12-01 2023-03-01",
    "Q3 2022": "2022-07-01 2022-10-01",
    "the first quarter": "2023-01-01 2023-04-01",
    "last quarter": "2023-01-01 2023-04-01",
    "last year": "2022-01-01 2023-01-01",
    "next year": "2024-01-01 2025-01-01",
    "five years ago": "2018-01-01 2019-01-01",
    "a year and a half ago": "2021-11-01 2021-12-01",
    "2023": "2023-01-01 2024-01-01",
    "in 1998": "1998-01-01 1999-01-01",
    "in the 90s": "1990-01-01 2000-01-01",
    "the eighties": "1980-01-01 1990-01-01",
    "two decades ago": "2000-01-01 2010-01-01",
    # holidays
    "Christmas": "2023-12-25",
    "last Christmas": "2022-12-25",
    "Christmas Eve 2021": "2021-12-24",
    "New Year's Eve": "2023-12-31",
    "next Halloween": "2023-10-31",
    "last Thanksgiving": "2022-11-24",
    "Easter 2023": "2023-04-09",
    "Valentine's Day": "2024-02-14",
    "the 4th of July": "2023-07-04",
    "two days before Christmas": "2023-12-23",
    "the day after Thanksgiving": "2023-11-24",
    # the clock
    "at 3 pm": "2023-05-10T15 2023-05-10T15:01",
    "at 9 am": "2023-05-11T09 2023-05-11T09:01",
    "9:15 a.m. tomorrow": "2023-05-11T09:15 2023-05-11T09:16",
    "next Tuesday at 3 pm": "2023-05-16T15 2023-05-16T15:01",
    "tomorrow at noon": "2023-05-11T12 2023-05-11T12:01",
    "on Friday at 3": "2023-05-12T15 2023-05-12T15:01",
    "Friday at ten": "2023-05-12T10 2023-05-12T10:01",
    "at 8 in the evening on Friday": "2023-05-12T20 2023-05-12T20:01",
    "tonight at 8": "2023-05-10T20 2023-05-10T20:01",
    "7 o'clock tomorrow morning": "2023-05-11T07 2023-05-11T07:01",
    "half past three on June 1": "2023-06-01T15:30 2023-06-01T15:31",
    "a quarter to five tomorrow": "2023-05-11T16:45 2023-05-11T16:46",
    "15:45": "2023-05-10T15:45 2023-05-10T15:46",
    "3 to 5 pm tomorrow": "2023-05-11T15 2023-05-11T17",
    "11 to 1 pm tomorrow": "2023-05-11T11 2023-05-11T13",
    "two hours ago": "2023-05-10T12 2023-05-10T13",
    "in 20 minutes": "2023-05-10T14:50 2023-05-10T14:51",
    "half an hour ago": "2023-05-10T14:00 2023-05-10T14:01",
    # from one time to another
    "from Monday to Wednesday": "2023-05-15 2023-05-18",
    "between June and August": "2023-06-01 2023-09-01",
    "since Monday": "2023-05-08 2023-05-10T14:30",
    "since 2016": "2016-01-01 2023-05-10T14:30",
    "for three years now": "2020-05-10 2023-05-10T14:30",
    "for six months now": "2022-11-10 2023-05-10T14:30",
    "the last two weeks": "2023-04-26 2023-05-10T14:30",
    "over the past year": "2022-05-10 2023-05-10T14:30",
    "the next three days": "2023-05-10T14:30 2023-05-13T14:30",
}

NO_TIME = (
    "May I come in?",
    "They march on",
    "He sat down",
    "every Friday",
    "on Mondays",
    "I have 2000 dollars",
    "It costs $2023",
    "the second floor",
    "in the morning",
    "at 3",
    "February 30",
    "the 32nd of May",
    "He is three years old",
    "the week is long",
    "fall down",
    "25:61",
    "",
)


def interval(words: str) -> tuple[datetime, datetime]:
    """A day, or two ends, on the wall clock of New York."""
    first, _, behind = words.partition(" ")
    start = datetime.fromisoformat(first)
    end = datetime.fromisoformat(behind) if behind else start + timedelta(days=1)
    return start.replace(tzinfo=NEW_YORK), end.replace(tzinfo=NEW_YORK)


@pytest.mark.parametrize(("text", "expected"), MEANINGS.items(), ids=MEANINGS)
def test_an_expression_is_its_interval(text: str, expected: str) -> None:
    found = time_expressions(text, NOW)
    assert [(one.start, one.end) for one in found] == [interval(expected)]


def test_the_table_is_long_enough_to_mean_something() -> None:
    assert len(MEANINGS) >= 120


@pytest.mark.parametrize("text", NO_TIME)
def test_what_is_no_time_is_left_alone(text: str) -> None:
    assert time_expressions(text, NOW) == ()


def test_an_expression_says_where_it_stands() -> None:
    text = "Émile said: let's meet NEXT Tuesday at 3 PM, or on June 1."
    first, second = time_expressions(text, NOW)
    assert text[first.first : first.behind] == first.text == "NEXT Tuesday at 3 PM"
    assert second.text == "on June 1"
    assert first.granularity is Granularity.MINUTE
    assert second.granularity is Granularity.DAY


def test_a_time_alone_has_no_day_of_its_own() -> None:
    [alone], [dated] = time_expressions("at 3 pm", NOW), time_expressions("today at 3 pm", NOW)
    assert not alone.has_day
    assert dated.has_day
    assert alone.start == dated.start


def test_each_sentence_has_a_direction_of_its_own() -> None:
    before, ahead = time_expressions("We met on Friday. We will meet on Friday.", NOW)
    assert (before.start.day, ahead.start.day) == (5, 12)


def test_the_caller_says_where_a_day_without_a_direction_lies() -> None:
    [found] = time_expressions("the budget, Friday", NOW, unclear=Lean.PAST)
    assert found.start.day == 5


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        time_expressions("today", datetime(2023, 1, 1))  # noqa: DTZ001


def test_a_day_is_as_long_as_the_zone_says() -> None:
    [short] = time_expressions("tomorrow", datetime(2023, 3, 11, 12, tzinfo=NEW_YORK))
    [long] = time_expressions("tomorrow", datetime(2023, 11, 4, 12, tzinfo=NEW_YORK))
    assert short.end.astimezone(UTC) - short.start.astimezone(UTC) == timedelta(hours=23)
    assert long.end.astimezone(UTC) - long.start.astimezone(UTC) == timedelta(hours=25)


def test_an_hour_that_the_clock_skips_is_moved_behind_the_skip() -> None:
    [found] = time_expressions("tomorrow at 2:30 am", datetime(2023, 3, 11, 12, tzinfo=NEW_YORK))
    assert found.start.isoformat() == "2023-03-12T03:30:00-04:00"


def test_hours_pass_as_they_do() -> None:
    [found] = time_expressions("in 3 hours", datetime(2023, 3, 12, 0, 30, tzinfo=NEW_YORK))
    assert found.start.isoformat() == "2023-03-12T04:00:00-04:00"


def test_a_day_that_the_zone_skipped_is_no_error() -> None:
    [found] = time_expressions("tomorrow", datetime(2011, 12, 29, 12, tzinfo=ZoneInfo("Pacific/Apia")))
    assert found.start < found.end


ZONES = ["UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"]


@given(
    text=some.sampled_from([*MEANINGS, *NO_TIME]),
    when=some.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2040, 1, 1)),  # noqa: DTZ001
    zone=some.sampled_from([*ZONES, "America/Sao_Paulo", "Africa/Cairo"]),
)
def test_every_expression_is_a_stretch_of_time_in_the_zone(text: str, when: datetime, zone: str) -> None:
    now = when.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).astimezone(ZoneInfo(zone))
    behind = 0
    for one in time_expressions(text, now):
        assert one.start.astimezone(UTC) < one.end.astimezone(UTC)
        assert one.start.tzinfo is now.tzinfo
        assert text[one.first : one.behind] == one.text
        assert behind <= one.first < one.behind
        behind = one.behind


@given(when=some.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2040, 1, 1)))  # noqa: DTZ001
def test_yesterday_today_and_tomorrow_follow_each_other_without_a_gap(when: datetime) -> None:
    now = when.replace(tzinfo=NEW_YORK)
    days = [time_expressions(word, now)[0] for word in ("yesterday", "today", "tomorrow")]
    assert days[0].end == days[1].start
    assert days[1].end == days[2].start


@given(some.text(max_size=80))
def test_any_text_is_read(text: str) -> None:
    for one in time_expressions(text + " tomorrow", NOW):
        assert one.start < one.end


def test_earlier_this_week_is_a_minute_when_the_week_has_just_begun() -> None:
    monday = datetime(2001, 1, 1, tzinfo=UTC)
    [found] = time_expressions("earlier this week", monday)
    assert (found.start, found.end) == (monday, monday + timedelta(minutes=1))
