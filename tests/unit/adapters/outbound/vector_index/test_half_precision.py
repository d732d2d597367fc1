"""Vectors in half precision, multiplied as they are."""

import numpy as np
import pytest

from adapters.outbound.vector_index.half_precision import cosines


@pytest.mark.parametrize("count", [0, 1, 256, 257, 1_000])
def test_products_are_those_of_single_precision(count: int) -> None:
    rng = np.random.default_rng(3)
    vectors = rng.standard_normal((count, 384), dtype=np.float32)
    halves = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16)
    query = rng.standard_normal(384, dtype=np.float32) / 20
    assert np.allclose(cosines(halves, query), halves.astype(np.float32) @ query, atol=1e-6)


def test_every_number_up_to_one_is_what_it_was() -> None:
    bits = np.arange(0x3C01, dtype=np.uint16)  # 0, all subnormal ones, all normal ones, 1
    halves = np.concatenate([bits, bits | 0x8000]).view(np.float16).reshape(-1, 1)
    assert (cosines(halves, np.ones(1, dtype=np.float32)) == halves[:, 0].astype(np.float32)).all()
