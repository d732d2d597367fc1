"""Speech to text inside this process: Moonshine tiny, English, on any processor."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType

import anyio
import anyio.to_thread
from msgspec import Struct

from adapters.outbound import onnx_models
from adapters.outbound.speech_to_text.decoding_pool import DecodingPool
from adapters.outbound.speech_to_text.moonshine_model import MoonshineModel
from adapters.outbound.speech_to_text.moonshine_stream import MoonshineStream
from adapters.outbound.speech_to_text.moonshine_words import words_of
from domain.audio import AudioFrame, samples
from domain.transcript import Word
from ports.diagnosis import Condition, Diagnosis
from ports.errors import Rejected
from ports.speech_to_text import Terms, TranscriptionRequest

_ENGLISH = "en"
_ANY = ("multi", "auto")
"""English may be spoken where the language is not known."""


class MoonshineSpeechToTextSettings(Struct, frozen=True, kw_only=True):
    """How much of this machine it takes."""

    workers: int = 0
    """Utterances decoded at once, each on a thread of its own; 0: one for each core."""
    partial_seconds: float = 2.0
    """How much an utterance grows between two guesses. A guess costs as much as a final result."""
    longest_utterance: float = 14.0
    """Seconds. More than 15 confuses the model."""
    longest_in_context: float = 10.0
    """Seconds of an utterance and the one before it that are decoded together, because the one goes on from the
    other; 0: never. Longer takes longer: 30 ms of a core for each second."""
    most_undecoded: float = 60.0
    """Seconds of audio that a stream takes ahead of its words before `send` waits."""


class MoonshineSpeechToText:
    """One model for all streams. Needs no key, no network and no graphics card."""

    name = "moonshine"
    terms = Terms(patience=60.0)

    def __init__(self, settings: MoonshineSpeechToTextSettings) -> None:
        self._settings = settings
        self._workers = settings.workers or os.cpu_count() or 1
        self._model: MoonshineModel
        self._pool: DecodingPool

    async def __aenter__(self) -> "MoonshineSpeechToText":
        """Loads the model, about a second.

        Raises:
            Rejected: the models are not installed as expected.
        """
        self._model = await anyio.to_thread.run_sync(MoonshineModel, limiter=anyio.CapacityLimiter(1))
        self._pool = await DecodingPool(self._words, workers=self._workers).__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._pool.__aexit__(kind, error, trace)

    def supports(self, language: str) -> bool:
        """English, in all its countries; also where the language is not known."""
        return is_english(language)

    @asynccontextmanager
    async def open_stream(self, request: TranscriptionRequest) -> AsyncIterator[MoonshineStream]:
        """Opens at once.

        Raises:
            Rejected: the language is another one.
        """
        if not self.supports(request.language):
            raise Rejected(f"{self.name} understands English, not {request.language!r}")
        stream = MoonshineStream(
            self._pool,
            recognizer=self.name,
            longest=samples(self._settings.longest_utterance),
            most_undecoded=samples(self._settings.most_undecoded),
            guess_every=samples(self._settings.partial_seconds) if request.interim else None,
            longest_in_context=samples(self._settings.longest_in_context),
        )
        async with stream:
            yield stream

    async def diagnose(self) -> Diagnosis:
        """Whether the models are there and are the right ones."""
        return await model_diagnosis()

    def _words(self, utterance: AudioFrame) -> tuple[Word, ...]:
        return words_of(utterance, model=self._model)


def is_english(language: str) -> bool:
    """Whether a BCP 47 tag means English, or leaves the language open."""
    return language.replace("_", "-").split("-")[0].lower() == _ENGLISH or language in _ANY


async def model_diagnosis() -> Diagnosis:
    """Whether the three files of the recognizer are installed, byte for byte."""
    try:
        for model in (onnx_models.SPEECH_ENCODER, onnx_models.SPEECH_DECODER, onnx_models.SPEECH_TOKENIZER):
            await anyio.to_thread.run_sync(onnx_models.read, model, limiter=anyio.CapacityLimiter(1))
    except Rejected as failure:
        remedy = f"pip install --no-deps {onnx_models.WHEEL}"
        return Diagnosis(condition=Condition.BROKEN, finding=str(failure), remedy=remedy)
    return Diagnosis(condition=Condition.WORKING, finding="Moonshine tiny, English, on this processor")
