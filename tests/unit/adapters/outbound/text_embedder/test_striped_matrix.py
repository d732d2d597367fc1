"""Products with a matrix in strips."""

import numpy as np
import pytest

from adapters.outbound.text_embedder.striped_matrix import StripedMatrix


@pytest.mark.parametrize("rows", [1, 40, 41, 200])
@pytest.mark.parametrize("shape", [(384, 1152), (1536, 384), (384, 100), (8, 3)])
def test_a_matrix_in_strips_multiplies_as_one_in_a_piece(rows: int, shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(rows)
    matrix = rng.standard_normal(shape, dtype=np.float32)
    some = rng.standard_normal((rows, shape[0]), dtype=np.float32)
    assert np.allclose(StripedMatrix(matrix).product(some), some @ matrix, atol=1e-3)
