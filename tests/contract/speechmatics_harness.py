"""Speechmatics for the contract suite: the adapter's own connection against the simulated vendor."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from adapters.inbound.simulators.speechmatics import serve_speechmatics
from adapters.outbound.speech_to_text.speechmatics import SpeechmaticsSpeechToText, SpeechmaticsSpeechToTextSettings
from tests.contract.speech_to_text_bench import Bench

KEY = "a-key-for-tests"


@asynccontextmanager
async def speechmatics(_: Path) -> AsyncIterator[Bench]:
    """Live recognition. `break_off` makes the vendor hang up on everybody."""
    async with serve_speechmatics(key=KEY) as simulation:
        settings = SpeechmaticsSpeechToTextSettings(api_key=KEY, url=simulation.url)
        async with SpeechmaticsSpeechToText(settings) as recognizer:
            yield Bench(recognizer=recognizer, break_off=simulation.hang_up)
