"""Plain samples, at 16 kHz or made so."""

import numpy as np
import soxr

from domain.audio import SAMPLE_BYTES, SAMPLE_RATE


class LinearStream:
    """One connection that sends 16 kHz already. Any cut is a whole number of samples again, whatever the packets.

    The app forwards pieces as the radio cut them, in the middle of a sample too: the odd byte waits for the next.
    """

    def __init__(self) -> None:
        self.corrupt_packets = 0
        self.concealed = 0
        self._odd = b""

    def decode(self, packet: bytes) -> bytes:
        """The whole samples so far. Every byte counts: a piece that was left out would shift all that follow."""
        if self._odd:
            packet = self._odd + packet
            self._odd = b""
        if len(packet) % SAMPLE_BYTES:
            self._odd = packet[-1:]
            return packet[:-1]
        return packet

    def flush(self) -> bytes:
        """Nothing: half a sample is none."""
        return b""


class ResampledStream:
    """One connection at another rate.

    The filter looks ahead (soxr, high quality: at most 58 ms from 24 kHz up, 116 ms from 8 kHz), so samples come
    that much later, at their right places. After `flush` there are as many as the input lasted, to the sample.
    """

    def __init__(self, sample_rate: int) -> None:
        self.corrupt_packets = 0
        self.concealed = 0
        self._whole = LinearStream()
        self._rate = sample_rate
        self._resampler = soxr.ResampleStream(sample_rate, SAMPLE_RATE, 1, dtype="int16", quality="HQ")
        self._received = 0
        self._delivered = 0

    def decode(self, packet: bytes) -> bytes:
        """The samples whose surroundings are known by now."""
        samples = np.frombuffer(self._whole.decode(packet), "<i2")
        self._received += len(samples)
        resampled = self._resampler.resample_chunk(samples)
        self._delivered += len(resampled)
        return bytes(resampled)

    def flush(self) -> bytes:
        """The rest. soxr may round to one sample more or less than we do."""
        rest = bytes(self._resampler.resample_chunk(np.empty(0, "<i2"), last=True))
        size = (round(self._received * SAMPLE_RATE / self._rate) - self._delivered) * SAMPLE_BYTES
        return rest[:size].ljust(size, b"\0")
