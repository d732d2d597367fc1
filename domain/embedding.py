"""Vectors as they travel between ports."""

import math
from array import array
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
    return math.fsum(a * b for a, b in zip(one, other, strict=True))


def normalized(values: "array[float]") -> Embedding:
    """Scales values to unit length.

    Raises:
        ValueError: all values are zero.
    """
    length = math.sqrt(math.fsum(v * v for v in values))
    if length == 0:
        raise ValueError("a vector of zeros has no direction")
    return Embedding(array("f", (v / length for v in values)).tobytes())
