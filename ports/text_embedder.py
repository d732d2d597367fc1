"""Text to a vector."""

from collections.abc import Sequence
from typing import Protocol

from domain.embedding import Embedding


class TextEmbedder(Protocol):
    """Turns text into vectors that are near where the meaning is near."""

    name: str
    """Identifies the vector space, with its version: vectors of two spaces do not compare."""
    dimension: int

    async def embed(self, texts: Sequence[str]) -> list[Embedding]:
        """One vector a text, in order: (dimension,) float32, unit length. Long texts are cut at the end.

        Raises:
            TemporarilyUnavailable: the embedder failed.
        """
        ...
