"""Soniox for the contract suites: the vendor's own SDK against the simulated vendor."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from adapters.inbound.simulators.soniox import serve_soniox
from adapters.outbound.speech_to_text.soniox import SonioxSpeechToText, SonioxSpeechToTextSettings
from tests.contract.speech_to_text_bench import Bench

KEY = "a-key-for-tests"


@asynccontextmanager
async def soniox(_: Path) -> AsyncIterator[Bench]:
    """Live recognition. `break_off` makes the vendor hang up on everybody."""
    async with serve_soniox(key=KEY) as simulation:
        settings = SonioxSpeechToTextSettings(api_key=KEY, url=simulation.url)
        yield Bench(recognizer=SonioxSpeechToText(settings), break_off=simulation.hang_up)
