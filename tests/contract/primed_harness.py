"""Recognizers of the contract suite that hear a clip of the owner first."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec import structs

from adapters.outbound.speech_to_text.primed import PrimedSpeechToText
from ports.speech_to_text import SpeechToText
from tests.contract.harness import Harness
from tests.contract.speech_to_text_bench import Bench
from tests.support.owner_clips import FixedOwnerClip, owners_clip


class Opened:
    """A recognizer that its harness has opened and will close."""

    def __init__(self, recognizer: SpeechToText) -> None:
        self.name = recognizer.name
        self.terms = recognizer.terms
        self.supports = recognizer.supports
        self.open_stream = recognizer.open_stream


def primed(harness: Harness[Bench]) -> Harness[Bench]:
    """The same recognizer, primed on every connection."""

    @asynccontextmanager
    async def opened(folder: Path) -> AsyncIterator[Bench]:
        profile = FixedOwnerClip(owners_clip())
        async with (
            harness(folder) as bench,
            PrimedSpeechToText(Opened(bench.recognizer), profile=profile) as recognizer,
        ):
            yield structs.replace(bench, recognizer=recognizer)

    return opened
