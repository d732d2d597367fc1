"""A stream that a client sends again after every cut: what of it is new, and where that lies in the capture."""

from msgspec import Struct

from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFormat, Codec

EXACT = SAMPLE_RATE // 100
"""Samples. Time that a client says has passed without audio counts from here on, where positions count samples."""

VAGUE = SAMPLE_RATE // 4
"""Samples. The same where only a decoder knows how long a packet is, and gives its samples a little later."""


class StreamPlace(Struct, frozen=True, kw_only=True):
    """Where the stream of a client lies in a capture."""

    name: str
    """What the client calls it."""
    position: int
    """Of the client ..."""
    captured: int
    """... and of the same sample in the capture."""
    rate: int
    """Of the client's positions, in samples per second."""

    def captured_at(self, position: int) -> int:
        """Where in the capture a position lies."""
        return self.captured + (position - self.position) * SAMPLE_RATE // self.rate

    def position_of(self, captured: int) -> int:
        """The position of a sample of the capture."""
        return self.position + (captured - self.captured) * self.rate // SAMPLE_RATE


class ClientStream:
    """Positions are the client's: samples at the rate that it declared, from the beginning of its capture.

    A packet is known by the position it begins at: each begins behind the one before. How long it lasts is not
    asked, because of a compressed packet nobody knows that before it is decoded. Packets of plain samples may
    overlap, and are cut.
    """

    def __init__(self, audio: AudioFormat, *, place: StreamPlace, begin: int) -> None:
        """A stream whose first packet is still to come.

        Args:
            audio: its format.
            place: where it lies.
            begin: position from which on packets are taken.
        """
        self.place = place
        self.next = begin
        """Everything that begins before this position was taken, or is known to be missing."""
        self._is_linear = audio.codec is Codec.PCM16
        self.tolerance = EXACT if self._is_linear and audio.sample_rate == SAMPLE_RATE else VAGUE
        """Samples of the capture by which a packet may lie behind the audio before it and still follow it."""

    def fresh(self, packet: bytes, *, position: int) -> bytes:
        """What of a packet was not taken before; empty where all of it was."""
        if not self._is_linear:
            return packet if position >= self.next else b""
        known = max(self.next - position, 0) * SAMPLE_BYTES
        return packet[known : len(packet) & ~1]  # half a sample would shift all that follow

    def take(self, packet: bytes, *, position: int) -> None:
        """A packet was taken. Whether all of it was new does not matter."""
        length = len(packet) // SAMPLE_BYTES if self._is_linear else 1
        self.next = max(self.next, position + length)
