"""Nearest neighbors in the user's own file: signs first, for all; then the vectors themselves, for the best."""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from sqlite3 import Connection
from types import TracebackType
from typing import Self

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from adapters.outbound.keys import key_bytes, key_text
from adapters.outbound.search_database import SCHEMA, search_file
from adapters.outbound.sqlite_files import SqliteFiles
from adapters.outbound.vector_index.matrix_cache import MatrixCache
from adapters.outbound.vector_index.sign_matrix import SignMatrix, signs
from domain.embedding import Embedding
from domain.ids import MemoryId, UserId
from ports.errors import Rejected
from ports.text_index import Hit
from ports.vector_index import VectorEntry

Floats = NDArray[np.float32]


class SqliteVectorIndexSettings(Struct, frozen=True, kw_only=True):
    """Settings of the vector index."""

    cache_bytes: int = 64 << 20
    """Signs kept in memory, over all users; 64 bytes a passage."""
    candidates: int = 1_000
    """Passages that are compared exactly, of all whose signs were compared."""


class SqliteVectorIndex:
    """Vectors (half precision) and their signs in `search.db` of the user's folder."""

    def __init__(self, data_dir: Path, *, settings: SqliteVectorIndexSettings) -> None:
        self._data_dir = data_dir
        self._candidates = settings.candidates
        self._files = SqliteFiles(SCHEMA)
        self._cache = MatrixCache(capacity=settings.cache_bytes)

    async def __aenter__(self) -> Self:
        await self._files.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._files.__aexit__(kind, error, trace)

    async def put(self, user: UserId, memory_id: MemoryId, entries: Sequence[VectorEntry]) -> None:
        """Replaces all entries of a memory in one transaction."""
        work = partial(_replace, key=key_bytes(memory_id), entries=entries)
        await self._files.write(search_file(self._data_dir, user), work)

    async def delete(self, user: UserId, memory_id: MemoryId) -> None:
        """Forgets a memory."""
        await self._files.erase(search_file(self._data_dir, user), partial(_remove, key=key_bytes(memory_id)))

    async def search(self, user: UserId, query: Embedding, *, limit: int = 50) -> tuple[Hit, ...]:
        """Nearest entries first; the score is the cosine, exact to a thousandth."""
        if limit <= 0:
            return ()
        path = search_file(self._data_dir, user)
        work = partial(self._search, path=path, query=_floats(query), limit=limit)
        return await self._files.read(path, work)

    def _search(self, connection: Connection, *, path: Path, query: Floats, limit: int) -> tuple[Hit, ...]:
        with connection:
            connection.execute("BEGIN")  # signs and vectors are of one state
            matrix = self._matrix(connection, path)
            if not len(matrix.ids):
                return ()
            if len(query) != matrix.dimension:
                raise Rejected(f"a query of {len(query)} dimensions does not fit an index of {matrix.dimension}")
            places = np.sort(matrix.nearest(query, count=max(self._candidates, 2 * limit)))
            scores = _vectors(connection, matrix.ids[places], matrix.dimension) @ query
        best = np.argsort(-scores, kind="stable")[:limit]
        return tuple(
            _hit(matrix, int(place), float(score)) for place, score in zip(places[best], scores[best], strict=True)
        )

    def _matrix(self, connection: Connection, path: Path) -> SignMatrix:
        (stamp,) = connection.execute("SELECT value FROM stamp").fetchone()
        matrix = self._cache.get(path, stamp=stamp)
        if matrix is None:
            matrix = _loaded(connection)
            self._cache.put(path, matrix, stamp=stamp)
        return matrix


def _hit(matrix: SignMatrix, place: int, score: float) -> Hit:
    memory_id = MemoryId(key_text(matrix.memory_keys[matrix.owners[place]]))
    return Hit(memory_id, int(matrix.numbers[place]), score)


def _replace(connection: Connection, *, key: bytes, entries: Sequence[VectorEntry]) -> None:
    vectors = _stacked(entries)
    _remove(connection, key=key)
    if len(vectors):
        _insert(connection, key, [entry.number for entry in entries], vectors)


def _insert(connection: Connection, key: bytes, numbers: Sequence[int], vectors: Floats) -> None:
    dimension = vectors.shape[1]
    other = connection.execute("SELECT dimension FROM signs WHERE dimension <> ? LIMIT 1", (dimension,)).fetchone()
    if other:
        raise Rejected(f"vectors of {dimension} dimensions do not fit an index of {other[0]}")
    (first,) = connection.execute("SELECT COALESCE(MAX(id), 0) + 1 FROM vectors").fetchone()
    halves = vectors.astype(np.float16)
    connection.executemany(
        "INSERT INTO vectors VALUES (?, ?)", ((first + n, v.tobytes()) for n, v in enumerate(halves))
    )
    connection.execute(
        "INSERT INTO signs VALUES (?, ?, ?, ?, ?)",
        (key, dimension, first, np.array(numbers, dtype=np.int32).tobytes(), signs(vectors).tobytes()),
    )


def _remove(connection: Connection, *, key: bytes) -> None:
    row = connection.execute("SELECT first, length(numbers) / 4 FROM signs WHERE memory_id = ?", (key,)).fetchone()
    if row:
        first, count = row
        connection.execute("DELETE FROM vectors WHERE id >= ? AND id < ?", (first, first + count))
        connection.execute("DELETE FROM signs WHERE memory_id = ?", (key,))
    connection.execute("UPDATE stamp SET value = randomblob(16)")  # who holds the old state knows that it is old


def _loaded(connection: Connection) -> SignMatrix:
    rows = connection.execute("SELECT memory_id, dimension, first, numbers, bits FROM signs ORDER BY first").fetchall()
    numbers = [np.frombuffer(row[3], dtype=np.int32) for row in rows]
    counts = np.array([len(part) for part in numbers], dtype=np.int64)
    dimension = rows[0][1] if rows else 0
    bits = np.frombuffer(b"".join(row[4] for row in rows), dtype=np.uint64)
    ids = [np.arange(row[2], row[2] + count) for row, count in zip(rows, counts, strict=True)]
    return SignMatrix(
        dimension=dimension,
        memory_keys=tuple(row[0] for row in rows),
        owners=np.repeat(np.arange(len(rows), dtype=np.int32), counts),
        numbers=np.concatenate([np.empty(0, dtype=np.int32), *numbers]),
        ids=np.concatenate([np.empty(0, dtype=np.int64), *ids]),
        words=np.ascontiguousarray(bits.reshape(int(counts.sum()), -1).T) if rows else np.empty((0, 0), np.uint64),
    )


def _vectors(connection: Connection, ids: NDArray[np.int64], dimension: int) -> Floats:
    """Stored vectors in the order of their ascending ids: (ids, dimension)."""
    wanted = json.dumps(ids.tolist())
    rows = connection.execute(
        "SELECT half FROM json_each(?) AS wanted CROSS JOIN vectors ON vectors.id = wanted.value", (wanted,)
    )
    halves = np.frombuffer(b"".join(half for (half,) in rows), dtype=np.float16)
    return halves.reshape(len(ids), dimension).astype(np.float32)


def _stacked(entries: Sequence[VectorEntry]) -> Floats:
    sizes = sorted({len(entry.embedding) // 4 for entry in entries})
    if len(sizes) > 1:
        raise Rejected(f"vectors of {' and '.join(map(str, sizes))} dimensions do not mix")
    if not entries:
        return np.empty((0, 0), dtype=np.float32)
    return _floats(b"".join(entry.embedding for entry in entries)).reshape(len(entries), -1)


def _floats(content: bytes) -> Floats:
    return np.frombuffer(content, dtype="<f4")
