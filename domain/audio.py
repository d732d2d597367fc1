"""Audio and where it lies in a capture. Time is counted in samples; seconds appear only where values leave."""

from enum import StrEnum

from msgspec import Struct

SAMPLE_RATE = 16_000
"""Samples per second of all audio inside: mono, signed 16-bit little-endian."""

SAMPLE_BYTES = 2


def seconds(samples: int) -> float:
    """Seconds that a count of samples lasts."""
    return samples / SAMPLE_RATE


def samples(duration: float) -> int:
    """The nearest whole count of samples to a duration in seconds."""
    return round(duration * SAMPLE_RATE)


class Codec(StrEnum):
    """How a client encodes its packets."""

    OPUS = "opus"
    """Raw Opus packets, any duration up to 60 ms."""
    OPUS_FS320 = "opus_fs320"
    """Raw Opus packets of 20 ms. Decoded like `OPUS`: a packet tells its own duration."""
    PCM16 = "pcm16"
    """Signed 16-bit little-endian samples."""
    PCM8 = "pcm8"
    """Two things under one name: 16-bit little-endian samples at 8 kHz, or unsigned 8-bit ones. The samples tell."""
    AAC = "aac"
    """AAC in ADTS frames, which tell their own rate and duration."""
    LC3 = "lc3"
    """One LC3 frame of 10 ms in each packet, of 20 to 400 bytes."""
    LC3_FS1030 = "lc3_fs1030"
    """LC3 frames of 10 ms in 30 bytes each; a packet holds one or more."""


class AudioFormat(Struct, frozen=True, kw_only=True):
    """What a client says of the audio it sends."""

    codec: Codec
    sample_rate: int
    """Hz, of the decoded audio."""
    channels: int = 1
    """With more than one, the first byte of each packet names the channel that the rest of it belongs to."""


class AudioFrame(Struct, frozen=True, gc=False):
    """A stretch of audio at its place in the capture."""

    start: int
    """Samples from the first captured sample."""
    pcm: bytes
    """Mono, signed 16-bit little-endian, 16 kHz."""

    @property
    def end(self) -> int:
        """Position of the first sample behind the frame."""
        return self.start + len(self.pcm) // SAMPLE_BYTES

    def since(self, position: int) -> "AudioFrame":
        """The part of the frame that lies at or behind a position."""
        if position <= self.start:
            return self
        return AudioFrame(position, self.pcm[(position - self.start) * SAMPLE_BYTES :])

    def between(self, start: int, end: int) -> "AudioFrame | None":
        """The part of the frame inside a stretch; None when there is none."""
        start, end = max(self.start, start), min(self.end, end)
        if start >= end:
            return None
        first = (start - self.start) * SAMPLE_BYTES
        return AudioFrame(start, self.pcm[first : first + (end - start) * SAMPLE_BYTES])
