"""Numbered words with pauses, at real time, as the gate of a session lets them through."""

from collections.abc import Sequence

import anyio
from msgspec import Struct

from domain import watermark
from domain.audio import SAMPLE_BYTES, AudioFrame, samples, seconds
from domain.speech_gate import GateSettings
from ports.speech_to_text import TranscriptionStream

FRAME = samples(0.04)
BETWEEN_WORDS = samples(0.06)


class Utterance(Struct, frozen=True):
    """Words without a pause, and the pause behind them."""

    words: int
    pause: float
    """Seconds. Longer than the gate's, so that the recognizer is told of it; 0: the client leaves in mid-sentence."""


SPEECH = (Utterance(8, 2.4), Utterance(14, 1.1), Utterance(14, 1.1), Utterance(10, 1.1))
"""Eighteen seconds, of which the gate lets through fifteen."""


class SpokenWord(Struct, frozen=True):
    """Where a word really is."""

    number: int
    start: int
    end: int


class Speech:
    """What is said, and what of it a recognizer gets to hear."""

    def __init__(self, utterances: Sequence[Utterance] = SPEECH, *, gate: GateSettings | None = None) -> None:
        self._gate = gate or GateSettings()
        self.words: list[SpokenWord] = []
        self.stretches: list[tuple[int, bytes]] = []
        """Stretches that the gate lets through: position, audio."""
        self.is_abrupt = utterances[-1].pause == 0
        """Whether the last of them ends without a pause."""
        position = samples(0.5)
        for utterance in utterances:
            position = self._say(utterance, position)
        self.end = position

    def _say(self, utterance: Utterance, position: int) -> int:
        pre_roll, hangover = samples(self._gate.pre_roll), samples(self._gate.hangover)
        pcm = bytearray(pre_roll * SAMPLE_BYTES)
        start = position
        for _ in range(utterance.words):
            number = len(self.words)
            self.words.append(SpokenWord(number, position, position + watermark.WORD_SAMPLES))
            pcm += watermark.word(number) + bytes(BETWEEN_WORDS * SAMPLE_BYTES)
            position += watermark.WORD_SAMPLES + BETWEEN_WORDS
        if utterance.pause:
            pcm += bytes((hangover - BETWEEN_WORDS) * SAMPLE_BYTES)
        self.stretches.append((start - pre_roll, bytes(pcm)))
        return position + samples(utterance.pause)


async def speak(speech: Speech, stream: TranscriptionStream, *, asked: list[float]) -> None:
    """Says everything at real time, and the end of it; notes when it tells of pauses."""
    began = anyio.current_time()
    for start, pcm in speech.stretches:
        for at in range(0, len(pcm), FRAME * SAMPLE_BYTES):
            frame = AudioFrame(start + at // SAMPLE_BYTES, pcm[at : at + FRAME * SAMPLE_BYTES])
            await anyio.sleep_until(began + seconds(frame.end))
            await stream.send(frame)
        if len(asked) < len(speech.stretches) - speech.is_abrupt:
            await stream.finalize()
            asked.append(anyio.current_time())
    await anyio.sleep_until(began + seconds(speech.end))
    await stream.send_eof()
    asked.append(anyio.current_time())
