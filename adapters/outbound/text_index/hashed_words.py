"""Words as hashes: an index over them finds what one over the words finds, and shows none of them.

SQLite's own tokenizer and stemmer take the texts apart, in a database that leaves nothing on the disk. What is indexed
in the place of a stem is its keyed hash, so that ranking, which counts, comes out the same to the last digit.
"""

import hashlib
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter

from msgspec import Struct

TOKENIZER = "porter unicode61"
_TABLES = (
    f"CREATE VIRTUAL TABLE texts USING fts5(text, content='', tokenize='{TOKENIZER}')",
    "CREATE VIRTUAL TABLE stems USING fts5vocab(texts, 'instance')",
)
_STEMS = "SELECT doc, term FROM stems ORDER BY doc, offset"
_BYTES = 6
"""Of a hash: of 50,000 words, two share one with a probability of four in a million."""
_END = "0"
"""Behind every hash: nothing that ends so is stemmed."""


class Stemmer:
    """Texts to the stems that SQLite would index. For any number of threads."""

    def __init__(self) -> None:
        self._idle: list[sqlite3.Connection] = []
        self._guard = threading.Lock()  # held for a list operation, in worker threads alone

    def stems(self, texts: Sequence[str]) -> list[list[str]]:
        """The stems of each text, in order."""
        with self._borrowed() as connection, connection:
            connection.execute("BEGIN")
            connection.executemany("INSERT INTO texts(rowid, text) VALUES (?, ?)", enumerate(texts))
            found = {
                number: [stem for _, stem in some]
                for number, some in groupby(connection.execute(_STEMS).fetchall(), key=itemgetter(0))
            }
            connection.execute("INSERT INTO texts(texts) VALUES ('delete-all')")
        return [found.get(number, []) for number in range(len(texts))]

    def close(self) -> None:
        """Lets go of what is kept for next time."""
        with self._guard:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    @contextmanager
    def _borrowed(self) -> Iterator[sqlite3.Connection]:
        with self._guard:
            connection = self._idle.pop() if self._idle else None
        if connection is None:
            connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
            for statement in _TABLES:
                connection.execute(statement)
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        with self._guard:
            self._idle.append(connection)


class HashedWords(Struct, frozen=True):
    """Texts to what is indexed in their place."""

    stemmer: Stemmer
    key: bytes

    def of(self, texts: Sequence[str]) -> list[str]:
        """A word for each stem of each text."""
        return [" ".join(map(self._hash, stems)) for stems in self.stemmer.stems(texts)]

    def _hash(self, stem: str) -> str:
        return hashlib.blake2b(stem.encode(), digest_size=_BYTES, key=self.key).hexdigest() + _END
