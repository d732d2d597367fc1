from datetime import UTC, datetime, timedelta

from domain.memory import Photo
from domain.photo import Look, are_alike, distance, occasions, repeats, timeline
from tests.support.memories import a_segment

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def look(fingerprint: int, *colors: str) -> Look:
    return Look(fingerprint=fingerprint, colors=colors or ("gray",))


def test_the_distance_counts_bits() -> None:
    assert distance(0b1011, 0b0010) == 2
    assert distance(0, 2**64 - 1) == 64


def test_six_bits_are_alike_and_seven_are_not() -> None:
    assert are_alike(look(0), look(0b111111))
    assert not are_alike(look(0), look(0b1111111))


def test_a_black_picture_is_not_a_white_one() -> None:
    assert not are_alike(look(0, "black"), look(0, "white"))


def test_a_picture_that_shows_the_same_as_one_before_is_a_repeat() -> None:
    assert repeats([look(0), look(1), look(2**63 - 1), look(3)]) == (False, True, False, True)


def test_earlier_pictures_count() -> None:
    assert repeats([look(1)], before=[look(0)]) == (True,)


def test_what_is_seen_again_much_later_is_new() -> None:
    between = [look(0xFF << 7 * place) for place in range(8)]
    assert repeats([look(2**64 - 1), *between, look(2**64 - 1)])[-1] is False


def test_a_slow_change_is_noticed_in_the_end() -> None:
    drifting = [look((1 << bits) - 1) for bits in range(0, 64, 3)]
    assert 5 <= repeats(drifting).count(False) <= 11


def test_photos_ten_minutes_apart_are_two_occasions() -> None:
    moments = [NOON, NOON + timedelta(minutes=9), None, NOON + timedelta(minutes=30)]
    assert occasions(moments) == [[0, 1, 2], [3]]
    assert occasions([]) == []


def test_speech_and_photos_lie_on_one_timeline() -> None:
    first, second = a_segment("hello", at=0), a_segment("bye", at=60)
    between, unknown = Photo(key="b", taken_at=NOON + timedelta(seconds=30)), Photo(key="u")
    assert timeline([first, second], [between, unknown], started_at=NOON) == (unknown, first, between, second)
