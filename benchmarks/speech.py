"""What the simulated phones say: a recording, and then nothing for a while, over and over."""

from pathlib import Path

import numpy as np
from websockets.frames import Frame, Opcode

from adapters.inbound.command_line.audio_files import read_audio
from adapters.inbound.command_line.packets import packets
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, Codec

RECORDING = Path(__file__).parent.parent / "examples" / "sample.wav"
PAUSE_SECONDS = 7.5
"""After 11 seconds of a speech: half of the time somebody speaks."""
NOISE = 12.0
"""Standard deviation of the quiet in a room, in steps of 16 bits."""


def conversation(*, pause: float = PAUSE_SECONDS) -> bytes:
    """A speech and a pause of some seconds: mono, signed 16-bit little-endian, 16 kHz."""
    return read_audio(RECORDING) + room(pause)


def room(duration: float) -> bytes:
    """Seconds of nobody speaking, as a microphone hears it."""
    noise = np.random.default_rng(5).normal(0, NOISE, round(duration * SAMPLE_RATE))
    return noise.astype("<i2").tobytes()


def frames(pcm: bytes, codec: Codec) -> list[bytes]:
    """The WebSocket frames of a recording: whole packets, masked as clients mask them."""
    return [Frame(Opcode.BINARY, packet).serialize(mask=True) for packet in packets(whole(pcm, codec), codec)]


def whole(pcm: bytes, codec: Codec) -> bytes:
    """Cut so that the last packet is as long as the others."""
    size = packet_samples(codec) * SAMPLE_BYTES
    return pcm[: len(pcm) // size * size]


def packet_samples(codec: Codec) -> int:
    """Samples in an Opus packet."""
    return {Codec.OPUS: 160, Codec.OPUS_FS320: 320}[codec]
