"""Weights cut into strips: what multiplies a question with them reads them once, and copies nothing."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_STRIP = 24_576
"""Values of a strip: 96 KiB, which stay in the second-level cache."""
_FEW = 40
"""Rows that are multiplied strip by strip. OpenBLAS copies a matrix into an order of its own before it multiplies, but
for products of up to a million steps, where it has a kernel for AVX-512: for 25 rows the copying took as long as the
rest. For many rows it does not matter, and a matrix in one piece is faster."""


class StripedMatrix:
    """A matrix (inputs, outputs) that takes rows."""

    def __init__(self, matrix: Floats) -> None:
        inputs, outputs = matrix.shape
        width = min(max(_STRIP // inputs, 1), outputs)
        strips = outputs // width if outputs % width == 0 else 1
        self._strips = np.ascontiguousarray(matrix.reshape(inputs, strips, -1).swapaxes(0, 1))
        """(strips, inputs, outputs / strips)"""

    def product(self, rows: Floats) -> Floats:
        """`rows @ matrix`: (rows, inputs) -> (rows, outputs)."""
        if len(rows) > _FEW:
            return rows @ self._strips.swapaxes(0, 1).reshape(rows.shape[1], -1)
        product: Floats = (rows @ self._strips).swapaxes(0, 1).reshape(len(rows), -1)
        return product
