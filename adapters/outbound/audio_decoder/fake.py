"""A decoder for tests: packets are samples already."""

from adapters.outbound.audio_decoder.mixed_channels import opened
from adapters.outbound.audio_decoder.supported import require_supported
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFormat
from ports.audio_decoder import AudioDecoderStream

CORRUPT = b"corrupt"
"""How a corrupt packet begins."""


class FakeAudioDecoderStream:
    """One connection. Corrupt packets become silence of the last packet's duration, one packet later."""

    def __init__(self) -> None:
        self.corrupt_packets = 0
        self.concealed = 0
        self._duration = SAMPLE_RATE // 100
        self._owed = 0

    def decode(self, packet: bytes) -> bytes:
        """The packet itself, behind what was owed."""
        earlier = self.flush()
        if packet.startswith(CORRUPT):
            self.corrupt_packets += 1
            self._owed = self._duration
            return earlier
        self._duration = len(packet) // SAMPLE_BYTES
        return earlier + packet[: self._duration * SAMPLE_BYTES]

    def flush(self) -> bytes:
        """Silence in place of a corrupt last packet."""
        owed, self._owed = self._owed, 0
        self.concealed += owed
        return bytes(owed * SAMPLE_BYTES)


class FakeAudioDecoder:
    """Makes fake decoders for every format that the embedded one takes."""

    def open_stream(self, audio: AudioFormat) -> AudioDecoderStream:
        """A decoder for one connection. Raises UnsupportedAudio like the embedded one."""
        require_supported(audio)
        return opened(audio, FakeAudioDecoderStream)
