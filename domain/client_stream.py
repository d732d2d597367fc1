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


class Reach(Struct, frozen=True):
    """How much of a client's stream was taken."""

    position: int
    """Everything that begins before this was taken, or is known to be missing."""
    channels: bytes = b""
    """Of the packets that begin at the position itself, those of these channels were taken, too."""

    def after(self, packet: bytes, *, position: int, audio: AudioFormat) -> "Reach":
        """When a packet of a format was taken."""
        if audio.channels == 1:
            length = len(packet) // SAMPLE_BYTES if audio.codec is Codec.PCM16 else 1
            return Reach(max(self.position, position + length))
        if position < self.position:
            return self
        taken = (self.channels if position == self.position else b"") + packet[:1]
        return Reach(position, taken) if len(taken) < audio.channels else Reach(position + 1)

    def covers(self, packet: bytes, *, position: int) -> bool:
        """Whether a packet was taken that is known by where it begins."""
        if position != self.position:
            return position < self.position
        return bool(packet) and packet[:1] in self.channels


class PlacedPacket(Struct, frozen=True, gc=False):
    """What is written down of a packet whose samples do not tell what was taken."""

    position: int
    """It begins here, as its client counts."""
    reach: Reach
    """With it, so much was taken."""


def further(one: Reach, other: Reach) -> Reach:
    """The one of two that is further on."""
    return max(one, other, key=lambda reach: (reach.position, len(reach.channels)))


def counts_itself(audio: AudioFormat) -> bool:
    """Whether the samples that were captured tell the client's position: neither decoded, resampled nor mixed."""
    return audio.codec is Codec.PCM16 and audio.channels == 1 and audio.sample_rate == SAMPLE_RATE


class ClientStream:
    """Positions are the client's: samples at the rate that it declared, from the beginning of its capture.

    A packet is known by the position it begins at, and by its channel if there are several: each begins with or behind
    the one before. How long it lasts is not asked, because of a compressed packet nobody knows that before it is
    decoded. Packets of plain samples of one channel may overlap, and are cut.
    """

    def __init__(self, audio: AudioFormat, *, place: StreamPlace, reach: Reach) -> None:
        """A stream whose first packet is still to come.

        Args:
            audio: its format.
            place: where it lies.
            reach: what of it was taken before.
        """
        self.place = place
        self.reach = reach
        self._audio = audio
        self._is_linear = audio.codec is Codec.PCM16 and audio.channels == 1
        self.is_counted = counts_itself(audio)
        """Else where its packets begin has to be written down."""
        self.tolerance = EXACT if self.is_counted else VAGUE
        """Samples of the capture by which a packet may lie behind the audio before it and still follow it."""

    @property
    def next(self) -> int:
        """Everything that begins before this position was taken, or is known to be missing."""
        return self.reach.position

    def fresh(self, packet: bytes, *, position: int) -> bytes:
        """What of a packet was not taken before; empty where all of it was."""
        if not self._is_linear:
            return b"" if self.reach.covers(packet, position=position) else packet
        known = max(self.next - position, 0) * SAMPLE_BYTES
        return packet[known : len(packet) & ~1]  # half a sample would shift all that follow

    def written(self, packet: bytes, *, position: int) -> PlacedPacket | None:
        """What is to be written down of a packet; None where its samples tell everything."""
        if self.is_counted:
            return None
        return PlacedPacket(position, self.reach.after(packet, position=position, audio=self._audio))

    def take(self, packet: bytes, *, position: int) -> None:
        """A packet was taken. Whether all of it was new does not matter."""
        self.reach = self.reach.after(packet, position=position, audio=self._audio)

    def finish(self) -> None:
        """No more packets come: what may lack at the last position is no longer waited for."""
        if self.reach.channels:
            self.reach = Reach(self.next + 1)
