"""The embedded decoder."""

import importlib
import importlib.util

from adapters.outbound.audio_decoder.lc3 import Lc3Stream
from adapters.outbound.audio_decoder.mixed_channels import opened
from adapters.outbound.audio_decoder.opus import OpusStream
from adapters.outbound.audio_decoder.pcm8 import Pcm8Stream, linear_stream
from adapters.outbound.audio_decoder.supported import OPUS_CODECS, require_supported
from domain.audio import SAMPLE_RATE, AudioFormat, Codec
from domain.errors import UnsupportedAudio
from ports.audio_decoder import AudioDecoderStream
from ports.diagnosis import Condition, Diagnosis
from ports.errors import Rejected

FS1030_FRAME = 30
"""Bytes."""
AAC_STREAM = "adapters.outbound.audio_decoder.aac"
WITHOUT_PYAV = "codec aac needs PyAV, which is not installed on this server; install it with: make codecs"


class LibopusAudioDecoder:
    """Decodes Opus with libopus, LC3 with liblc3, AAC with PyAV where it is installed, and plain samples with soxr.

    Nothing to configure, nothing to open.
    """

    def open_stream(self, audio: AudioFormat) -> AudioDecoderStream:
        """A decoder for one connection.

        Raises:
            UnsupportedAudio: the codec, rate or number of channels is not supported; names those that are. Or what
                decodes the codec is not installed.
            Rejected: the library of a codec that belongs to the embedded set is not installed.
        """
        require_supported(audio)
        return opened(audio, lambda: _one_channel(audio))

    async def diagnose(self) -> Diagnosis:
        """Looks for the libraries and makes decoders."""
        try:
            OpusStream()
            Lc3Stream(SAMPLE_RATE)
        except Rejected as error:
            remedy = "install the wheel it names, or the system's library"
            return Diagnosis(condition=Condition.BROKEN, finding=str(error), remedy=remedy)
        aac = "PyAV aac" if importlib.util.find_spec("av") else "no aac (make codecs)"
        return Diagnosis(condition=Condition.WORKING, finding=f"libopus and liblc3 decode to 16 kHz mono; {aac}")


def _one_channel(audio: AudioFormat) -> AudioDecoderStream:
    if audio.codec in OPUS_CODECS:
        return OpusStream()
    if audio.codec is Codec.PCM16:
        return linear_stream(audio.sample_rate)
    if audio.codec is Codec.PCM8:
        return Pcm8Stream(audio.sample_rate)
    if audio.codec is Codec.AAC:
        return _aac_stream(audio.sample_rate)
    frame_size = FS1030_FRAME if audio.codec is Codec.LC3_FS1030 else None
    return Lc3Stream(audio.sample_rate, frame_size=frame_size)


def _aac_stream(sample_rate: int) -> AudioDecoderStream:
    try:
        module = importlib.import_module(AAC_STREAM)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "av":
            raise
        raise UnsupportedAudio(WITHOUT_PYAV) from error
    stream: AudioDecoderStream = module.AacStream(sample_rate)
    return stream
