"""Samples to LC3 frames of 10 ms, as glasses and earbuds make them."""

from collections.abc import Iterator

import lc3  # type: ignore[import-untyped]

from domain.audio import SAMPLE_BYTES, SAMPLE_RATE

FRAME_SAMPLES = 160
_MICROSECONDS = 10_000
_BITS = 16


def lc3_frames(pcm: bytes, *, size: int) -> Iterator[bytes]:
    """The frames of a recording, of a size in bytes each; what is missing at the end is silence."""
    encoder = lc3.Encoder(_MICROSECONDS, SAMPLE_RATE)
    step = FRAME_SAMPLES * SAMPLE_BYTES
    for at in range(0, len(pcm), step):
        yield encoder.encode(pcm[at : at + step].ljust(step, b"\0"), size, _BITS)
