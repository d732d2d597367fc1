"""Nearest neighbors in the user's own file: signs first, for all; then the vectors themselves, for the best."""

import json
from collections.abc import Sequence
from functools import partial
from operator import itemgetter
from pathlib import Path
from sqlite3 import Connection
from types import TracebackType
from typing import Self

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from adapters.outbound.keys import key_bytes, key_text
from adapters.outbound.search_database import MAPPED, SCHEMA, search_file
from adapters.outbound.sqlite_files import SqliteFiles
from adapters.outbound.vector_index.half_precision import cosines
from adapters.outbound.vector_index.matrix_cache import MatrixCache
from adapters.outbound.vector_index.ranked_places import Floats, floats, ranked, stacked
from adapters.outbound.vector_index.sign_matrix import SignMatrix, in_order, signs
from domain.embedding import Embedding
from domain.ids import MemoryId, UserId
from ports.errors import Rejected
from ports.text_index import Place
from ports.vector_index import Near, VectorEntry

_NUMBER = np.dtype(np.int32).itemsize
_HALVES = """
SELECT CAST(group_concat(half, '') AS BLOB)
FROM (SELECT half FROM json_each(?) AS wanted CROSS JOIN vectors ON vectors.id = wanted.value)
"""
"""Vectors as one value: row by row, the interpreter's lock changes hands for each (2.4 ms instead of 1 for 1,400)."""


class SqliteVectorIndexSettings(Struct, frozen=True, kw_only=True):
    """Settings of the vector index."""

    cache_bytes: int = 64 << 20
    """Signs kept in memory, over all users; 112 bytes a passage."""
    candidates: int = 500
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

    async def put(self, user: UserId, memory_id: MemoryId, entries: Sequence[VectorEntry], *, space: str) -> None:
        """Replaces all entries of a memory in a space, in one transaction."""
        work = partial(_replace, space=key_bytes(space), key=key_bytes(memory_id), entries=entries)
        await self._files.write(search_file(self._data_dir, user), work)

    async def delete(self, user: UserId, memory_id: MemoryId) -> None:
        """Forgets a memory in all spaces."""
        work = partial(_remove, where="memory_id = ?", parameters=(key_bytes(memory_id),))
        await self._files.erase(search_file(self._data_dir, user), work)

    async def spaces(self, user: UserId) -> tuple[str, ...]:
        """The spaces in which a user has entries."""
        return await self._files.read(search_file(self._data_dir, user), _spaces)

    async def delete_space(self, user: UserId, space: str) -> None:
        """Forgets all entries of a space."""
        where = "space = (SELECT id FROM spaces WHERE name = ?)"
        work = partial(_remove, where=where, parameters=(key_bytes(space),))
        await self._files.erase(search_file(self._data_dir, user), work)

    async def search(
        self, user: UserId, query: Embedding, *, space: str, limit: int = 50, also: Sequence[Place] = ()
    ) -> tuple[Near, ...]:
        """Nearest entries first; cosines are exact to a thousandth."""
        if limit <= 0 and not also:
            return ()
        path = search_file(self._data_dir, user)
        work = partial(self._search, path=path, space=key_bytes(space), query=floats(query), limit=limit, also=also)
        return await self._files.read(path, work)

    def _search(
        self,
        connection: Connection,
        *,
        path: Path,
        space: bytes,
        query: Floats,
        limit: int,
        also: Sequence[Place],
    ) -> tuple[Near, ...]:
        connection.execute(MAPPED).fetchall()
        with connection:
            connection.execute("BEGIN")  # signs and vectors are of one state
            matrix = self._matrix(connection, path, space)
            return ranked(
                matrix,
                query,
                cosines_at=lambda places: _cosines(connection, matrix.ids[places], query),
                candidates=self._candidates,
                limit=limit,
                also=also,
            )

    def _matrix(self, connection: Connection, path: Path, space: bytes) -> SignMatrix:
        (stamp,) = connection.execute("SELECT value FROM stamp").fetchone()
        found = connection.execute("SELECT id FROM spaces WHERE name = ?", (space,)).fetchone()
        number = found[0] if found else 0
        matrix = self._cache.get(path / str(number), stamp=stamp)
        if matrix is None:
            matrix = _loaded(connection, number)
            self._cache.put(path / str(number), matrix, stamp=stamp)
        return matrix


