"""Deepgram for the contract suites: the vendor's own SDK against the simulated vendor."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from adapters.inbound.simulators.deepgram import serve_deepgram
from adapters.inbound.simulators.faults import Fault, FaultKind, FaultScript
from adapters.outbound.batch_speech_to_text.deepgram import (
    DeepgramBatchSpeechToText,
    DeepgramBatchSpeechToTextSettings,
)
from adapters.outbound.speech_to_text.deepgram import DeepgramSpeechToText, DeepgramSpeechToTextSettings
from tests.contract.batch_speech_to_text_bench import Bench as BatchBench
from tests.contract.speech_to_text_bench import Bench

KEY = "a-key-for-tests"


@asynccontextmanager
async def deepgram(_: Path) -> AsyncIterator[Bench]:
    """Live recognition. `break_off` makes the vendor hang up on everybody."""
    async with serve_deepgram(key=KEY) as simulation:
        settings = DeepgramSpeechToTextSettings(api_key=KEY, url=simulation.url)
        async with DeepgramSpeechToText(settings) as recognizer:
            yield Bench(recognizer=recognizer, break_off=simulation.hang_up)


@asynccontextmanager
async def deepgram_batch(_: Path) -> AsyncIterator[BatchBench]:
    """Recognition of recordings. `break_down` makes the vendor refuse every connection."""
    async with serve_deepgram(key=KEY) as simulation:
        settings = DeepgramBatchSpeechToTextSettings(api_key=KEY, url=simulation.http_url, retries=0)

        async def break_down() -> None:
            simulation.listener.script = FaultScript(faults=(Fault(kind=FaultKind.REFUSE),))

        async with DeepgramBatchSpeechToText(settings) as recognizer:
            yield BatchBench(recognizer=recognizer, break_down=break_down)
