"""What the embedded model makes of a recording alone: no socket, no gate, no hurry."""

import numpy as np

from adapters.inbound.command_line.packets import packets
from adapters.outbound.audio_decoder.libopus import LibopusAudioDecoder
from adapters.outbound.batch_speech_to_text.stretches import stretches
from adapters.outbound.speech_to_text.loudness import loudness, speaking
from adapters.outbound.speech_to_text.moonshine_model import MoonshineModel
from adapters.outbound.speech_to_text.moonshine_words import words_of
from adapters.outbound.speech_to_text.utterance import LONGEST, UtteranceCutter
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFormat, AudioFrame, Codec, seconds

_FRAME = SAMPLE_RATE // 100
_CODED = AudioFormat(codec=Codec.OPUS, sample_rate=SAMPLE_RATE)


class BareRecognizer:
    """The model of live speech, given each recording as one utterance, or cut at its pauses when it is too long."""

    def __init__(self) -> None:
        self._model = MoonshineModel()

    def text(self, pcm: bytes) -> str:
        """What is said in mono, signed 16-bit little-endian audio of 16 kHz."""
        words = [word for utterance in _utterances(pcm) for word in words_of(utterance, model=self._model)]
        return " ".join(word.text for word in words)


def _utterances(pcm: bytes) -> list[AudioFrame]:
    recording = AudioFrame(0, pcm)
    if recording.end <= LONGEST:
        return [recording]
    cutter, ended = UtteranceCutter(), list[AudioFrame]()
    for stretch in stretches(recording):
        ended += [*cutter.end(), *cutter.add(stretch)]
    return [*ended, *cutter.end()]


def through_opus(pcm: bytes) -> bytes:
    """The recording as it arrives from a device."""
    decoder = LibopusAudioDecoder().open_stream(_CODED)
    decoded = b"".join(decoder.decode(packet) for packet in packets(pcm, Codec.OPUS))
    return decoded[: len(pcm)]


def spoken_until(pcm: bytes) -> float:
    """Seconds from the start to the last sound that stands out, true to some 0.1 s."""
    loud = np.flatnonzero(speaking(loudness(pcm, frame=_FRAME)))
    return seconds((int(loud[-1]) + 1) * _FRAME if len(loud) else len(pcm) // SAMPLE_BYTES)
