"""Opus packets to samples: libopus through ctypes, with nothing in between."""

import ctypes
from functools import cache

from adapters.outbound.audio_decoder.shared_library import shared_library
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE
from ports.errors import Rejected

WHEEL = "opuslib-next-bundled==0.1.1"

LONGEST_PACKET = 1_500
"""Bytes. A frame has at most 1,275; devices send 30 to 160."""
KEEP_ALIVE = 2
"""Bytes. Apps send pings of this size between packets; libopus would decode them to 10 ms of noise."""
LONGEST_DURATION = SAMPLE_RATE * 120 // 1_000
"""Samples. The format allows no more; a packet that declares more does not fit the buffer and is refused."""
FIRST_DURATION = SAMPLE_RATE // 100
"""Samples that a packet is taken to last before one was decoded: 10 ms, as the devices send."""
CAPACITY = 5_760
"""Samples of the output buffer: what libopus wants for the longest packet at its highest rate."""


@cache
def library() -> ctypes.PyDLL:
    """Libopus. Raises Rejected."""
    loaded = shared_library("opus", wheel=WHEEL, package="opuslib_next", pattern="_native/*opus.*")
    loaded.opus_decoder_get_size.argtypes = [ctypes.c_int]
    loaded.opus_decoder_init.argtypes = [ctypes.c_void_p, ctypes.c_int32, ctypes.c_int]
    loaded.opus_decode.argtypes = [
        ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int32, ctypes.c_void_p, ctypes.c_int, ctypes.c_int,
    ]  # fmt: skip
    return loaded


class OpusStream:
    """One connection. Decodes straight to 16 kHz mono, whatever the encoder ran at.

    A packet that cannot be decoded is owed: it is restored from the redundancy that the next packet carries, or
    extrapolated where it carries none, and comes out in front of that packet's samples.
    """

    def __init__(self) -> None:
        opus = library()
        self.corrupt_packets = 0
        self.concealed = 0
        self._opus_decode = opus.opus_decode
        self._state = ctypes.create_string_buffer(opus.opus_decoder_get_size(1))
        self._buffer = ctypes.create_string_buffer(CAPACITY * SAMPLE_BYTES)
        self._decoder = ctypes.addressof(self._state)
        self._output = ctypes.addressof(self._buffer)
        self._samples = memoryview(self._buffer)
        self._duration = FIRST_DURATION
        self._owed = 0
        if opus.opus_decoder_init(self._decoder, SAMPLE_RATE, 1) != 0:
            raise Rejected("libopus cannot make a decoder for 16 kHz mono")

    def decode(self, packet: bytes) -> bytes:
        """The samples of a packet, behind those that were owed."""
        size = len(packet)
        if size <= KEEP_ALIVE:
            return b""
        if size > LONGEST_PACKET:
            return self._give_up()
        restored = self._restored(packet) if self._owed else b""
        count = self._opus_decode(self._decoder, packet, size, self._output, LONGEST_DURATION, 0)
        if count <= 0:
            return restored + self._give_up()
        self._duration = count
        samples = self._samples[: count * SAMPLE_BYTES].tobytes()
        return restored + samples if restored else samples

    def flush(self) -> bytes:
        """What a corrupt last packet left owed, extrapolated."""
        return self._extrapolated()

    def _give_up(self) -> bytes:
        """Counts a corrupt packet and owes its time. What was owed before has no next packet to learn from."""
        earlier = self._extrapolated()
        self.corrupt_packets += 1
        self._owed = self._duration
        return earlier

    def _restored(self, packet: bytes) -> bytes:
        """What is owed, from the redundancy in a packet; libopus extrapolates by itself where there is none."""
        count = self._opus_decode(self._decoder, packet, len(packet), self._output, self._owed, 1)
        return self._pay() if count == self._owed else self._extrapolated()

    def _extrapolated(self) -> bytes:
        if not self._owed:
            return b""
        count = self._opus_decode(self._decoder, None, 0, self._output, self._owed, 0)
        if count != self._owed:
            ctypes.memset(self._output, 0, self._owed * SAMPLE_BYTES)
        return self._pay()

    def _pay(self) -> bytes:
        samples = self._samples[: self._owed * SAMPLE_BYTES].tobytes()
        self.concealed += self._owed
        self._owed = 0
        return samples
