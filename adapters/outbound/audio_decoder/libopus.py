"""The embedded decoder."""

from adapters.outbound.audio_decoder.linear import LinearStream, ResampledStream
from adapters.outbound.audio_decoder.opus import OpusStream
from adapters.outbound.audio_decoder.supported import OPUS_CODECS, require_supported
from domain.audio import SAMPLE_RATE, AudioFormat
from ports.audio_decoder import AudioDecoderStream
from ports.diagnosis import Condition, Diagnosis
from ports.errors import Rejected


class LibopusAudioDecoder:
    """Decodes Opus with libopus and plain samples with soxr. Nothing to configure, nothing to open."""

    def open_stream(self, audio: AudioFormat) -> AudioDecoderStream:
        """A decoder for one connection.

        Raises:
            UnsupportedAudio: the codec or rate is not supported; names those that are.
            Rejected: Opus is asked for and libopus is not installed.
        """
        require_supported(audio)
        if audio.codec in OPUS_CODECS:
            return OpusStream()
        if audio.sample_rate == SAMPLE_RATE:
            return LinearStream()
        return ResampledStream(audio.sample_rate)

    async def diagnose(self) -> Diagnosis:
        """Looks for libopus and makes a decoder."""
        try:
            OpusStream()
        except Rejected as error:
            remedy = "install the wheel it names, or the system's libopus"
            return Diagnosis(condition=Condition.BROKEN, finding=str(error), remedy=remedy)
        return Diagnosis(condition=Condition.WORKING, finding="libopus decodes to 16 kHz mono")
