"""Counts what could not be decoded, over all streams of a journal."""

from domain.audio import AudioFormat
from ports.audio_decoder import AudioDecoder, AudioDecoderStream


class CountedDecoding:
    """A decoder that keeps the count of its streams."""

    def __init__(self, decoder: AudioDecoder) -> None:
        self._decoder = decoder
        self._streams: list[AudioDecoderStream] = []

    def open_stream(self, audio: AudioFormat) -> AudioDecoderStream:
        """As the decoder does."""
        stream = self._decoder.open_stream(audio)
        self._streams.append(stream)
        return stream

    @property
    def corrupt_packets(self) -> int:
        """Packets that could not be decoded."""
        return sum(stream.corrupt_packets for stream in self._streams)

    @property
    def concealed(self) -> int:
        """Samples that were reconstructed in place of such packets."""
        return sum(stream.concealed for stream in self._streams)
