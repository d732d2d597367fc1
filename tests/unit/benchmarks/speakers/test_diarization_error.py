from pathlib import Path

import pytest

from benchmarks.speakers.diarization_error import Said, best_match, diarization_errors, read_rttm, total

REFERENCE = [Said(0, 4, "ann"), Said(4, 10, "bob")]


def test_the_truth_has_no_errors_whatever_its_voices_are_called():
    errors = diarization_errors(REFERENCE, [Said(0, 4, "2"), Said(4, 10, "1")])

    assert errors.rate == 0
    assert errors.speech == pytest.approx(10)


def test_speech_given_to_nobody_is_missed():
    errors = diarization_errors(REFERENCE, [Said(0, 4, "1"), Said(5, 10, "2")])

    assert (errors.missed, errors.false_alarm, errors.confused) == pytest.approx((1, 0, 0))


def test_silence_given_to_somebody_is_a_false_alarm():
    errors = diarization_errors(REFERENCE, [Said(0, 4, "1"), Said(4, 12, "2")])

    assert (errors.missed, errors.false_alarm, errors.confused) == pytest.approx((0, 2, 0))
    assert errors.rate == pytest.approx(0.2)


def test_one_voice_for_two_is_confused_with_the_one_who_speaks_less():
    errors = diarization_errors(REFERENCE, [Said(0, 10, "1")])

    assert (errors.missed, errors.false_alarm, errors.confused) == pytest.approx((0, 0, 4))


def test_two_voices_for_one_count_once_as_right():
    errors = diarization_errors([Said(0, 10, "ann")], [Said(0, 7, "1"), Said(7, 10, "2")])

    assert errors.confused == pytest.approx(3)


def test_who_speaks_at_the_same_time_counts_twice():
    overlapping = [Said(0, 10, "ann"), Said(4, 6, "bob")]

    assert diarization_errors(overlapping, [Said(0, 10, "1")]).missed == pytest.approx(2)
    assert diarization_errors(overlapping, [Said(0, 10, "1")]).speech == pytest.approx(12)


def test_around_borders_nothing_is_judged():
    errors = diarization_errors(REFERENCE, [Said(0.2, 4.2, "1"), Said(4.2, 10.2, "2")], collar=0.25)

    assert errors.rate == 0
    assert errors.speech == pytest.approx(9, abs=0.05)


def test_each_name_is_given_once():
    assert best_match({("ann", "1"): 5, ("bob", "1"): 4, ("ann", "2"): 4}) == 8
    assert best_match({}) == 0


def test_errors_of_several_recordings_add_up():
    some = diarization_errors(REFERENCE, [Said(0, 10, "1")])

    assert total([some, some]).rate == pytest.approx(some.rate)


def test_rttm_is_read(tmp_path: Path):
    path = tmp_path / "talk.rttm"
    path.write_text("SPEAKER talk 1 1.500 2.000 <NA> <NA> ann <NA> <NA>\n\n;; a remark\n", encoding="utf-8")

    assert read_rttm(path) == [Said(1.5, 3.5, "ann")]
