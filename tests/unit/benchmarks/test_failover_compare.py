from benchmarks.failover_compare import compared, missing
from benchmarks.failover_play import Remembered, kill_times


def test_a_passage_that_one_run_has_nothing_for_is_missing() -> None:
    said = "at that high level the air is pure and he is not ill"
    assert missing(said, after="at that high level and he is not ill") == ["the air is pure"]
    assert missing(said, after="at that high level the air is pure and is not ill") == []


def test_case_and_punctuation_are_no_difference() -> None:
    one, other = Remembered(text="Printing, in 2 senses."), Remembered(text="printing in two senses")
    assert compared([one], [other]).errors == 0


def test_words_are_compared_user_by_user() -> None:
    one, other = Remembered(text="yes indeed"), Remembered(text="no")
    assert (compared([one, other], [other, one]).errors, compared([one, other], [one, other]).errors) == (4, 0)


def test_each_kill_has_a_stretch_of_the_run_to_itself() -> None:
    times = kill_times(kills=5, length=120.0, seed=1)
    assert times == sorted(times)
    assert all(8.0 + 22.0 * number <= moment <= 16.8 + 22.0 * number for number, moment in enumerate(times))
