"""Two codecs under one name: `pcm8` is 16-bit samples on some devices and unsigned 8-bit ones on others."""

import numpy as np

from adapters.outbound.audio_decoder.linear import LinearStream, ResampledStream
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE
from ports.audio_decoder import AudioDecoderStream

TELLING = 800
"""Bytes that are looked at before any are decoded: 50 or 100 ms at 8 kHz."""
MIDDLE = 128
"""Silence of an unsigned sample."""
ROUGH = 40
"""Mean step from byte to byte. Between the halves of 16-bit samples it is about 64, as of bytes that have nothing to do
with each other; quiet ones have smaller steps, and high halves of 0 and 255."""


def linear_stream(sample_rate: int) -> AudioDecoderStream:
    """For 16-bit samples of a rate."""
    return LinearStream() if sample_rate == SAMPLE_RATE else ResampledStream(sample_rate)


class Pcm8Stream:
    """One connection. Its first bytes tell what is sent; they wait until there are enough of them.

    Unsigned samples go from one to the next in small steps; the halves of 16-bit samples do not, or are so quiet that
    the high ones say nothing but the sign. Whoever is wrong hears noise for a whole session, so what the client calls
    itself does not count: the samples do.
    """

    def __init__(self, sample_rate: int) -> None:
        self.corrupt_packets = 0
        self.concealed = 0
        self._inner = linear_stream(sample_rate)
        self._undecided: bytearray | None = bytearray()
        self._is_unsigned = False

    def decode(self, packet: bytes) -> bytes:
        """The samples whose surroundings are known by now; none before it is known what they are."""
        if self._undecided is None:
            return self._inner.decode(widened(packet) if self._is_unsigned else packet)
        self._undecided += packet
        return self._decided() if len(self._undecided) >= TELLING else b""

    def flush(self) -> bytes:
        """The rest."""
        return (b"" if self._undecided is None else self._decided()) + self._inner.flush()

    def _decided(self) -> bytes:
        first, self._undecided = bytes(self._undecided or b""), None
        self._is_unsigned = is_unsigned(first)
        return self.decode(first)


def is_unsigned(content: bytes) -> bool:
    """Whether bytes are unsigned 8-bit samples rather than 16-bit little-endian ones."""
    values = np.frombuffer(content, np.uint8)
    high = values[1::SAMPLE_BYTES]
    if not high.size:
        return False
    steps = np.abs(np.diff(values).astype(np.int8).astype(np.int16))  # around the circle: 255 is next to 0
    return bool(steps.mean() < ROUGH and np.mean((high == 0) | (high == 255)) < 0.5)


def widened(content: bytes) -> bytes:
    """Unsigned 8-bit samples as signed 16-bit little-endian ones."""
    return ((np.frombuffer(content, np.uint8).astype("<i2") - MIDDLE) << 8).tobytes()
