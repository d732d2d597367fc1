"""Full-text search in the user's own file: SQLite's FTS5 with stems and BM25."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from sqlite3 import Connection
from types import TracebackType
from typing import Self

import anyio
import msgspec
from anyio import CapacityLimiter
from msgspec import structs

from adapters.outbound.keys import key_bytes, key_text
from adapters.outbound.moments import microseconds
from adapters.outbound.search_database import MAPPED, SCHEMA, search_file
from adapters.outbound.sqlite_files import SqliteFiles
from adapters.outbound.text_index.hashed_words import HashedWords, Stemmer
from adapters.outbound.text_index.sealed_passages import SealedPassages
from adapters.outbound.vault.none import ClearVault
from domain.ids import MemoryId, UserId
from domain.words import telling, words_of
from ports.text_index import TEXTS, Hit, Passage, Place
from ports.vault import UserKeys, Vault

_MOST_WORDS = 48
"""Words of a query that are looked for; the first ones of a longer text."""
_LONGEST_QUERY = 4_000
"""Characters of a query that are looked at."""
_COLUMNS = "memory_id, number, {score} AS score, at, speaker"
_AS_ONE = "json_group_array(json_array(hex(memory_id), number, score, at, hex(speaker)))"
"""Hits as one value: row by row, the interpreter's lock changes hands for each, and threads that search at the same
time wait for one another (at 100,000 turns a search took half as long again)."""
_ROWS = msgspec.json.Decoder(list[tuple[str, int, float, int | None, str]])
_SEARCH = f"""
SELECT {_COLUMNS.format(score="-found.score")}
FROM (SELECT rowid, bm25(words) AS score FROM words WHERE words MATCH ? ORDER BY score LIMIT ?) AS found
CROSS JOIN passages ON passages.id = found.rowid
ORDER BY found.score
"""  # noqa: S608 - of constants
"""The best are chosen before the join: otherwise the planner walks the passages (1,008 ms instead of 2.3). `bm25` is
called by its name: ordered by the column `rank`, FTS5 looks up each passage a second time (a third more)."""
_RANK_MEMORIES = """
SELECT memory_id, 0 AS number, -found.score AS score, NULL AS at, x'' AS speaker
FROM (SELECT rowid, bm25(talks) AS score FROM talks WHERE talks MATCH ? ORDER BY score LIMIT ?) AS found
CROSS JOIN memories ON memories.id = found.rowid
ORDER BY found.score
"""
_BETWEEN = f"""
SELECT {_COLUMNS.format(score="0.0")} FROM passages WHERE at >= ? AND at < ? ORDER BY at DESC, id DESC LIMIT ?
"""  # noqa: S608 - of constants
_READ = f"""
WITH wanted(key, place) AS (VALUES {{rows}})
SELECT {_COLUMNS.format(score="0.0")} FROM wanted CROSS JOIN passages ON memory_id = key AND number = place
"""  # noqa: S608 - of constants
_TEXT = "SELECT text FROM passages WHERE memory_id = ? AND number = ?"
_PLACES = 500
"""Passages that are read by one statement."""
_MEMORIES = "SELECT DISTINCT memory_id FROM passages"
_WORDS = b"words"
"""What words are hashed for."""
_CLEAR = (
    "INSERT INTO words(words) VALUES ('delete-all')",
    "INSERT INTO talks(talks) VALUES ('delete-all')",
    "DELETE FROM passages",
    "DELETE FROM memories",
)
_STORED = "SELECT id, number, text FROM passages WHERE memory_id = ? ORDER BY number"
_STRIKE_OUT = "INSERT INTO {0}({0}, rowid, text) VALUES ('delete', ?, ?)"


class SqliteTextIndex:
    """Passages and their words in `search.db` of the user's folder: passages sealed, words hashed."""

    def __init__(self, data_dir: Path, *, vault: Vault | None = None) -> None:
        self._data_dir = data_dir
        self._vault = vault or ClearVault()
        self._stemmer = Stemmer()
        self._files = SqliteFiles(SCHEMA)

    async def __aenter__(self) -> Self:
        await self._files.__aenter__()
        self._sweeping = CapacityLimiter(1)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._files.__aexit__(kind, error, trace)
        self._stemmer.close()

    async def put(self, user: UserId, memory_id: MemoryId, passages: Sequence[Passage]) -> None:
        """Replaces all passages of a memory in one transaction."""
        sealed = self._sealed(await self._vault.keys(user))
        work = partial(_replace, key=key_bytes(memory_id), passages=passages, sealed=sealed)
        await self._files.write(search_file(self._data_dir, user), work)

    async def delete(self, user: UserId, memory_id: MemoryId) -> None:
        """Forgets a memory; nothing of its text is left in the file.

        Striking it out takes 2 ms and sweeping 200 for 100,000 turns, however much was struck out: what is deleted
        while a sweep is running is swept together.
        """
        path = search_file(self._data_dir, user)
        if await anyio.Path(path).exists():
            sealed = self._sealed(await self._vault.known(user))
            await self._files.write(path, partial(_remove, key=key_bytes(memory_id), sealed=sealed))
            async with self._sweeping:
                await self._files.erase(path, _sweep)

    async def clear(self, user: UserId) -> None:
        """Forgets all memories of a user; nothing of their text is left in the file."""
        await self._files.erase(search_file(self._data_dir, user), _clear)

    async def memories(self, user: UserId) -> tuple[MemoryId, ...]:
        """Which memories have passages, sorted."""
        rows = await self._files.read(
            search_file(self._data_dir, user), lambda connection: connection.execute(_MEMORIES).fetchall()
        )
        return tuple(sorted(MemoryId(key_text(key)) for (key,) in rows))

    async def search(self, user: UserId, query: str, *, limit: int = 50) -> tuple[Hit, ...]:
        """Best passages first; the score is BM25, higher is better."""
        return await self._matching(user, query, _SEARCH, limit=limit, texts=TEXTS)

    async def rank_memories(self, user: UserId, query: str, *, limit: int = 50) -> tuple[Hit, ...]:
        """Best memories first; the score is BM25 over all that was said in each."""
        return await self._matching(user, query, _RANK_MEMORIES, limit=limit, texts=0)

    async def between(self, user: UserId, start: datetime, end: datetime, *, limit: int = 50) -> tuple[Hit, ...]:
        """Passages of a time, newest first."""
        parameters = (microseconds(start), microseconds(end), max(limit, 0))
        work = partial(_hits, statement=_BETWEEN, parameters=parameters)
        return await self._files.read(search_file(self._data_dir, user), work)

    async def read(self, user: UserId, places: Sequence[Place]) -> tuple[Hit, ...]:
        """Some passages."""
        if not places:
            return ()
        return await self._files.read(search_file(self._data_dir, user), partial(_read, places=places))

    async def _matching(self, user: UserId, query: str, statement: str, *, limit: int, texts: int) -> tuple[Hit, ...]:
        words = sought_in(query)
        if not words or limit <= 0:
            return ()
        sealed = self._sealed(await self._vault.known(user))
        work = partial(_matches, statement=statement, words=words, limit=limit, texts=texts, sealed=sealed)
        return await self._files.read(search_file(self._data_dir, user), work)

    def _sealed(self, keys: UserKeys) -> SealedPassages:
        key = keys.token_key(_WORDS)
        return SealedPassages(keys, None if key is None else HashedWords(self._stemmer, key))


