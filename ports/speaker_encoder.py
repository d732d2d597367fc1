"""A voice to a vector."""

from typing import Protocol

from domain.embedding import Embedding


class SpeakerEncoder(Protocol):
    """Turns speech into a vector that is near for one voice and far for two."""

    name: str
    """Identifies the vector space: vectors of two encoders do not compare."""
    dimension: int
    shortest: int
    """Samples of speech below which a vector means nothing."""
    threshold: float
    """Cosine above which two stretches of some three seconds are one voice, calibrated for this encoder."""
    margin: float
    """By how much the cosine of the best known voice must beat that of the second."""

    async def encode(self, pcm: bytes) -> Embedding:
        """The voice in a stretch of speech: mono, signed 16-bit little-endian, 16 kHz.

        Returns:
            (dimension,) float32, unit length. The same audio gives the same vector.

        Raises:
            Rejected: the stretch is shorter than `shortest`, or silent.
            TemporarilyUnavailable: the encoder failed.
        """
        ...
