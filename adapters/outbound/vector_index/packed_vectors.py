"""The vectors of a memory as one value: dimension and count, numbers of passages, then vectors in half precision."""

import struct
from collections.abc import Sequence
from typing import Self

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from adapters.outbound.vector_index.ranked_places import stacked
from adapters.outbound.vector_index.sign_matrix import signs
from ports.errors import TemporarilyUnavailable
from ports.vector_index import VectorEntry

_HEAD = struct.Struct("<II")


class PackedVectors(Struct, frozen=True):
    """The vectors of a memory, sorted by the numbers of its passages."""

    dimension: int
    numbers: NDArray[np.int32]
    """(passages,)"""
    halves: NDArray[np.float16]
    """(passages, 2 * dimension), each with its context behind it"""
    words: NDArray[np.uint64]
    """(passages, 2 * dimension / 64), the signs"""

    @classmethod
    def of(cls, entries: Sequence[VectorEntry]) -> Self:
        """Those of some entries. Raises Rejected where dimensions differ."""
        numbers = np.array([entry.number for entry in entries], dtype=np.int32)
        order = np.argsort(numbers, kind="stable")
        halves = stacked(entries)[order].astype(np.float16)
        return cls(halves.shape[1] // 2, numbers[order], halves, _signs(halves))

    @classmethod
    def read(cls, content: bytes) -> Self:
        """What `packed` gave, without a copy. Raises TemporarilyUnavailable where it is something else."""
        try:
            dimension, count = _HEAD.unpack_from(content)
            numbers = np.frombuffer(content, dtype="<i4", count=count, offset=_HEAD.size)
            start = _HEAD.size + numbers.nbytes
            halves = np.frombuffer(content, dtype="<f2", offset=start).reshape(count, 2 * dimension)
        except (struct.error, ValueError) as error:
            raise TemporarilyUnavailable("stored vectors are damaged") from error
        return cls(dimension, numbers, halves, _signs(halves))

    @property
    def packed(self) -> bytes:
        """As one value."""
        return _HEAD.pack(self.dimension, len(self.numbers)) + self.numbers.tobytes() + self.halves.tobytes()

    @property
    def size(self) -> int:
        """Bytes in memory."""
        return self.numbers.nbytes + self.halves.nbytes + self.words.nbytes


def _signs(halves: NDArray[np.float16]) -> NDArray[np.uint64]:
    """Signs of halves, taken from their bits: comparing halves takes ten times as long."""
    return signs(halves.view(np.int16))
