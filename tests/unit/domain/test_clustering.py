import math
from array import array
from random import Random

import pytest

from domain.clustering import BLOCK, VoiceSample, Work, clustered
from domain.embedding import Embedding, normalized

DIMENSION = 32


def embedding(voice: int, *, noise: float = 0.0, seed: int = 0) -> Embedding:
    """Near a corner of space that is the voice's own; for noise 1 the cosine to it is 0.7."""
    random = Random(seed)
    spread = noise / math.sqrt(DIMENSION)
    values = array("d", (random.gauss(0, spread) for _ in range(DIMENSION)))
    values[voice] += 1
    return normalized(values)


def sample(window: int, voice: int, *, noise: float = 0.5, weight: float = 3.0) -> VoiceSample:
    return VoiceSample(
        window=window, embedding=embedding(voice, noise=noise, seed=1000 * window + voice), weight=weight
    )


def result(work: Work) -> list[int]:
    while True:
        try:
            next(work)
        except StopIteration as done:
            return done.value


def voices(samples: list[VoiceSample]) -> list[int]:
    """Numbered in order of their appearance, from 0."""
    given = result(clustered(samples, threshold=0.4))
    order = list(dict.fromkeys(number for number in given if number >= 0))
    return [order.index(number) if number >= 0 else -1 for number in given]


def test_no_samples_are_no_voices():
    assert voices([]) == []


def test_samples_that_are_near_are_one_voice():
    assert voices([sample(k, k % 3) for k in range(9)]) == [0, 1, 2] * 3


@pytest.mark.parametrize("windows", [BLOCK - 1, BLOCK, 3 * BLOCK + 1])
def test_a_long_recording_has_no_more_voices_than_a_short_one(windows: int):
    random = Random(3)
    spoken = [random.randrange(4) for _ in range(windows)]

    given = voices([sample(window, voice, noise=0.8) for window, voice in enumerate(spoken)])

    assert len(set(zip(given, spoken, strict=True))) == 4
    assert len(set(given)) == 4


def test_two_samples_of_one_window_are_two_voices_however_near():
    first, second = voices([sample(0, 1, noise=0.0), sample(0, 1, noise=0.0)])

    assert first != second


def test_a_short_sample_joins_the_voice_that_it_is_near_to():
    assert voices([sample(0, 1), sample(1, 2), sample(2, 2, weight=0.3)]) == [0, 1, 1]


def test_a_short_sample_that_is_near_to_nothing_is_nobodys():
    assert voices([sample(0, 1), sample(1, 5, weight=0.3)]) == [0, -1]


def test_a_short_sample_does_not_take_a_voice_that_speaks_already():
    assert voices([sample(0, 1), sample(1, 1), sample(1, 1, noise=0.6, weight=0.3)]) == [0, 0, -1]


def test_the_same_samples_give_the_same_voices():
    samples = [sample(k, k % 5, noise=1.0) for k in range(60)]

    assert voices(samples) == voices(samples)


def test_work_pauses_often():
    pauses = sum(1 for _ in clustered([sample(k, k % 4) for k in range(200)], threshold=0.4))

    assert pauses > 600
