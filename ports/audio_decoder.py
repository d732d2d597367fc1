"""Packets to samples."""

from typing import Protocol

from domain.audio import AudioFormat


class AudioDecoderStream(Protocol):
    """Decodes the packets of one connection, in order. Synchronous: a packet costs microseconds.

    Nothing a client sends raises. A packet that cannot be decoded costs its own time only: the time is
    reconstructed (from the next packet's redundancy where the codec has it, else by extrapolation) so that
    the clock of the capture does not slip.
    """

    corrupt_packets: int
    """How many packets could not be decoded."""
    concealed: int
    """How many samples were reconstructed in their place."""

    def decode(self, packet: bytes) -> bytes:
        """The samples that are ready now: mono, signed 16-bit little-endian, 16 kHz. May be empty.

        After a corrupt packet the samples may come one packet later, when the next one tells more.
        """
        ...

    def flush(self) -> bytes:
        """The samples that waited for more input. Call it once, at the end."""
        ...


class AudioDecoder(Protocol):
    """Makes decoders."""

    def open_stream(self, audio: AudioFormat) -> AudioDecoderStream:
        """A decoder for one connection.

        Raises:
            domain.errors.UnsupportedAudio: the codec or rate is not supported; names those that are.
        """
        ...
