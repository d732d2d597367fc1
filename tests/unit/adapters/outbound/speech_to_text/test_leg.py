import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.outbound.speech_to_text.leg import Leg, LegResult, LegWord
from domain.audio import SAMPLE_RATE, AudioFrame
from domain.recognition import FinalWords
from ports.errors import TemporarilyUnavailable


def leg_with(*, seconds: int) -> Leg:
    leg = Leg("vendor")
    leg.send(AudioFrame(0, bytes(2 * seconds * SAMPLE_RATE)))
    return leg


def result(number: int) -> LegResult:
    """The result of one second, with one word."""
    return LegResult(words=(LegWord(f"w{number}", number + 0.2, number + 0.7),), start=number, end=number + 1.0)


def texts(events: list[FinalWords]) -> list[str]:
    return [word.text for event in events for word in event.words]


@given(st.sampled_from([(0, 1, 2, 3), (1, 0, 2, 3), (0, 2, 1, 3), (1, 0, 3, 2)]), st.lists(st.integers(0, 3)))
def test_repeated_and_swapped_results_give_each_word_once_and_in_order(order: tuple[int, ...], more: list[int]) -> None:
    leg = leg_with(seconds=4)
    events = [event for number in (*order, *more) for event in leg.final(result(number))]
    events += leg.finish()
    assert texts(events) == ["w0", "w1", "w2", "w3"]
    watermarks = [event.through for event in events]
    assert watermarks == sorted(watermarks)
    assert watermarks[-1] == 4 * SAMPLE_RATE


def test_the_watermark_waits_for_a_missing_result() -> None:
    leg = leg_with(seconds=4)
    assert leg.final(result(0))[-1].through == SAMPLE_RATE
    assert leg.final(result(2)) == ()
    assert [event.through for event in leg.final(result(1))] == [2 * SAMPLE_RATE, 3 * SAMPLE_RATE]


def test_a_result_that_never_comes_holds_up_one_other_at_most() -> None:
    leg = leg_with(seconds=9)
    assert leg.final(result(2)) == ()
    assert texts(list(leg.final(result(3)))) == ["w2", "w3"]
    assert texts(list(leg.final(result(4)))) == ["w4"]


def test_a_result_without_words_moves_the_watermark() -> None:
    leg = leg_with(seconds=3)
    assert leg.final(LegResult(words=(), end=2.0)) == (FinalWords((), 2 * SAMPLE_RATE, "vendor"),)
    assert leg.unheard == 1.0


def test_guesses_that_no_result_confirms_are_noticed() -> None:
    leg = leg_with(seconds=3)
    leg.interim([LegWord("maybe", 1.0, 1.5)])
    assert leg.left_guessing
    leg.final(LegResult(words=(), start=0.0, end=2.0))
    assert not leg.left_guessing


def test_before_any_audio_nothing_is_anywhere() -> None:
    leg = Leg("vendor")
    assert leg.final(LegResult(words=(), start=0.0, end=0.5)) == (FinalWords((), 0, "vendor"),)
    assert leg.finish() == ()


def test_a_vendor_that_tells_of_audio_it_was_never_sent_is_not_believed() -> None:
    words = (LegWord("later", 5.0, 5.3),)
    for claim in (LegResult(words=(), start=0.0, end=4.5), LegResult(words=words, start=0.0, end=2.0)):
        with pytest.raises(TemporarilyUnavailable, match="cannot be believed"):
            leg_with(seconds=3).final(claim)
    with pytest.raises(TemporarilyUnavailable, match="cannot be believed"):
        leg_with(seconds=3).interim(words)
