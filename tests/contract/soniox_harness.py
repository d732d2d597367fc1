"""Soniox for the contract suites: the vendor's own SDK against the simulated vendor."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec import Struct

from adapters.inbound.simulators.soniox import serve_soniox
from adapters.outbound.speech_to_text.soniox import SonioxSpeechToText, SonioxSpeechToTextSettings
from tests.support.utterances import Utterance, watermarked_speech

KEY = "a-key-for-tests"


class SonioxBench(Struct, frozen=True, kw_only=True):
    """What the suite's own `Bench` holds."""

    recognizer: SonioxSpeechToText
    say: Callable[[int, Path], Utterance] = watermarked_speech
    tolerance: float = 0.0
    break_off: Callable[[], Awaitable[None]] | None = None


@asynccontextmanager
async def soniox(_: Path) -> AsyncIterator[SonioxBench]:
    """Live recognition. `break_off` makes the vendor hang up on everybody."""
    async with serve_soniox(key=KEY) as simulation:
        settings = SonioxSpeechToTextSettings(api_key=KEY, url=simulation.url)
        yield SonioxBench(recognizer=SonioxSpeechToText(settings), break_off=simulation.hang_up)
