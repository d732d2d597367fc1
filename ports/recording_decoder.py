"""Files that somebody sends to samples."""

from typing import Protocol

from msgspec import Struct


class Recording(Struct, frozen=True, kw_only=True):
    """The sound of a file."""

    pcm: bytes
    """Mono (the mean of all channels), signed 16-bit little-endian, 16 kHz. Never empty."""
    rate: int
    """Hz, of the file."""
    channels: int
    """Of the file."""


class RecordingDecoder(Protocol):
    """Reads WAV, FLAC and Ogg, whoever made them and with whatever intention."""

    async def decode(self, content: bytes, *, longest: float) -> Recording:
        """The sound of a file.

        Args:
            content: the bytes of the file. What kind it is, they say; no name is asked.
            longest: seconds. Audio that lasts longer is refused before it is decoded, whatever its size as a file.

        Raises:
            NotARecording: it is no audio, or none in a format that is read, or it is damaged.
            RecordingEmpty: it holds no sample.
            RecordingTooLarge: it lasts longer than `longest`, or is larger than any file that is taken.
        """
        ...