def _spaces(connection: Connection) -> tuple[str, ...]:
    rows = connection.execute(
        "SELECT name FROM spaces WHERE EXISTS (SELECT 1 FROM signs WHERE signs.space = spaces.id) ORDER BY name"
    )
    return tuple(key_text(name) for (name,) in rows)


def _replace(connection: Connection, *, space: bytes, key: bytes, entries: Sequence[VectorEntry]) -> None:
    vectors = stacked(entries)
    connection.execute("INSERT OR IGNORE INTO spaces(name) VALUES (?)", (space,))
    (number,) = connection.execute("SELECT id FROM spaces WHERE name = ?", (space,)).fetchone()
    _remove(connection, where="space = ? AND memory_id = ?", parameters=(number, key))
    if len(vectors):
        _insert(connection, number, key, [entry.number for entry in entries], vectors)


def _insert(connection: Connection, space: int, key: bytes, numbers: Sequence[int], vectors: Floats) -> None:
    """Stores vectors: (passages, 2 * dimension), each with its context behind it."""
    dimension = vectors.shape[1] // 2
    other = connection.execute(
        "SELECT dimension FROM signs WHERE space = ? AND dimension <> ? LIMIT 1", (space, dimension)
    ).fetchone()
    if other:
        raise Rejected(f"vectors of {dimension} dimensions do not fit an index of {other[0]}")
    (first,) = connection.execute("SELECT COALESCE(MAX(id), 0) + 1 FROM vectors").fetchone()
    halves = vectors.astype(np.float16)
    connection.executemany(
        "INSERT INTO vectors VALUES (?, ?)", ((first + n, v.tobytes()) for n, v in enumerate(halves))
    )
    connection.execute(
        "INSERT INTO signs VALUES (?, ?, ?, ?, ?, ?)",
        (space, key, dimension, first, np.array(numbers, dtype=np.int32).tobytes(), signs(vectors).tobytes()),
    )


def _remove(connection: Connection, *, where: str, parameters: Sequence[object]) -> None:
    rows = connection.execute(f"SELECT first, length(numbers) / 4 FROM signs WHERE {where}", parameters).fetchall()  # noqa: S608
    connection.executemany(
        "DELETE FROM vectors WHERE id >= ? AND id < ?", ((first, first + count) for first, count in rows)
    )
    connection.execute(f"DELETE FROM signs WHERE {where}", parameters)  # noqa: S608 - conditions of this file
    connection.execute("UPDATE stamp SET value = randomblob(16)")  # who holds the old state knows that it is old


def _loaded(connection: Connection, space: int) -> SignMatrix:
    rows = connection.execute(
        "SELECT memory_id, dimension, first, numbers, bits FROM signs WHERE space = ?", (space,)
    ).fetchall()
    rows.sort(key=itemgetter(2))  # SQLite would carry the signs through its sorter: 15 ms more at 100,000 turns
    counts = np.array([len(row[3]) // _NUMBER for row in rows], dtype=np.int64)
    owners = np.repeat(np.arange(len(rows), dtype=np.int32), counts)
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    bits = np.frombuffer(b"".join(row[4] for row in rows), dtype=np.uint64)
    return in_order(
        SignMatrix(
            dimension=rows[0][1] if rows else 0,
            memory_keys=tuple(row[0] for row in rows),
            owners=owners,
            numbers=np.frombuffer(b"".join(row[3] for row in rows), dtype=np.int32),
            ids=np.repeat(np.array([row[2] for row in rows], dtype=np.int64), counts) + within,
            words=np.ascontiguousarray(bits.reshape(len(owners), -1).T) if rows else np.empty((0, 0), np.uint64),
        )
    )


def _cosines(connection: Connection, ids: NDArray[np.int64], query: Floats) -> Floats:
    """Products with stored vectors, in the order of their ids: (ids, 2), of each and of its context."""
    (halves,) = connection.execute(_HALVES, (json.dumps(ids.tolist()),)).fetchone()
    return cosines(np.frombuffer(halves, dtype=np.float16).reshape(-1, len(query)), query).reshape(len(ids), 2)
