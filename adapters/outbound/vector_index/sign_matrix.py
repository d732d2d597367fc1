"""Vectors cut down to their signs: 48 bytes instead of 1,536, and still nearly as good at telling near from far."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

_WORD_BITS = 64
_BLOCK = 32_768
"""Vectors that are compared at a time."""


class SignMatrix(Struct, frozen=True):
    """The signs of all vectors of a user, in the order of `owners` and, within a memory, of `numbers`."""

    dimension: int
    memory_keys: tuple[bytes, ...]
    owners: NDArray[np.int32]
    """(vectors,) place in `memory_keys`"""
    numbers: NDArray[np.int32]
    """(vectors,) number of the passage within its memory"""
    ids: NDArray[np.int64]
    """(vectors,) under which the vector itself is stored"""
    words: NDArray[np.uint64]
    """(2 * dimension / 64, vectors), a vector's signs and those of its context

    One row holds 64 signs of every vector, so a comparison runs along memory.
    """

    @property
    def size(self) -> int:
        """Bytes in memory."""
        return sum(array.nbytes for array in (self.owners, self.numbers, self.ids, self.words))

    def places(self, wanted: Sequence[tuple[bytes, int]]) -> NDArray[np.intp]:
        """Places of the passages that there are of those wanted (memory key and number), in no order."""
        owners = {key: owner for owner, key in enumerate(self.memory_keys)}
        codes = np.array([(owners[key] << 32) | number for key, number in wanted if key in owners], dtype=np.int64)
        if not len(codes):
            return np.empty(0, dtype=np.intp)
        there = self.codes()
        places = np.minimum(np.searchsorted(there, codes), len(there) - 1)
        return np.unique(places[there[places] == codes])

    def codes(self) -> NDArray[np.int64]:
        """(vectors,) memory and number as one, which sorts as they do."""
        return (self.owners.astype(np.int64) << 32) | self.numbers

    def nearest(self, query: NDArray[np.float32], *, count: int) -> NDArray[np.intp]:
        """Places of the vectors that share most signs with a query, ascending; of equals, those that came first."""
        if count >= len(self.ids):
            return np.arange(len(self.ids))
        if count <= 0:
            return np.empty(0, dtype=np.intp)
        different = self._different(signs(query[None, :])[0])
        within = np.cumsum(np.bincount(different))
        worst = int(np.searchsorted(within, count))
        places = np.flatnonzero(different <= worst)
        surplus = len(places) - count
        equals = np.flatnonzero(different[places] == worst)
        return np.delete(places, equals[len(equals) - surplus :])

    def _different(self, query: NDArray[np.uint64]) -> NDArray[np.uint16]:
        """(vectors,) how many signs of a query each has not. In blocks that stay in the cache through all rows."""
        different = np.zeros(len(self.ids), dtype=np.uint16)
        for start in range(0, len(different), _BLOCK):
            block = self.words[:, start : start + _BLOCK]
            total = different[start : start + _BLOCK]
            for row, bits in zip(block, query, strict=True):
                total += np.bitwise_count(row ^ bits)
        return different


def in_order(matrix: SignMatrix) -> SignMatrix:
    """The same vectors, sorted by their numbers within each memory: they may have been stored in any order."""
    codes = matrix.codes()
    if (np.diff(codes) > 0).all():
        return matrix
    order = np.argsort(codes, kind="stable")
    return SignMatrix(
        dimension=matrix.dimension,
        memory_keys=matrix.memory_keys,
        owners=matrix.owners[order],
        numbers=matrix.numbers[order],
        ids=matrix.ids[order],
        words=np.ascontiguousarray(matrix.words[:, order]),
    )


def signs(vectors: NDArray[np.float32]) -> NDArray[np.uint64]:
    """Where vectors are positive: (vectors, dimension) -> (vectors, dimension / 64), filled up with zeros."""
    packed = np.packbits(vectors > 0, axis=1)
    missing = -packed.shape[1] % (_WORD_BITS // 8)
    return np.ascontiguousarray(np.pad(packed, ((0, 0), (0, missing)))).view(np.uint64)
