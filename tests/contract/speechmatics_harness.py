"""Speechmatics for the contract suite: the adapter's own connection against the simulated vendor."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec import Struct

from adapters.inbound.simulators.speechmatics import serve_speechmatics
from adapters.outbound.speech_to_text.speechmatics import SpeechmaticsSpeechToText, SpeechmaticsSpeechToTextSettings
from tests.support.utterances import Utterance, watermarked_speech

KEY = "a-key-for-tests"


class SpeechmaticsBench(Struct, frozen=True, kw_only=True):
    """What the suite's own `Bench` holds."""

    recognizer: SpeechmaticsSpeechToText
    say: Callable[[int, Path], Utterance] = watermarked_speech
    tolerance: float = 0.0
    break_off: Callable[[], Awaitable[None]] | None = None


@asynccontextmanager
async def speechmatics(_: Path) -> AsyncIterator[SpeechmaticsBench]:
    """Live recognition. `break_off` makes the vendor hang up on everybody."""
    async with serve_speechmatics(key=KEY) as simulation:
        settings = SpeechmaticsSpeechToTextSettings(api_key=KEY, url=simulation.url)
        async with SpeechmaticsSpeechToText(settings) as recognizer:
            yield SpeechmaticsBench(recognizer=recognizer, break_off=simulation.hang_up)
