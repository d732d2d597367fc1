"""Full-text search in the user's own file: SQLite's FTS5 with stems and BM25."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from sqlite3 import Connection
from types import TracebackType
from typing import Self

from adapters.outbound.keys import key_bytes, key_text
from adapters.outbound.search_database import SCHEMA, search_file
from adapters.outbound.sqlite_files import SqliteFiles
from domain.ids import MemoryId, UserId
from domain.words import telling, words_of
from ports.text_index import Hit, Passage

_MOST_WORDS = 48
"""Words of a query that are looked for; the first ones of a longer text."""
_LONGEST_QUERY = 4_000
"""Characters of a query that are looked at."""
_SEARCH = """
SELECT passages.memory_id, passages.number, -found.rank, passages.text
FROM (SELECT rowid, rank FROM words WHERE words MATCH ? ORDER BY rank LIMIT ?) AS found
CROSS JOIN passages ON passages.id = found.rowid
ORDER BY found.rank
"""
"""The best are chosen before the join: otherwise the planner walks the passages (1,008 ms instead of 2.3)."""


class SqliteTextIndex:
    """Passages and their words in `search.db` of the user's folder."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._files = SqliteFiles(SCHEMA)

    async def __aenter__(self) -> Self:
        await self._files.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._files.__aexit__(kind, error, trace)

    async def put(self, user: UserId, memory_id: MemoryId, passages: Sequence[Passage]) -> None:
        """Replaces all passages of a memory in one transaction."""
        work = partial(_replace, key=key_bytes(memory_id), passages=passages)
        await self._files.write(search_file(self._data_dir, user), work)

    async def delete(self, user: UserId, memory_id: MemoryId) -> None:
        """Forgets a memory; nothing of its text is left in the file."""
        await self._files.erase(search_file(self._data_dir, user), partial(_erase, key=key_bytes(memory_id)))

    async def search(self, user: UserId, query: str, *, limit: int = 50) -> tuple[Hit, ...]:
        """Best passages first; the score is BM25, higher is better."""
        expression = any_of(query)
        if not expression or limit <= 0:
            return ()
        work = partial(_found, expression=expression, limit=limit)
        return await self._files.read(search_file(self._data_dir, user), work)


def any_of(query: str) -> str:
    """An FTS5 expression for passages with any word of a text; empty where it has none.

    Every word is quoted, so nothing in it is syntax. Words like "the" are left out where others are left: they are
    in nearly every passage, cost most of the time and say least.
    """
    words = list(dict.fromkeys(words_of(query[:_LONGEST_QUERY])))[:_MOST_WORDS]
    return " OR ".join(f'"{word}"' for word in telling(words))


def _found(connection: Connection, *, expression: str, limit: int) -> tuple[Hit, ...]:
    rows = connection.execute(_SEARCH, (expression, limit)).fetchall()
    return tuple(Hit(MemoryId(key_text(key)), number, score, text) for key, number, score, text in rows)


def _replace(connection: Connection, *, key: bytes, passages: Sequence[Passage]) -> None:
    _remove(connection, key=key)
    connection.executemany(
        "INSERT INTO passages(memory_id, number, text) VALUES (?, ?, ?)",
        ((key, passage.number, _well_formed(passage.text)) for passage in passages),
    )
    connection.execute("INSERT INTO words(rowid, text) SELECT id, text FROM passages WHERE memory_id = ?", (key,))


def _erase(connection: Connection, *, key: bytes) -> None:
    if _remove(connection, key=key):
        connection.execute("INSERT INTO words(words) VALUES ('optimize')")  # drops words that were only struck out


def _remove(connection: Connection, *, key: bytes) -> int:
    """Removes the passages of a memory; says how many there were."""
    connection.execute(
        "INSERT INTO words(words, rowid, text) SELECT 'delete', id, text FROM passages WHERE memory_id = ?", (key,)
    )
    return connection.execute("DELETE FROM passages WHERE memory_id = ?", (key,)).rowcount


def _well_formed(text: str) -> str:
    """Half a surrogate pair is no text to a database."""
    return text.encode("utf-8", "replace").decode("utf-8")
