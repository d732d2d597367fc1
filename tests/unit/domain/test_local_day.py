from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.local_day import SUMMARY, between_summaries, days_with_moment, moment_of

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland", "Asia/Kathmandu", "America/Santiago"]


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "hour"),
    [(date(2026, 3, 28), 21), (date(2026, 3, 29), 20), (date(2026, 10, 24), 20), (date(2026, 10, 25), 21)],
)
def test_ten_in_the_evening_is_ten_whatever_became_of_the_clocks(day: date, hour: int) -> None:
    assert moment_of(day, SUMMARY, zone=BERLIN) == datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def test_a_time_that_comes_twice_is_the_first_one() -> None:
    assert moment_of(date(2026, 10, 25), time(2, 30), zone=BERLIN) == utc(2026, 10, 25, 0, 30)


def test_a_time_that_is_skipped_comes_as_long_after_midnight() -> None:
    assert moment_of(date(2026, 3, 29), time(2, 30), zone=BERLIN) == utc(2026, 3, 29, 1, 30)


def test_the_day_is_the_users_and_not_the_servers() -> None:
    tokyo, los_angeles = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/Los_Angeles")
    span = {"since": utc(2026, 1, 2, 0), "until": utc(2026, 1, 3, 0)}
    assert list(days_with_moment(SUMMARY, zone=tokyo, **span)) == [(date(2026, 1, 2), utc(2026, 1, 2, 13))]
    assert list(days_with_moment(SUMMARY, zone=los_angeles, **span)) == [(date(2026, 1, 1), utc(2026, 1, 2, 6))]


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)), st.sampled_from(ZONES))  # noqa: DTZ001 - made UTC below
def test_looks_that_touch_find_each_day_once(start: datetime, name: str) -> None:
    zone, begin = ZoneInfo(name), start.replace(tzinfo=UTC)
    edges = [begin + timedelta(hours=5 * step) for step in range(30)]
    found = [
        day
        for since, until in pairwise(edges)
        for day, _ in days_with_moment(SUMMARY, since=since, until=until, zone=zone)
    ]
    assert found == sorted(set(found))
    assert 5 <= len(found) <= 7


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.sampled_from(ZONES))
def test_nothing_falls_between_two_days(day: date, name: str) -> None:
    zone = ZoneInfo(name)
    _, end = between_summaries(day, zone=zone)
    start, _ = between_summaries(day + timedelta(days=1), zone=zone)
    assert start == end
