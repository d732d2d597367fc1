"""One file a user for all that search needs: text index and vector index share it."""

from pathlib import Path

from adapters.outbound.sqlite_connection import Schema
from adapters.outbound.user_folder import user_folder
from domain.ids import UserId

_PASSAGES = """
CREATE TABLE passages(id INTEGER PRIMARY KEY, memory_id BLOB NOT NULL, number INTEGER NOT NULL, text TEXT NOT NULL)
"""
_WORDS = """
CREATE VIRTUAL TABLE words USING fts5(text, content='passages', content_rowid='id', tokenize='porter unicode61')
"""
_VECTORS = "CREATE TABLE vectors(id INTEGER PRIMARY KEY, half BLOB NOT NULL)"
"""A row a passage, numbered from `signs.first` on: they are read one by one. The passage, then its context."""
_SIGNS = """
CREATE TABLE signs(memory_id BLOB PRIMARY KEY, dimension INTEGER NOT NULL, first INTEGER NOT NULL,
                   numbers BLOB NOT NULL, bits BLOB NOT NULL)
"""
"""A row a memory: all of a user's are read at once. As it was before there were spaces."""
_STAMP = "CREATE TABLE stamp(value BLOB NOT NULL)"
"""Which state of the vectors this is. No two are alike, not even of a file that was made anew."""

_MEMORIES = "CREATE TABLE memories(id INTEGER PRIMARY KEY, memory_id BLOB NOT NULL UNIQUE)"
_TALKS = "CREATE VIRTUAL TABLE talks USING fts5(text, content='', tokenize='porter unicode61')"
"""All words of a memory as one text, under the id of `memories`. The text itself stands in `passages` alone."""
WHOLE_TEXT = """
SELECT group_concat(text, ' ') FROM (SELECT text FROM passages WHERE memory_id = memories.memory_id ORDER BY number)
"""
"""What was put into `talks` for a memory: it has to be said again, word for word, to take it out."""
_SPACES = "CREATE TABLE spaces(id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE)"
_SIGNS_IN_SPACES = """
CREATE TABLE signs(space INTEGER NOT NULL, memory_id BLOB NOT NULL, dimension INTEGER NOT NULL, first INTEGER NOT NULL,
                   numbers BLOB NOT NULL, bits BLOB NOT NULL, PRIMARY KEY (space, memory_id))
"""
_SWEEPS = "CREATE TABLE sweeps(struck_out INTEGER NOT NULL, swept INTEGER NOT NULL)"
"""How often words were struck out of `words` and `talks`, and how many of those times they were also removed."""
_FOLLOWED = "CREATE TABLE followed(user BLOB NOT NULL, epoch BLOB NOT NULL, number INTEGER NOT NULL)"
"""One row at most: whose file it is, and how far it follows the log of what several servers change."""

SCHEMA = Schema(
    migrations=[
        [
            _PASSAGES,
            "CREATE INDEX passages_of_memory ON passages(memory_id)",
            _WORDS,
            _VECTORS,
            _SIGNS,
            _STAMP,
            "INSERT INTO stamp VALUES (randomblob(16))",
        ],
        [
            "ALTER TABLE passages ADD COLUMN at INTEGER",
            "ALTER TABLE passages ADD COLUMN speaker BLOB NOT NULL DEFAULT x''",
            "CREATE INDEX passages_in_time ON passages(at)",
            _MEMORIES,
            "INSERT INTO memories(memory_id) SELECT DISTINCT memory_id FROM passages",
            _TALKS,
            f"INSERT INTO talks(rowid, text) SELECT id, ({WHOLE_TEXT}) FROM memories",  # noqa: S608 - of constants
            "DELETE FROM vectors",  # they do not say of which space they are; made anew in the background
            "DROP TABLE signs",
            _SPACES,
            _SIGNS_IN_SPACES,
        ],
        [
            _SWEEPS,
            "INSERT INTO sweeps SELECT EXISTS (SELECT 1 FROM passages), 0",  # texts may have been put twice before
            "DROP INDEX passages_of_memory",
            "CREATE INDEX passages_in_place ON passages(memory_id, number)",
        ],
        [_FOLLOWED],
    ]
)


MAPPED = "PRAGMA mmap_size = 1073741824"
"""For connections that search: pages are read where the system keeps them, not copied one by one."""


def search_file(data_dir: Path, user: UserId) -> Path:
    """Where a user's search lies. The file need not exist."""
    return user_folder(data_dir, user) / "search.db"
