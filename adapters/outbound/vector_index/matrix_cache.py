"""Keeps what was read lately, up to a number of bytes."""

import threading
from collections import OrderedDict
from pathlib import Path

from adapters.outbound.vector_index.sign_matrix import SignMatrix


class MatrixCache:
    """Matrices by file and state; those not asked for longest go first. May be used from any thread."""

    def __init__(self, *, capacity: int) -> None:
        self._capacity = capacity
        self._kept: OrderedDict[Path, tuple[bytes, SignMatrix]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """Bytes that are kept."""
        return sum(matrix.size for _, matrix in self._kept.values())

    def get(self, path: Path, *, stamp: bytes) -> SignMatrix | None:
        """The matrix of a file as of a stamp; None where it is not kept, or another one is."""
        with self._lock:
            kept_stamp, matrix = self._kept.get(path, (None, None))
            if kept_stamp != stamp:
                return None
            self._kept.move_to_end(path)
            return matrix

    def put(self, path: Path, matrix: SignMatrix, *, stamp: bytes) -> None:
        """Keeps a matrix in place of an older one of the file; one that is larger than all that may be kept is not."""
        with self._lock:
            self._kept.pop(path, None)
            if matrix.size > self._capacity:
                return
            self._kept[path] = (stamp, matrix)
            while self.size > self._capacity:
                self._kept.popitem(last=False)
