"""Speechmatics for its tests: the simulated vendor, a server that says what it is told, and a caller."""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import anyio
import pytest

from adapters.inbound.simulators.faults import Fault, FaultScript
from adapters.inbound.simulators.http_upload import HttpAnswer
from adapters.inbound.simulators.server import SimulatedConnection, listening
from adapters.inbound.simulators.speechmatics import SimulatedSpeechmatics, serve_speechmatics
from adapters.outbound.speech_to_text import vendor_stream
from adapters.outbound.speech_to_text.speechmatics import SpeechmaticsSpeechToText, SpeechmaticsSpeechToTextSettings
from domain.recognition import FinalWords
from domain.transcript import Word
from domain.watermark import WORD_SAMPLES
from ports.speech_to_text import TranscriptionRequest, TranscriptionStream

KEY = "a-key-that-must-not-show"
PAUSE = 6_400
SPACING = WORD_SAMPLES + PAUSE


@contextmanager
def impatience() -> Iterator[None]:
    """The local server says its last words at once, or never."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vendor_stream, "_LAST_WORDS", 0.1)
        yield


@asynccontextmanager
async def speechmatics(
    *faults: Fault, idle_seconds: float = 3600.0, **settings: object
) -> AsyncIterator[tuple[SpeechmaticsSpeechToText, SimulatedSpeechmatics]]:
    async with serve_speechmatics(script=FaultScript(faults=faults), key=KEY, idle_seconds=idle_seconds) as vendor:
        chosen = SpeechmaticsSpeechToTextSettings(**{"api_key": KEY, "url": vendor.url, **settings})  # type: ignore[arg-type]
        with impatience():
            async with SpeechmaticsSpeechToText(chosen) as recognizer:
                yield recognizer, vendor


def plain(words: list[Word]) -> list[str]:
    """The words without punctuation."""
    return [text for word in words if (text := word.text.rstrip("."))]


async def opened(recognizer: SpeechmaticsSpeechToText) -> None:
    async with recognizer.open_stream(TranscriptionRequest()):
        pass


async def passed(stream: TranscriptionStream, position: int) -> list[Word]:
    """The final words until the watermark is at a position."""
    words: list[Word] = []
    with anyio.fail_after(5):
        async for event in stream:
            if isinstance(event, FinalWords):
                words += event.words
                if event.through >= position:
                    return words
    raise AssertionError(f"the watermark never came to {position}")


class Told:
    """A server that says what it is told to."""

    def __init__(self, *at_end: dict[str, Any], at_pause: Sequence[dict[str, Any]] = (), confirms: bool = True) -> None:
        self._at_end = at_end
        self._at_pause = at_pause
        self._confirms = confirms
        self.received: list[str | bytes] = []

    def refuse(self, request: object, fault: Fault | None) -> HttpAnswer | None:  # noqa: ARG002 - of the protocol
        return None

    def answer(self, request: object, fault: Fault | None) -> HttpAnswer:  # noqa: ARG002 - of the protocol
        return HttpAnswer(status=404, content={})

    async def converse(self, connection: SimulatedConnection) -> None:
        await connection.recv()
        await connection.send('{"message": "Info", "type": "recognition_quality", "reason": ""}')
        await connection.send('{"message": "RecognitionStarted"}')
        async for message in connection:
            self.received.append(message)
            for said in self._said(message):
                await connection.send(json.dumps(said))

    def _said(self, message: str | bytes) -> Sequence[dict[str, Any]]:
        if isinstance(message, bytes):
            number = sum(isinstance(received, bytes) for received in self.received)
            return ({"message": "AudioAdded", "seq_no": number},) if self._confirms else ()
        return self._at_pause if "ForceEndOfUtterance" in message else (*self._at_end, {"message": "EndOfTranscript"})


@asynccontextmanager
async def facing(server: Told, **settings: object) -> AsyncIterator[SpeechmaticsSpeechToText]:
    async with listening(server, host="127.0.0.1", port=0, script=FaultScript()) as listener:
        url = f"ws://127.0.0.1:{listener.port}/v2"
        chosen = SpeechmaticsSpeechToTextSettings(**{"api_key": KEY, "url": url, **settings})  # type: ignore[arg-type]
        with impatience():
            async with SpeechmaticsSpeechToText(chosen) as recognizer:
                yield recognizer
