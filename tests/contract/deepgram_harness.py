"""Deepgram for the contract suites: the vendor's own SDK against the simulated vendor."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec import Struct

from adapters.inbound.simulators.deepgram import serve_deepgram
from adapters.inbound.simulators.faults import Fault, FaultKind, FaultScript
from adapters.outbound.batch_speech_to_text.deepgram import (
    DeepgramBatchSpeechToText,
    DeepgramBatchSpeechToTextSettings,
)
from adapters.outbound.speech_to_text.deepgram import DeepgramSpeechToText, DeepgramSpeechToTextSettings
from tests.support.utterances import Utterance, watermarked_speech

KEY = "a-key-for-tests"


class DeepgramBench(Struct, frozen=True, kw_only=True):
    """What the suite's own `Bench` holds."""

    recognizer: DeepgramSpeechToText
    say: Callable[[int, Path], Utterance] = watermarked_speech
    tolerance: float = 0.0
    break_off: Callable[[], Awaitable[None]] | None = None


@asynccontextmanager
async def deepgram(_: Path) -> AsyncIterator[DeepgramBench]:
    """Live recognition. `break_off` makes the vendor hang up on everybody."""
    async with serve_deepgram(key=KEY) as simulation:
        settings = DeepgramSpeechToTextSettings(api_key=KEY, url=simulation.url)
        async with DeepgramSpeechToText(settings) as recognizer:
            yield DeepgramBench(recognizer=recognizer, break_off=simulation.hang_up)


class DeepgramBatchBench(Struct, frozen=True, kw_only=True):
    """What the suite's own `Bench` holds."""

    recognizer: DeepgramBatchSpeechToText
    say: Callable[[int, Path], Utterance] = watermarked_speech
    tolerance: float = 0.0
    break_down: Callable[[], Awaitable[None]] | None = None


@asynccontextmanager
async def deepgram_batch(_: Path) -> AsyncIterator[DeepgramBatchBench]:
    """Recognition of recordings. `break_down` makes the vendor refuse every connection."""
    async with serve_deepgram(key=KEY) as simulation:
        settings = DeepgramBatchSpeechToTextSettings(api_key=KEY, url=simulation.http_url, retries=0)

        async def break_down() -> None:
            simulation.listener.script = FaultScript(faults=(Fault(kind=FaultKind.REFUSE),))

        async with DeepgramBatchSpeechToText(settings) as recognizer:
            yield DeepgramBatchBench(recognizer=recognizer, break_down=break_down)
