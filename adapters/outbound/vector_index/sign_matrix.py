"""Vectors cut down to their signs: 48 bytes instead of 1,536, and still nearly as good at telling near from far."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

_WORD_BITS = 64


class SignMatrix(Struct, frozen=True):
    """The signs of all vectors of a user."""

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
        if not wanted:
            return np.empty(0, dtype=np.intp)
        owners = {key: owner for owner, key in enumerate(self.memory_keys)}
        codes = [(owners[key] << 32) | number for key, number in wanted if key in owners]
        order = np.isin(self._codes(), np.array(codes, dtype=np.int64))
        return np.flatnonzero(order)

    def _codes(self) -> NDArray[np.int64]:
        """(vectors,) memory and number as one."""
        return (self.owners.astype(np.int64) << 32) | self.numbers

    def nearest(self, query: NDArray[np.float32], *, count: int) -> NDArray[np.intp]:
        """Places of the vectors that share most signs with a query, in no order."""
        if count >= len(self.ids):
            return np.arange(len(self.ids))
        if count <= 0:
            return np.empty(0, dtype=np.intp)
        different = np.zeros(len(self.ids), dtype=np.uint16)
        for row, bits in zip(self.words, signs(query[None, :])[0], strict=True):
            different += np.bitwise_count(row ^ bits)
        return np.argpartition(different, count)[:count]


def signs(vectors: NDArray[np.float32]) -> NDArray[np.uint64]:
    """Where vectors are positive: (vectors, dimension) -> (vectors, dimension / 64), filled up with zeros."""
    packed = np.packbits(vectors > 0, axis=1)
    missing = -packed.shape[1] % (_WORD_BITS // 8)
    return np.ascontiguousarray(np.pad(packed, ((0, 0), (0, missing)))).view(np.uint64)
