"""Vectors as they travel between ports."""

import math
from array import array
from collections.abc import Iterable
from operator import mul
from typing import NewType

Embedding = NewType("Embedding", bytes)
"""(dimension,) float32 little-endian, unit length."""


def cosine(left: Embedding, right: Embedding) -> float:
    """Cosine of the angle between two unit vectors, -1 to 1.

    Raises:
        ValueError: the vectors have different dimensions.
    """
    one, other = array("f", left), array("f", right)
    if len(one) != len(other):
        raise ValueError(f"vectors of {len(one)} and {len(other)} dimensions do not compare")
    return float(sum(map(mul, one, other)))


def weighted_mean(weighted: Iterable[tuple[Embedding, float]]) -> Embedding:
    """The middle of unit vectors, scaled to unit length itself.

    Raises:
        ValueError: there are none, their dimensions differ, or they cancel each other out.
    """
    total: array[float] | None = None
    for vector, weight in weighted:
        scaled = array("d", (v * weight for v in array("f", vector)))
        if total is not None and len(total) != len(scaled):
            raise ValueError(f"vectors of {len(total)} and {len(scaled)} dimensions have no mean")
        total = scaled if total is None else array("d", (a + b for a, b in zip(total, scaled, strict=True)))
    if total is None:
        raise ValueError("no vectors have no mean")
    return normalized(total)


def normalized(values: "array[float]") -> Embedding:
    """Scales values to unit length.

    Raises:
        ValueError: all values are zero.
    """
    length = math.sqrt(math.fsum(v * v for v in values))
    if length == 0:
        raise ValueError("a vector of zeros has no direction")
    return Embedding(array("f", (v / length for v in values)).tobytes())
