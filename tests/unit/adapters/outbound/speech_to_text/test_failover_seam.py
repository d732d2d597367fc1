"""Where two recognizers meet that do not agree on where words lie."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from adapters.outbound.speech_to_text.failover.seam import DeliveredWords, Territory
from domain.audio import samples
from domain.transcript import Word
from ports.speech_to_text import Terms
from tests.support.failover_scene import Scene, play
from tests.support.faulty_recognizer import Fault, FaultyRecognizer

JITTER = samples(0.05)


def at(text: str, middle: float, *, length: float = 0.2) -> Word:
    return Word(text, samples(middle - length / 2), samples(middle + length / 2))


def met(former: list[Word], new: list[Word], *, seam: float, new_first: bool = False) -> list[str]:
    """What the client gets of two recognizers that both heard some audio around a seam."""
    delivered = DeliveredWords()
    sides = [(former, Territory("former", 0, samples(seam))), (new, Territory("new", samples(seam)))]
    words = [delivered.fresh(*side) for side in (reversed(sides) if new_first else sides)]
    return [word.text for word in sorted((word for found in words for word in found), key=lambda word: word.start)]


@pytest.mark.parametrize("new_first", [False, True])
@pytest.mark.parametrize(("before", "behind"), [(-0.04, 0.04), (0.04, -0.04), (0.0, 0.0), (-0.05, -0.04)])
def test_a_word_at_the_seam_comes_once_wherever_each_side_puts_it(
    before: float, behind: float, *, new_first: bool
) -> None:
    former, new = [at("one", 4.5), at("Two.", 5 + before)], [at("two", 5 + behind), at("three", 5.5)]
    assert [word.lower().strip(".") for word in met(former, new, seam=5.0, new_first=new_first)] == [
        "one",
        "two",
        "three",
    ]


def test_a_word_that_each_side_leaves_to_the_other_is_not_lost() -> None:
    assert met([at("edge", 5.04)], [at("edge", 4.96)], seam=5.0) == ["edge"]
    assert met([at("edge", 5.04)], [], seam=5.0) == ["edge"]
    assert met([], [at("edge", 4.96)], seam=5.0) == ["edge"]


def test_a_word_that_is_said_twice_at_a_seam_comes_twice() -> None:
    former = [at("no", 4.6, length=0.15), at("no", 4.85, length=0.15)]
    new = [at("no", 4.61, length=0.15), at("no", 4.84, length=0.15), at("no", 5.1, length=0.15), at("way", 5.4)]
    assert met(former, new, seam=5.0) == ["no", "no", "no", "way"]


def test_one_recognizer_may_say_the_same_word_again_and_again() -> None:
    delivered = DeliveredWords()
    whole = Territory("live", 0)
    assert all(delivered.fresh([at("no", 0.5 + number * 0.3)], whole) for number in range(10))


def test_a_word_at_the_seam_that_is_spelled_in_two_ways_comes_once() -> None:
    assert met([at("okay", 4.95)], [at("ok", 4.97)], seam=5.0) == ["okay"]


def test_the_rest_of_a_cut_word_does_not_count() -> None:
    """The new recognizer begins in the middle of `hello`."""
    assert met([at("hello", 4.4, length=0.4)], [at("low", 4.5), at("you", 5.3)], seam=5.0) == ["hello", "you"]


def test_final_words_that_are_said_twice_come_once() -> None:
    delivered = DeliveredWords()
    assert delivered.fresh([at("one", 1.0)], Territory("live", 0, heard=0))
    assert not delivered.fresh([at("one", 1.0)], Territory("live", 0, heard=samples(1.1)))


def test_final_words_that_come_late_are_not_lost() -> None:
    delivered = DeliveredWords()
    delivered.fresh([at("two", 2.0)], Territory("live", 0))
    assert delivered.fresh([at("one", 1.0)], Territory("live", 0, heard=samples(2.1)))


def test_a_seam_of_an_hour_ago_is_remembered_while_it_is_open() -> None:
    delivered = DeliveredWords()
    delivered.fresh([at("before", 10.0)], Territory("first", 0))
    for minute in range(60):
        delivered.fresh([at("later", 60.0 * (minute + 1))], Territory("second", samples(30)))
        delivered.forget(samples(9.0))
    assert delivered.fresh([at("before", 10.02), at("during", 11)], Territory("backlog", samples(10.05))) == (
        at("during", 11),
    )


def test_what_is_long_final_is_forgotten() -> None:
    delivered = DeliveredWords()
    for number in range(10_000):
        delivered.fresh([at("word", number)], Territory("live", 0))
        delivered.forget(samples(number))
    assert len(delivered._known) < 100


@settings(max_examples=60, deadline=None)
@given(
    some.lists(some.integers(0, 250_000), min_size=1, max_size=4),
    some.integers(0, 2),
    some.sampled_from([1.0, 20.0]),
    some.sampled_from([0.0, 1.0]),
)
def test_recognizers_that_misjudge_stamps_lose_and_double_nothing(
    dies: list[int], spares: int, speed: float, pause: float
) -> None:
    async def act(scene: Scene) -> None:
        for _ in range(8):
            await scene.say(5, speed=speed)
            await scene.pause(pause)
        await scene.stream.finalize()
        await scene.stream.send_eof()
        await scene.ended.wait()
        scene.assert_nothing_lost(exact=JITTER + 640)

    chain = [
        FaultyRecognizer(
            f"recognizer {number}",
            *(Fault(dies_after=at, jitter=JITTER) for at in dies),
            otherwise=Fault(jitter=JITTER),
            terms=Terms(patience=1.0, longest_session=6.0),
        )
        for number in range(spares + 1)
    ]
    play(act, *chain)
