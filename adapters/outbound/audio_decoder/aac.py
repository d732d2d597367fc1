"""AAC to samples, by PyAV. Only devices that send AAC need it: it is loaded for the first one that does."""

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame as DecodedFrame
from av.error import FFmpegError

from adapters.outbound.audio_decoder.adts import MOST_CHANNELS, SAMPLES, AdtsCutter
from adapters.outbound.audio_decoder.pcm8 import linear_stream
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE
from ports.audio_decoder import AudioDecoderStream

PLANAR_FLOAT = "fltp"
LONGEST = 8 * SAMPLES
"""Samples that one frame may give: four raw blocks, at twice the rate."""
FULL_SCALE = 32_767


class AacStream:
    """One connection. Frames may be cut over packets in any way; each tells its own rate and duration.

    A frame that cannot be decoded is silence of its duration: AAC carries nothing to restore it from. What a damaged
    frame claims about rates and channels is checked before a sample of it is touched: the library trusts it.
    """

    def __init__(self, sample_rate: int) -> None:
        self.corrupt_packets = 0
        self.concealed = 0
        self._decoder = AudioCodecContext.create("aac", "r")
        self._decoder.thread_count = 1
        self._cutter = AdtsCutter()
        self._rate = sample_rate
        self._inner: AudioDecoderStream = linear_stream(sample_rate)
        self._duration = SAMPLES / sample_rate

    def decode(self, packet: bytes) -> bytes:
        """The samples of the frames that are whole now."""
        pcm = bytearray()
        for frame in self._cutter.cut(packet):
            if frame.duration is None:
                pcm += self._missing(self._duration)
            else:
                self._duration = frame.duration
                pcm += self._decoded(frame.content)
        return bytes(pcm)

    def flush(self) -> bytes:
        """What waited in the filter, at other rates than ours. A frame that is not whole is none."""
        return self._inner.flush()

    def _decoded(self, frame: bytes) -> bytes:
        try:
            decoded = self._decoder.decode(av.Packet(frame))
        except (FFmpegError, ValueError):
            return self._missing(self._duration)
        if not decoded or not all(map(_is_plausible, decoded)):
            return self._missing(self._duration)
        return b"".join(map(self._samples, decoded))

    def _samples(self, frame: DecodedFrame) -> bytes:
        return self._at_rate(frame.sample_rate) + self._inner.decode(_mono(frame))

    def _at_rate(self, rate: int) -> bytes:
        """What another rate leaves in the filter of the one before."""
        if rate == self._rate:
            return b""
        rest = self._inner.flush()
        self._rate, self._inner = rate, linear_stream(rate)
        return rest

    def _missing(self, duration: float) -> bytes:
        self.corrupt_packets += 1
        self.concealed += round(duration * SAMPLE_RATE)
        return self._inner.decode(bytes(round(duration * self._rate) * SAMPLE_BYTES))


def _is_plausible(frame: DecodedFrame) -> bool:
    has_layout = frame.format.name == PLANAR_FLOAT and 1 <= frame.layout.nb_channels <= MOST_CHANNELS
    return has_layout and 0 < frame.samples <= LONGEST and 4_000 <= frame.sample_rate <= 96_000


def _mono(frame: DecodedFrame) -> bytes:
    """One channel of signed 16-bit samples; two are heard as their mean."""
    size = frame.samples * 4
    planes = [np.frombuffer(bytes(plane)[:size], "<f4") for plane in frame.planes[: frame.layout.nb_channels]]
    mean = planes[0] if len(planes) == 1 else (planes[0] + planes[1]) / 2
    return bytes((np.clip(np.nan_to_num(mean), -1, 1) * FULL_SCALE).astype("<i2"))
