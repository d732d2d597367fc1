"""Samples to Opus packets, as the devices make them: libopus through ctypes."""

import ctypes
import ctypes.util
import importlib.util
from functools import cache
from pathlib import Path

from domain.audio import SAMPLE_BYTES, SAMPLE_RATE
from ports.errors import Rejected

WHEEL = "opuslib-next-bundled==0.1.1"
PACKAGE = "opuslib_next"
LIBRARIES = ("_native/libopus.so", "_native/libopus.dylib", "_native/opus.dll")

RESTRICTED_LOW_DELAY = 2_051
"""The application the firmware chooses: the music codec alone (CELT), 2.5 ms of delay."""
SET_BITRATE = 4_002
SET_VARIABLE_BITRATE = 4_006
SET_COMPLEXITY = 4_010
BITRATE = 32_000
COMPLEXITY = 3
LONGEST_PACKET = 1_500
"""Bytes."""


@cache
def _library() -> ctypes.CDLL:
    spec = importlib.util.find_spec(PACKAGE)
    folder = Path(spec.origin).parent if spec is not None and spec.origin is not None else None
    bundled = [folder / name for name in LIBRARIES] if folder else []
    path = next((str(path) for path in bundled if path.is_file()), None) or ctypes.util.find_library("opus")
    if path is None:
        raise Rejected(f"libopus is not installed: pip install {WHEEL}")
    loaded = ctypes.CDLL(path)
    loaded.opus_encoder_get_size.argtypes = [ctypes.c_int]
    loaded.opus_encoder_init.argtypes = [ctypes.c_void_p, ctypes.c_int32, ctypes.c_int, ctypes.c_int]
    # The third argument of the control call is variadic in C: left out here, so that ctypes passes it as such.
    loaded.opus_encoder_ctl.argtypes = [ctypes.c_void_p, ctypes.c_int]
    loaded.opus_encode.argtypes = [
        ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_int32,
    ]  # fmt: skip
    return loaded


class OpusEncoder:
    """Encodes like the firmware: mono, 16 kHz, variable bit rate around 32 kbit/s, complexity 3."""

    def __init__(self, duration: int) -> None:
        """Prepares for packets of a duration.

        Args:
            duration: samples per packet: 160 (10 ms), 320, 640 or 960.

        Raises:
            Rejected: libopus is not installed.
        """
        self._opus = _library()
        self._duration = duration
        self._state = ctypes.create_string_buffer(self._opus.opus_encoder_get_size(1))
        self._packet = ctypes.create_string_buffer(LONGEST_PACKET)
        _check(self._opus.opus_encoder_init(self._state, SAMPLE_RATE, 1, RESTRICTED_LOW_DELAY))
        for request, value in ((SET_BITRATE, BITRATE), (SET_VARIABLE_BITRATE, 1), (SET_COMPLEXITY, COMPLEXITY)):
            _check(self._opus.opus_encoder_ctl(self._state, request, ctypes.c_int32(value)))

    def encode(self, pcm: bytes) -> bytes:
        """The packet of one duration of samples; what is missing at the end is silence.

        Raises:
            ValueError: there are more samples than a packet holds, or libopus refuses the duration.
        """
        size = self._duration * SAMPLE_BYTES
        if len(pcm) > size:
            raise ValueError(f"{len(pcm)} bytes do not fit a packet of {size}")
        whole = pcm.ljust(size, b"\0")
        count = self._opus.opus_encode(self._state, whole, self._duration, self._packet, LONGEST_PACKET)
        return self._packet.raw[: _check(count)]


def _check(result: int) -> int:
    if result < 0:
        raise ValueError(f"libopus refuses to encode: code {result}")
    return result
