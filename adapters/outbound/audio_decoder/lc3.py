"""LC3 frames to samples: liblc3 through ctypes, from the wheel of `lc3py`, with nothing in between.

The wheel's own Python classes are not used: they leave the memory of a decoder behind, so each session would leak.
"""

import ctypes
from functools import cache

from adapters.outbound.audio_decoder.linear import ResampledStream
from adapters.outbound.audio_decoder.shared_library import shared_library
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE
from ports.errors import Rejected

WHEEL = "lc3py==1.1.3"

FRAME = 10_000
"""Microseconds."""
SHORTEST_FRAME, LONGEST_FRAME = 20, 400
"""Bytes."""
_SIGNED_16_BIT = 0
_DECODED, _CONCEALED = 0, 1


@cache
def library() -> ctypes.PyDLL:
    """liblc3. Raises Rejected."""
    loaded = shared_library("lc3", wheel=WHEEL, package="lc3", pattern=".lc3py.mesonpy.libs/*lc3*")
    loaded.lc3_decoder_size.argtypes = [ctypes.c_int, ctypes.c_int]
    loaded.lc3_decoder_size.restype = ctypes.c_uint
    loaded.lc3_setup_decoder.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_void_p]
    loaded.lc3_setup_decoder.restype = ctypes.c_void_p
    loaded.lc3_decode.argtypes = [
        ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_int,
    ]  # fmt: skip
    return loaded


class Lc3Stream:
    """One connection. A frame that cannot be decoded is extrapolated by liblc3, and its time is kept."""

    def __init__(self, sample_rate: int, *, frame_size: int | None = None) -> None:
        """Makes a decoder.

        Args:
            sample_rate: Hz that the frames were made at.
            frame_size: bytes of each frame, where packets may hold several; None where a packet is a frame.

        Raises:
            Rejected: liblc3 is not installed.
        """
        lc3 = library()
        self.corrupt_packets = 0
        self.concealed = 0
        self._frame_size = frame_size
        self._resampler = None if sample_rate == SAMPLE_RATE else ResampledStream(sample_rate)
        self._lc3_decode = lc3.lc3_decode
        self._state = ctypes.create_string_buffer(lc3.lc3_decoder_size(FRAME, sample_rate))
        self._decoder = lc3.lc3_setup_decoder(FRAME, sample_rate, sample_rate, ctypes.addressof(self._state))
        if not self._decoder:
            raise Rejected(f"liblc3 cannot make a decoder for {sample_rate} Hz")
        self._buffer = ctypes.create_string_buffer(sample_rate * FRAME // 1_000_000 * SAMPLE_BYTES)
        self._output = ctypes.addressof(self._buffer)

    def decode(self, packet: bytes) -> bytes:
        """The samples of the frames in a packet."""
        if not packet:
            return b""
        size = self._frame_size or len(packet)
        frames = [packet[at : at + size] for at in range(0, len(packet), size)]
        pcm = b"".join(map(self._decoded, frames))
        return pcm if self._resampler is None else self._resampler.decode(pcm)

    def flush(self) -> bytes:
        """What waited in the filter, at other rates than ours."""
        return b"" if self._resampler is None else self._resampler.flush()

    def _decoded(self, frame: bytes) -> bytes:
        size = len(frame)
        is_whole = size == self._frame_size if self._frame_size else SHORTEST_FRAME <= size <= LONGEST_FRAME
        outcome = self._lc3_decode(self._decoder, frame, size, _SIGNED_16_BIT, self._output, 1) if is_whole else None
        if outcome != _DECODED:
            self.corrupt_packets += 1
            self.concealed += SAMPLE_RATE * FRAME // 1_000_000
            if outcome != _CONCEALED:
                self._lc3_decode(self._decoder, None, 0, _SIGNED_16_BIT, self._output, 1)
        return self._buffer.raw
