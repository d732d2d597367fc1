"""An embedder that counts words and their parts: no model, and yet near where the words are near."""

import zlib
from array import array
from collections.abc import Iterator, Sequence

import anyio.lowlevel

from domain.embedding import Embedding, normalized
from domain.words import stem, words_of

_LONGEST_TEXT = 20_000
"""Characters that are looked at."""


class FakeTextEmbedder:
    """Hashes word stems and groups of three letters into 64 dimensions; the same everywhere and always."""

    name = "fake-64"
    dimension = 64

    async def embed(self, texts: Sequence[str]) -> list[Embedding]:
        """One vector a text. Never fails."""
        await anyio.lowlevel.checkpoint()
        return [self._vector(text[:_LONGEST_TEXT]) for text in texts]

    def _vector(self, text: str) -> Embedding:
        values = array("f", [0.0]) * self.dimension
        values[0] = 1e-3  # a text without words has a direction too
        for feature, weight in _features(text):
            place = zlib.crc32(feature.encode("utf-8", "replace"))
            values[place % self.dimension] += weight if place & 0x8000 else -weight
        return normalized(values)


def _features(text: str) -> Iterator[tuple[str, float]]:
    for word in map(stem, words_of(text)):
        yield word, 1.0
        for start in range(len(word) - 2):
            yield f"#{word[start : start + 3]}", 0.3
