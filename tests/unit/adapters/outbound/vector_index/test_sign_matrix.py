"""Signs of vectors: which ones are near, and where passages lie."""

import numpy as np
from numpy.typing import NDArray

from adapters.outbound.vector_index.sign_matrix import SignMatrix, in_order, signs

DIMENSION = 128


def matrix(vectors: NDArray[np.float32], *, owners: list[int], numbers: list[int]) -> SignMatrix:
    return in_order(
        SignMatrix(
            dimension=DIMENSION,
            memory_keys=tuple(b"%d" % owner for owner in range(max(owners) + 1)),
            owners=np.array(owners, dtype=np.int32),
            numbers=np.array(numbers, dtype=np.int32),
            ids=np.arange(100, 100 + len(owners), dtype=np.int64),
            words=np.ascontiguousarray(signs(vectors).T),
        )
    )


def somewhere(count: int) -> NDArray[np.float32]:
    return np.random.default_rng(5).standard_normal((count, DIMENSION), dtype=np.float32)


def test_exactly_as_many_as_wanted_come_and_none_that_is_left_out_is_nearer() -> None:
    vectors = somewhere(40_000)
    kept = matrix(vectors, owners=[0] * 40_000, numbers=list(range(40_000)))
    query = somewhere(1)[0]
    different = np.count_nonzero((vectors > 0) != (query > 0), axis=1)
    near = kept.nearest(query, count=500)
    assert len(near) == len(set(near.tolist())) == 500
    assert different[near].max() <= np.delete(different, near).min()


def test_of_vectors_that_are_equally_near_the_first_ones_come() -> None:
    vectors = np.repeat(somewhere(1), 9, axis=0)
    kept = matrix(vectors, owners=[0] * 9, numbers=list(range(9)))
    assert kept.nearest(vectors[0], count=4).tolist() == [0, 1, 2, 3]


def test_passages_are_found_whatever_the_order_in_which_they_were_stored() -> None:
    kept = matrix(somewhere(5), owners=[0, 0, 0, 1, 1], numbers=[7, 2, 3, 9, 0])
    places = kept.places([(b"0", 7), (b"1", 0), (b"0", 4), (b"2", 1), (b"1", 10)])
    assert sorted(kept.ids[places].tolist()) == [100, 104]
    assert kept.places([]).tolist() == []