def sought_in(query: str) -> Sequence[str]:
    """The words of a text that are looked for.

    Words like "the" are left out where others are left: they are in nearly every passage, cost most of the time and
    say least.
    """
    return telling(list(dict.fromkeys(words_of(query[:_LONGEST_QUERY])))[:_MOST_WORDS])


def any_of(words: Sequence[str]) -> str:
    """An FTS5 expression for passages with any of some words. Every word is quoted, so nothing in it is syntax."""
    return " OR ".join(f'"{word}"' for word in words)


def _matches(
    connection: Connection, *, statement: str, words: Sequence[str], limit: int, texts: int, sealed: SealedPassages
) -> tuple[Hit, ...]:
    hits = _hits(connection, statement=statement, parameters=(any_of(sealed.sought(words)), limit))
    return (*(_with_text(connection, hit, sealed) for hit in hits[:texts]), *hits[texts:])


def _with_text(connection: Connection, hit: Hit, sealed: SealedPassages) -> Hit:
    key = key_bytes(hit.memory_id)
    (stored,) = connection.execute(_TEXT, (key, hit.number)).fetchone()
    return structs.replace(hit, text=sealed.text(stored, memory=key, number=hit.number))


def _moment(at: int | None) -> datetime | None:
    return None if at is None else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)


