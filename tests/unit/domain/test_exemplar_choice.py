"""Which stretches of speech to keep of a voice."""

import math
from array import array

from domain.embedding import Embedding
from domain.exemplar_choice import most_redundant


def at(*degrees: float) -> list[Embedding]:
    angles = map(math.radians, degrees)
    return [Embedding(array("f", (math.cos(angle), math.sin(angle))).tobytes()) for angle in angles]


def test_what_lies_nearest_to_another_tells_least() -> None:
    assert most_redundant(at(0, 40, 43, 90), among=range(4)) in {1, 2}


def test_only_what_may_go_goes() -> None:
    assert most_redundant(at(0, 40, 43, 90), among=[0, 2]) == 2
    assert most_redundant(at(0, 40, 43, 90), among=[0, 3]) == 0


def test_the_only_one_may_go() -> None:
    assert most_redundant(at(0), among=[0]) == 0
