import pytest

from domain.attribution import NEAR, attributed
from domain.transcript import Word
from domain.turns import SpokenTurn

SECOND = 16_000


def speaker_of(start: int, end: int, *turns: SpokenTurn) -> int:
    [word] = attributed([Word("yes", start, end, speaker=7)], sorted(turns, key=lambda turn: turn.start))
    return word.speaker


def test_a_word_is_said_by_who_speaks_meanwhile():
    assert speaker_of(100, 200, SpokenTurn(0, 90, 1), SpokenTurn(95, 300, 2)) == 2


def test_a_word_across_a_change_is_said_by_who_speaks_during_most_of_it():
    assert speaker_of(100, 200, SpokenTurn(0, 160, 1), SpokenTurn(160, 300, 2)) == 1
    assert speaker_of(100, 200, SpokenTurn(0, 140, 1), SpokenTurn(140, 300, 2)) == 2


def test_the_pieces_of_one_voice_count_together():
    pieces = SpokenTurn(100, 130, 1), SpokenTurn(130, 170, 2), SpokenTurn(170, 200, 1)

    assert speaker_of(100, 200, *pieces) == 1


def test_a_long_turn_that_began_long_ago_counts():
    interjections = [SpokenTurn(k * 10, k * 10 + 5, 2, is_overlap=True) for k in range(9)]

    assert speaker_of(100, 200, SpokenTurn(0, 300, 1), *interjections) == 1


def test_a_word_in_a_short_gap_belongs_to_the_nearest_voice():
    assert speaker_of(100, 200, SpokenTurn(0, 90, 1), SpokenTurn(220, 300, 2)) == 1
    assert speaker_of(100, 200, SpokenTurn(0, 50, 1), SpokenTurn(220, 300, 2)) == 2


def test_a_word_between_two_turns_of_one_voice_is_that_voices():
    far = 60 * SECOND

    assert speaker_of(far, far + 100, SpokenTurn(0, 90, 3), SpokenTurn(2 * far, 3 * far, 3)) == 3


def test_a_word_that_nobody_is_near_to_is_nobodys():
    assert speaker_of(100, 200, SpokenTurn(200 + NEAR + 1, 10 * SECOND, 1)) == 0
    assert speaker_of(100, 200) == 0


def test_voices_that_nobody_could_tell_are_passed_over():
    assert speaker_of(100, 200, SpokenTurn(0, 90, 1), SpokenTurn(100, 200, 0), SpokenTurn(210, 300, 1)) == 1


@pytest.mark.parametrize(("position", "speaker"), [(0, 1), (99, 1), (100, 2)])
def test_a_word_without_length_is_said_by_who_speaks_at_that_moment(position: int, speaker: int):
    assert speaker_of(position, position, SpokenTurn(0, 100, 1), SpokenTurn(100, 200, 2)) == speaker