def _hits(connection: Connection, *, statement: str, parameters: Sequence[object]) -> tuple[Hit, ...]:
    connection.execute(MAPPED).fetchall()
    (rows,) = connection.execute(f"SELECT {_AS_ONE} FROM ({statement})", parameters).fetchone()  # noqa: S608
    names: dict[str, str] = {}
    return tuple(
        Hit(
            MemoryId(_name(key, names)),
            number,
            score,
            "",
            _moment(at),
            _name(speaker, names),
        )
        for key, number, score, at, speaker in _ROWS.decode(rows)
    )


def _name(digits: str, names: dict[str, str]) -> str:
    """The name in hexadecimal digits; many hits share one."""
    found = names.get(digits)
    if found is None:
        found = names[digits] = key_text(bytes.fromhex(digits))
    return found


def _read(connection: Connection, *, places: Sequence[Place]) -> tuple[Hit, ...]:
    found: list[Hit] = []
    for start in range(0, len(places), _PLACES):
        wanted = places[start : start + _PLACES]
        parameters = [value for memory_id, number in wanted for value in (key_bytes(memory_id), number)]
        rows = ", ".join(["(?, ?)"] * len(wanted))
        found += _hits(connection, statement=_READ.format(rows=rows), parameters=parameters)
    return tuple(found)


def _replace(connection: Connection, *, key: bytes, passages: Sequence[Passage], sealed: SealedPassages) -> None:
    _remove(connection, key=key, sealed=sealed)
    connection.executemany(
        "INSERT INTO passages(memory_id, number, text, at, speaker) VALUES (?, ?, ?, ?, ?)",
        (
            (
                key,
                passage.number,
                sealed.stored(_well_formed(passage.text), memory=key, number=passage.number),
                passage.at and microseconds(passage.at),
                key_bytes(passage.speaker),
            )
            for passage in passages
        ),
    )
    if passages:
        words = _indexed(connection, key=key, sealed=sealed)
        connection.executemany("INSERT INTO words(rowid, text) VALUES (?, ?)", words)
        memory = connection.execute("INSERT INTO memories(memory_id) VALUES (?)", (key,)).lastrowid
        connection.execute("INSERT INTO talks(rowid, text) VALUES (?, ?)", (memory, _talk(words)))


def _indexed(connection: Connection, *, key: bytes, sealed: SealedPassages) -> list[tuple[int, str]]:
    """What stands in the index for the passages of a memory, by their row."""
    rows = connection.execute(_STORED, (key,)).fetchall()
    words = sealed.indexed([(number, stored) for _, number, stored in rows], memory=key)
    return [(row, text) for (row, _, _), text in zip(rows, words, strict=True)]


def _talk(words: Sequence[tuple[int, str]]) -> str:
    """What stands in the index for a memory: it has to be said again, word for word, to take it out."""
    return " ".join(text for _, text in words)


def _sweep(connection: Connection) -> None:
    """Has nothing left of what was struck out. SQLite has no way of doing it for single words before 3.42."""
    if connection.execute("SELECT struck_out > swept FROM sweeps").fetchone()[0]:
        for table in ("words", "talks"):
            connection.execute(f"INSERT INTO {table}({table}) VALUES ('optimize')")  # noqa: S608 - of constants
        connection.execute("UPDATE sweeps SET swept = struck_out")


def _clear(connection: Connection) -> None:
    for statement in _CLEAR:
        connection.execute(statement)


def _remove(connection: Connection, *, key: bytes, sealed: SealedPassages) -> None:
    """Removes the passages of a memory. Their words are only struck out of the index, until it is swept."""
    words = _indexed(connection, key=key, sealed=sealed)
    for (memory,) in connection.execute("SELECT id FROM memories WHERE memory_id = ?", (key,)).fetchall():
        connection.execute(_STRIKE_OUT.format("talks"), (memory, _talk(words)))
    connection.execute("DELETE FROM memories WHERE memory_id = ?", (key,))
    connection.executemany(_STRIKE_OUT.format("words"), words)
    if connection.execute("DELETE FROM passages WHERE memory_id = ?", (key,)).rowcount:
        connection.execute("UPDATE sweeps SET struck_out = struck_out + 1")


def _well_formed(text: str) -> str:
    """Half a surrogate pair is no text to a database."""
    return text.encode("utf-8", "replace").decode("utf-8")
