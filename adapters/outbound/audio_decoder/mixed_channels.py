"""Several microphones in one connection, heard as one: the two sides of a phone call, most of all."""

from collections.abc import Callable

import numpy as np

from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFormat
from ports.audio_decoder import AudioDecoderStream

LONGEST_WAIT = SAMPLE_RATE // 5
"""Samples that a channel may be behind another before it is taken to be silent there."""
LOWEST, HIGHEST = -32_768, 32_767


def opened(audio: AudioFormat, open_one: Callable[[], AudioDecoderStream]) -> AudioDecoderStream:
    """A decoder for one connection, of as many channels as it declares."""
    return open_one() if audio.channels == 1 else MixedChannels(open_one, count=audio.channels)


class _Channel:
    """What one microphone sent and is not mixed yet."""

    def __init__(self, stream: AudioDecoderStream) -> None:
        self.stream = stream
        self.waiting = bytearray()

    def taken(self, size: int) -> np.ndarray:
        """The next bytes as samples; silence where there are too few."""
        part = bytes(self.waiting[:size]).ljust(size, b"\0")
        del self.waiting[:size]
        return np.frombuffer(part, "<i2")


class MixedChannels:
    """One connection. Each channel has a decoder of its own; their samples are added where they belong together.

    Channels are named by any byte, in the first one of a packet. A channel that falls behind is silent meanwhile;
    what it sends later is heard later. Nothing is left out, and no channel can hold up another for long.
    """

    def __init__(self, open_one: Callable[[], AudioDecoderStream], *, count: int) -> None:
        self.corrupt_packets = 0
        self.concealed = 0
        self._channels = [_Channel(open_one()) for _ in range(count)]
        self._of: dict[int, _Channel] = {}
        self._strange = 0

    def decode(self, packet: bytes) -> bytes:
        """What is known of all channels by now, as one."""
        if not packet:
            return b""
        channel = self._named(packet[0])
        if channel is None:
            self._strange += 1
            self._count()
            return b""
        channel.waiting += channel.stream.decode(packet[1:])
        self._count()
        lengths = [len(one.waiting) for one in self._channels]
        return self._mixed(max(min(lengths), max(lengths) - LONGEST_WAIT * SAMPLE_BYTES))

    def flush(self) -> bytes:
        """The rest of every channel."""
        for channel in self._channels:
            channel.waiting += channel.stream.flush()
        self._count()
        return self._mixed(max(len(channel.waiting) for channel in self._channels))

    def _named(self, name: int) -> _Channel | None:
        """The channel of a name; None where more names come than were declared."""
        if name not in self._of:
            if len(self._of) == len(self._channels):
                return None
            self._of[name] = self._channels[len(self._of)]
        return self._of[name]

    def _mixed(self, size: int) -> bytes:
        if size <= 0:
            return b""
        total = np.zeros(size // SAMPLE_BYTES, np.int32)
        for channel in self._channels:
            total += channel.taken(size)
        return np.clip(total, LOWEST, HIGHEST).astype("<i2").tobytes()

    def _count(self) -> None:
        streams = [channel.stream for channel in self._channels]
        self.corrupt_packets = self._strange + sum(stream.corrupt_packets for stream in streams)
        self.concealed = sum(stream.concealed for stream in streams)
