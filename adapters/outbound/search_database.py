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
"""A row a passage, numbered from `signs.first` on: they are read one by one."""
_SIGNS = """
CREATE TABLE signs(memory_id BLOB PRIMARY KEY, dimension INTEGER NOT NULL, first INTEGER NOT NULL,
                   numbers BLOB NOT NULL, bits BLOB NOT NULL)
"""
"""A row a memory: all of a user's are read at once."""
_STAMP = "CREATE TABLE stamp(value BLOB NOT NULL)"
"""Which state of the vectors this is. No two are alike, not even of a file that was made anew."""

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
        ]
    ]
)


def search_file(data_dir: Path, user: UserId) -> Path:
    """Where a user's search lies. The file need not exist."""
    return user_folder(data_dir, user) / "search.db"
