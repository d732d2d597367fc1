"""Signs first, for all passages; then the vectors themselves, for the best and for those that are asked for by name."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from adapters.outbound.keys import key_bytes, key_text
from adapters.outbound.vector_index.sign_matrix import SignMatrix
from domain.ids import MemoryId
from ports.errors import Rejected
from ports.text_index import Place
from ports.vector_index import Near, VectorEntry

Floats = NDArray[np.float32]
Places = NDArray[np.intp]


def ranked(
    matrix: SignMatrix,
    query: Floats,
    *,
    cosines_at: Callable[[Places], Floats],
    candidates: int,
    limit: int,
    also: Sequence[Place],
) -> tuple[Near, ...]:
    """Nearest passages first, by the mean of both cosines.

    Args:
        matrix: the signs of all.
        query: (dimension,)
        cosines_at: places, ascending -> (places, 2), of each passage and of its context.
        candidates: passages that are compared exactly.
        limit: how many of the nearest.
        also: further passages that are wanted, near or not.

    Raises:
        Rejected: the query has another dimension.
    """
    if not len(matrix.ids):
        return ()
    if len(query) != matrix.dimension:
        raise Rejected(f"a query of {len(query)} dimensions does not fit an index of {matrix.dimension}")
    near = matrix.nearest(np.concatenate([query, query]), count=max(candidates, limit))
    wanted = matrix.places([(key_bytes(memory_id), number) for memory_id, number in also])
    places = np.union1d(near, wanted)
    scores = cosines_at(places)
    order = np.argsort(-scores.sum(axis=1), kind="stable")
    is_shown = np.isin(places[order], wanted)
    is_shown[: max(limit, 0)] = True
    shown = order[is_shown]
    return _near(matrix, places[shown], scores[shown])


def stacked(entries: Sequence[VectorEntry]) -> Floats:
    """Vectors with their contexts behind them: (entries, 2 * dimension). Raises Rejected where dimensions differ."""
    vectors = [vector for entry in entries for vector in (entry.embedding, entry.context or entry.embedding)]
    sizes = sorted({len(vector) // 4 for vector in vectors})
    if len(sizes) > 1:
        raise Rejected(f"vectors of {' and '.join(map(str, sizes))} dimensions do not mix")
    if not entries:
        return np.empty((0, 0), dtype=np.float32)
    return floats(b"".join(vectors)).reshape(len(entries), -1)


def floats(content: bytes) -> Floats:
    """The numbers of an embedding."""
    return np.frombuffer(content, dtype="<f4")


def _near(matrix: SignMatrix, places: Places, scores: Floats) -> tuple[Near, ...]:
    owners = matrix.owners[places].tolist()
    names = {owner: MemoryId(key_text(matrix.memory_keys[owner])) for owner in set(owners)}
    numbers, cosines = matrix.numbers[places].tolist(), scores.tolist()
    return tuple(
        Near(names[owner], number, score, context)
        for owner, number, (score, context) in zip(owners, numbers, cosines, strict=True)
    )
