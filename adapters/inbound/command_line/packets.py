"""Samples to the messages that a device's app sends."""

import importlib
from collections.abc import Iterator

import numpy as np
import soxr

from adapters.inbound.command_line.opus_encoder import OpusEncoder
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, Codec
from ports.errors import Rejected

OPUS_SAMPLES = {Codec.OPUS: 160, Codec.OPUS_FS320: 320}
"""Samples per packet: 10 and 20 ms."""
LC3_BYTES = {Codec.LC3: 40, Codec.LC3_FS1030: 30}
"""Of a packet: one frame of 10 ms."""
FRAME_SAMPLES = OPUS_SAMPLES | dict.fromkeys(LC3_BYTES, 160) | {Codec.AAC: 1_024}
"""Samples per packet, where packets are frames."""
PHONE_MESSAGE = 4_096 * SAMPLE_BYTES
"""Bytes that a phone's microphone buffer holds: 256 ms."""
NARROW_RATE = 8_000
"""Hz, of the first devices."""
NARROW_PACKET = 160 * SAMPLE_BYTES
"""Bytes, 20 ms at 8 kHz."""
RADIO_PAYLOAD = 251
"""Bytes that fit one radio message: an odd number, so that a sample is cut in two."""

SAMPLE_RATES = dict.fromkeys(Codec, SAMPLE_RATE) | {Codec.PCM8: NARROW_RATE}
"""What a client has to declare with each codec, Hz."""


def packets(pcm: bytes, codec: Codec) -> Iterator[bytes]:
    """The messages of a recording, in order.

    Args:
        pcm: mono, signed 16-bit little-endian, 16 kHz.
        codec: how to encode it.

    Raises (from the iteration):
        Rejected: what encodes it is not installed.
    """
    if codec in OPUS_SAMPLES:
        encoder = OpusEncoder(OPUS_SAMPLES[codec])
        return (encoder.encode(piece) for piece in _cut(pcm, OPUS_SAMPLES[codec] * SAMPLE_BYTES))
    if codec in LC3_BYTES or codec is Codec.AAC:
        return _frames(pcm, codec)
    if codec is Codec.PCM16:
        return _cut(pcm, PHONE_MESSAGE)
    return (piece for packet in _cut(_narrow(pcm), NARROW_PACKET) for piece in _cut(packet, RADIO_PAYLOAD))


def duration(packet: bytes, codec: Codec) -> float:
    """Seconds that a message lasts: how long a device that speaks live waits before the next one."""
    if codec in FRAME_SAMPLES:
        return FRAME_SAMPLES[codec] / SAMPLE_RATE
    return len(packet) / SAMPLE_BYTES / SAMPLE_RATES[codec]


def _frames(pcm: bytes, codec: Codec) -> Iterator[bytes]:
    """Of codecs whose encoders are loaded when they are asked for."""
    name = "aac" if codec is Codec.AAC else "lc3"
    try:
        encoder = importlib.import_module(f"adapters.inbound.command_line.{name}_encoder")
    except ModuleNotFoundError as error:
        raise Rejected(f"codec {codec} needs {error.name}, which is not installed; run: make codecs") from error
    frames: Iterator[bytes] = (
        encoder.aac_frames(pcm) if codec is Codec.AAC else encoder.lc3_frames(pcm, size=LC3_BYTES[codec])
    )
    return frames


def _cut(content: bytes, size: int) -> Iterator[bytes]:
    return (content[start : start + size] for start in range(0, len(content), size))


def _narrow(pcm: bytes) -> bytes:
    return bytes(soxr.resample(np.frombuffer(pcm, "<i2"), SAMPLE_RATE, NARROW_RATE))
