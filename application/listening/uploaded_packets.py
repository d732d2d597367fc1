"""Packets that were gathered by a client and sent in one go."""

from collections.abc import Sequence

import anyio.lowlevel

from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFormat, Codec
from domain.voice_errors import NotARecording, ProfileTooLong
from ports.audio_decoder import AudioDecoder

AT_ONCE = 200
"""Packets between two looks at what else there is to do: 2 ms."""
MOSTLY = 2
"""One packet in so many may be damaged."""


async def decoded_packets(packets: Sequence[bytes], decoder: AudioDecoder, *, longest: float) -> bytes:
    """The sound of Opus packets: mono, signed 16-bit little-endian, 16 kHz.

    Raises:
        NotARecording: most of them cannot be decoded.
        ProfileTooLong: they last longer than so many seconds.
    """
    stream = decoder.open_stream(AudioFormat(codec=Codec.OPUS, sample_rate=SAMPLE_RATE))
    pcm = bytearray()
    for number, packet in enumerate(packets, start=1):
        pcm += stream.decode(packet)
        if len(pcm) > longest * SAMPLE_RATE * SAMPLE_BYTES:
            raise ProfileTooLong(f"Audio is too long: expected at most {longest:g} s")
        if number % AT_ONCE == 0:
            await anyio.lowlevel.checkpoint()
    pcm += stream.flush()
    if stream.corrupt_packets * MOSTLY > len(packets):
        raise NotARecording("the packets are not Opus packets")
    return bytes(pcm)
