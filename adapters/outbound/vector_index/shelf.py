"""The vectors of a user in a space, in memory: those of each memory as they came, the signs of all as one matrix."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from functools import cached_property

import numpy as np

from adapters.outbound.keys import key_bytes
from adapters.outbound.vector_index.half_precision import cosines
from adapters.outbound.vector_index.packed_vectors import PackedVectors
from adapters.outbound.vector_index.ranked_places import Floats, Places
from adapters.outbound.vector_index.redis_shelves import NOTHING, State
from adapters.outbound.vector_index.sign_matrix import SignMatrix
from domain.ids import MemoryId, UserId

_MOST_SHELVES = 2_000
"""That are kept, however small they are: each is looked after."""
_ALONE = 1_000
"""Bytes of a shelf with nothing on it, about."""
_BESIDE_SIGNS = 16
"""Bytes that the matrix has of a passage, besides its signs: whose, which and where."""


class Rows:
    """All vectors of one moment. May be used from any thread."""

    def __init__(self, memories: Mapping[MemoryId, PackedVectors]) -> None:
        self._memories = dict(memories)
        self._vectors = tuple(self._memories.values())

    @cached_property
    def matrix(self) -> SignMatrix:
        """The signs of all. Ids are places within a memory."""
        counts = [len(one.numbers) for one in self._vectors]
        words = [one.words for one in self._vectors] or [np.empty((0, 0), dtype=np.uint64)]
        return SignMatrix(
            dimension=self._vectors[0].dimension if self._vectors else 0,
            memory_keys=tuple(key_bytes(memory_id) for memory_id in self._memories),
            owners=np.repeat(np.arange(len(counts), dtype=np.int32), counts),
            numbers=np.concatenate([np.empty(0, np.int32), *(one.numbers for one in self._vectors)]),
            ids=np.concatenate([np.empty(0, np.int64), *(np.arange(count) for count in counts)]),
            words=np.ascontiguousarray(np.concatenate(words).T),
        )

    def cosines_at(self, places: Places, query: Floats) -> Floats:
        """Products with the vectors at some places, ascending: (places, 2), of each and of its context."""
        owners, starts = np.unique(self.matrix.owners[places], return_index=True)
        within = np.split(self.matrix.ids[places], starts[1:])
        halves = [self._vectors[owner].halves[rows] for owner, rows in zip(owners.tolist(), within, strict=True)]
        return cosines(np.concatenate(halves).reshape(-1, len(query)), query).reshape(len(places), 2)


class Shelf:
    """What is known of a shelf in Redis. Belongs to the event loop."""

    def __init__(self) -> None:
        self.state = NOTHING
        """Up to which everything is here; there may be more."""
        self.is_known = False
        """It was complete before."""
        self.size = _ALONE
        """Bytes in memory."""
        self._memories: dict[MemoryId, PackedVectors] = {}
        self._rows: Rows | None = None

    @property
    def rows(self) -> Rows:
        """All that is here now."""
        if self._rows is None:
            self._rows = Rows(self._memories)
        return self._rows

    @property
    def is_empty(self) -> bool:
        """Nothing is here."""
        return not self._memories

    def put(self, memory_id: MemoryId, vectors: PackedVectors) -> None:
        """Replaces the vectors of a memory."""
        self.drop((memory_id,))
        self._memories[memory_id] = vectors
        self.size += _in_memory(vectors)
        self._rows = None

    def drop(self, memories: Iterable[MemoryId]) -> None:
        """Forgets memories; nothing happens for those that are not here."""
        for memory_id in memories:
            vectors = self._memories.pop(memory_id, None)
            if vectors is not None:
                self.size -= _in_memory(vectors)
                self._rows = None

    def keep(self, memories: Iterable[MemoryId], *, dimension: int) -> None:
        """Forgets all others, and those of another dimension."""
        kept = set(memories)
        others = [key for key, one in self._memories.items() if key not in kept or one.dimension != dimension]
        self.drop(others)

    def reached(self, state: State) -> None:
        """Everything is here up to a state."""
        self.state = state
        self.is_known = True


class Shelves:
    """Shelves in memory, up to a number of bytes; those that nobody asked for longest go first, but never the last."""

    def __init__(self, *, capacity: int) -> None:
        self._capacity = capacity
        self._kept: OrderedDict[tuple[UserId, str], Shelf] = OrderedDict()

    def of(self, user: UserId, space: str) -> Shelf:
        """The shelf of a user and space; an empty one where nothing is known."""
        shelf = self._kept.setdefault((user, space), Shelf())
        self._kept.move_to_end((user, space))
        return shelf

    def all(self) -> dict[tuple[UserId, str], Shelf]:
        """Those that are kept now."""
        return dict(self._kept)

    def trim(self) -> None:
        """Lets go of what does not fit any more."""
        size = sum(shelf.size for shelf in self._kept.values())
        while len(self._kept) > 1 and (size > self._capacity or len(self._kept) > _MOST_SHELVES):
            _, shelf = self._kept.popitem(last=False)
            size -= shelf.size


def _in_memory(vectors: PackedVectors) -> int:
    return vectors.size + vectors.words.nbytes + _BESIDE_SIGNS * len(vectors.numbers)
