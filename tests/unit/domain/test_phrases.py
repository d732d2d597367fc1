from domain.audio import SAMPLE_RATE
from domain.phrases import parted, phrases_of
from domain.turns import LocalTurn
from tests.unit.domain.test_clustering import embedding


def turn(start: float, end: float, *, is_overlap: bool = False) -> LocalTurn:
    return LocalTurn(round(start * SAMPLE_RATE), round(end * SAMPLE_RATE), 0, is_overlap=is_overlap)


def test_a_short_pause_does_not_end_a_phrase():
    assert phrases_of([turn(0, 1), turn(1.2, 3), turn(5, 8)]) == [turn(0, 3), turn(5, 8)]


def test_what_is_short_is_no_phrase():
    assert phrases_of([turn(0, 1), turn(5, 8)]) == [turn(5, 8)]


def test_what_is_said_while_others_speak_is_no_phrase():
    assert phrases_of([turn(0, 3, is_overlap=True), turn(3, 6)]) == [turn(3, 6)]


def test_phrases_that_sound_alike_are_one_voice():
    turns = (turn(0, 2), turn(5, 8))
    [voice] = parted(turns, [(turns[0], embedding(1)), (turns[1], embedding(1))], threshold=0.4)

    assert voice.turns == turns
    assert voice.embedding == embedding(1)
    assert voice.weight == 5


def test_phrases_that_sound_different_are_two_voices():
    turns = (turn(0, 2), turn(5, 8))
    first, second = parted(turns, [(turns[0], embedding(1)), (turns[1], embedding(2))], threshold=0.4)

    assert (first.turns, second.turns) == (turns[:1], turns[1:])
    assert (first.embedding, second.embedding) == (embedding(1), embedding(2))


def test_short_turns_go_with_the_nearest_phrase():
    turns = (turn(0, 2), turn(2.6, 3), turn(4, 4.5), turn(5, 8))
    first, second = parted(turns, [(turns[0], embedding(1)), (turns[3], embedding(2))], threshold=0.4)

    assert (first.turns, second.turns) == (turns[:2], turns[2:])


def test_without_phrases_there_are_no_voices():
    assert parted((turn(0, 1),), [], threshold=0.4) == []
