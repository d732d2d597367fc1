"""Samples to AAC in ADTS frames, as phones make them: PyAV."""

from collections.abc import Iterator

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext

from domain.audio import SAMPLE_RATE

BITRATE = 32_000
BLOCK = 1_024
"""Samples of a frame."""
_RATE_INDEX = 8
"""Of 16 kHz, in the table of the format."""
_HEADER = 7


def aac_frames(pcm: bytes) -> Iterator[bytes]:
    """The frames of a recording: mono, 16 kHz, low complexity. The encoder puts one frame of silence in front."""
    spoken = np.frombuffer(pcm, "<i2").astype(np.float32) / 32_768
    if not spoken.size:
        return
    encoder = AudioCodecContext.create("aac", "w")
    encoder.sample_rate, encoder.layout, encoder.format, encoder.bit_rate = SAMPLE_RATE, "mono", "fltp", BITRATE
    for at in range(0, len(spoken), BLOCK):
        block = np.zeros((1, BLOCK), np.float32)
        block[0, : len(spoken) - at] = spoken[at : at + BLOCK]
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
        frame.sample_rate, frame.pts = SAMPLE_RATE, at
        yield from (adts(bytes(packet)) for packet in encoder.encode(frame))
    yield from (adts(bytes(packet)) for packet in encoder.encode(None))


def adts(raw: bytes) -> bytes:
    """A raw frame behind the header that says how long it is."""
    size = len(raw) + _HEADER
    fixed = bytes((0xFF, 0xF1, 1 << 6 | _RATE_INDEX << 2))
    return fixed + bytes((1 << 6 | size >> 11, size >> 3 & 0xFF, (size & 0b111) << 5 | 0x1F, 0xFC)) + raw
