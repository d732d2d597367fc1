"""Passages as they lie in the database: sealed, and their words hashed; or as earlier versions wrote them."""

from collections.abc import Sequence

from msgspec import Struct

from adapters.outbound.text_index.hashed_words import HashedWords
from adapters.outbound.vault.sealed_value import place_of
from ports.vault import UserKeys

Stored = str | bytes
"""The text of a passage in its column: as it is, or sealed."""
_PASSAGE = b"passage"


class SealedPassages(Struct, frozen=True):
    """Reads and writes the texts of one user."""

    keys: UserKeys
    words: HashedWords | None
    """None where nothing is sealed."""

    def stored(self, text: str, *, memory: bytes, number: int) -> Stored:
        """The text of a passage for its column."""
        if self.words is None:
            return text
        return self.keys.seal(text.encode(), purpose=_place(memory, number))

    def text(self, stored: Stored, *, memory: bytes, number: int) -> str:
        """The text of a column. Raises TemporarilyUnavailable, NotFound."""
        if isinstance(stored, str):
            return stored
        return self.keys.open(stored, purpose=_place(memory, number)).decode()

    def indexed(self, rows: Sequence[tuple[int, Stored]], *, memory: bytes) -> list[str]:
        """What is indexed of passages (number, column) of a memory, now and when it is to be struck out."""
        texts = [self.text(stored, memory=memory, number=number) for number, stored in rows]
        if self.words is None:
            return texts
        hashed = self.words.of(texts)
        return [
            text if isinstance(row[1], str) else words for row, text, words in zip(rows, texts, hashed, strict=True)
        ]

    def sought(self, words: Sequence[str]) -> list[str]:
        """What to look for in the place of words; the words too, for what earlier versions wrote."""
        return [*words, *filter(None, self.words.of(words))] if self.words else list(words)


def _place(memory: bytes, number: int) -> bytes:
    return place_of(_PASSAGE, memory, number.to_bytes(8, "little", signed=True))
