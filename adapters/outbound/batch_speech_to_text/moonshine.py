"""Recordings to text inside this process, with the recognizer of live speech and the advantage of hindsight."""

import anyio
import anyio.to_thread
from msgspec import Struct

from adapters.outbound.batch_speech_to_text.stretches import stretches
from adapters.outbound.speech_to_text.moonshine import is_english, model_diagnosis
from adapters.outbound.speech_to_text.moonshine_model import MoonshineModel
from adapters.outbound.speech_to_text.moonshine_words import words_of
from adapters.outbound.speech_to_text.utterance import UtteranceCutter
from domain.audio import AudioFrame, samples
from domain.transcript import Word
from ports.diagnosis import Diagnosis
from ports.errors import Rejected
from ports.speech_to_text import TranscriptionRequest


class MoonshineBatchSpeechToTextSettings(Struct, frozen=True, kw_only=True):
    """How much of this machine it takes."""

    workers: int = 1
    """Utterances decoded at once. One: nobody waits for a recording, and live captures need the other cores."""
    longest_utterance: float = 14.0
    """Seconds. More than 15 confuses the model."""


class MoonshineBatchSpeechToText:
    """Cuts a recording at its pauses and decodes one part after the other. Loads its model when first used."""

    name = "moonshine"

    def __init__(self, settings: MoonshineBatchSpeechToTextSettings) -> None:
        self._settings = settings
        self._loaded: MoonshineModel | None = None
        self._loading: anyio.CapacityLimiter
        self._threads: anyio.CapacityLimiter

    async def __aenter__(self) -> "MoonshineBatchSpeechToText":
        """Costs nothing yet."""
        self._loading = anyio.CapacityLimiter(1)
        self._threads = anyio.CapacityLimiter(self._settings.workers)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._loaded = None

    def supports(self, language: str) -> bool:
        """English, in all its countries; also where the language is not known."""
        return is_english(language)

    async def transcribe(self, recording: AudioFrame, request: TranscriptionRequest) -> tuple[Word, ...]:
        """All words of a recording. Takes about 3 s of a core for each minute of speech.

        Raises:
            TemporarilyUnavailable: the model failed.
            Rejected: the language is another one, or the models are not installed as expected.
        """
        if not self.supports(request.language):
            raise Rejected(f"{self.name} understands English, not {request.language!r}")
        model = await anyio.to_thread.run_sync(self._load, limiter=self._loading, abandon_on_cancel=True)
        longest = samples(self._settings.longest_utterance)
        utterances = await anyio.to_thread.run_sync(
            _utterances, recording, longest, limiter=self._threads, abandon_on_cancel=True
        )
        words: list[Word] = []
        for utterance in utterances:
            words += await self._words(utterance, model)
        return tuple(words)

    async def diagnose(self) -> Diagnosis:
        """Whether the models are there and are the right ones."""
        return await model_diagnosis()

    async def _words(self, utterance: AudioFrame, model: MoonshineModel) -> tuple[Word, ...]:
        def decode() -> tuple[Word, ...]:
            return words_of(utterance, model=model)

        return await anyio.to_thread.run_sync(decode, limiter=self._threads, abandon_on_cancel=True)

    def _load(self) -> MoonshineModel:
        """The model. Only one thread at a time is let in here."""
        self._loaded = self._loaded or MoonshineModel()
        return self._loaded


def _utterances(recording: AudioFrame, longest: int) -> list[AudioFrame]:
    """What there is to decode, in order."""
    cutter = UtteranceCutter(longest=longest)
    ended: list[AudioFrame] = []
    for stretch in stretches(recording):
        ended += cutter.end()
        ended += cutter.add(stretch)
    return [*ended, *cutter.end()]
