import pytest

from benchmarks.turn_starts import deviations


def test_both_clocks_start_with_the_first_turn() -> None:
    assert deviations((0.9, 4.9, 9.9), starts=[0.0, 4.1, 8.8]) == pytest.approx((0.1, -0.2))


def test_a_turn_that_no_segment_starts_near_is_left_out() -> None:
    assert deviations((0.0, 5.0, 10.0), starts=[0.0, 10.2]) == pytest.approx((0.2,))


def test_without_turns_there_is_nothing_to_compare() -> None:
    assert deviations((), starts=[1.0]) == ()
    assert deviations((1.0, 2.0), starts=[]) == ()
