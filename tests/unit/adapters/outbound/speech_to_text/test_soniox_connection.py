"""Messages of Soniox that its simulation does not send."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from adapters.inbound.simulators.faults import Fault, FaultScript
from adapters.inbound.simulators.http_upload import HttpAnswer
from adapters.inbound.simulators.server import SimulatedConnection, listening
from adapters.outbound.speech_to_text.soniox import SonioxSpeechToText, SonioxSpeechToTextSettings
from domain.audio import SAMPLE_RATE
from domain.recognition import FinalWords
from domain.transcript import Word
from ports.errors import TemporarilyUnavailable
from tests.support.speaking import events_of, frames, heard, listened
from tests.unit.adapters.outbound.speech_to_text.soniox_bench import KEY


class Scripted:
    """A vendor that listens to the end, and then says what it was told to."""

    def __init__(self, said: list[str]) -> None:
        self._said = said

    def refuse(self, request: object, fault: Fault | None) -> None:  # noqa: ARG002 - of the protocol
        return None

    def answer(self, request: object, fault: Fault | None) -> HttpAnswer:  # noqa: ARG002 - of the protocol
        return HttpAnswer(status=404, content=None)

    async def converse(self, connection: SimulatedConnection) -> None:
        async for message in connection:
            if message == "":
                break
        for text in self._said:
            await connection.send(text)


@asynccontextmanager
async def scripted(*said: Any) -> AsyncIterator[SonioxSpeechToText]:
    texts = [text if isinstance(text, str) else json.dumps(text) for text in said]
    async with listening(Scripted(texts), host="127.0.0.1", port=0, script=FaultScript()) as listener:
        url = f"ws://127.0.0.1:{listener.port}/transcribe-websocket"
        yield SonioxSpeechToText(SonioxSpeechToTextSettings(api_key=KEY, url=url))


@pytest.mark.parametrize(
    "said",
    ["no message", '{"tokens": [{"text": 7}]}', {"tokens": "none"}, b"\xff".decode("latin-1")],
)
async def test_a_message_that_is_not_understood_fails_the_session(said: object) -> None:
    async with scripted(said) as recognizer:
        with pytest.raises(TemporarilyUnavailable, match="not understood"):
            await listened(recognizer)


async def test_fields_that_are_new_or_missing_change_nothing() -> None:
    spoken = {"text": "Hi", "start_ms": 100.5, "end_ms": 300.0, "is_final": True, "language": "en", "mood": "good"}
    ending = {"tokens": [spoken], "finished": True, "of": "the future"}
    async with scripted(ending) as recognizer:
        words, watermarks = await heard(recognizer, frames(bytes(2 * SAMPLE_RATE // 2)))
    assert words == [Word("Hi", 1_608, 4_800)]
    assert watermarks[-1] == SAMPLE_RATE // 2


async def test_a_guess_that_is_withdrawn_is_no_failure() -> None:
    guess = {"tokens": [{"text": " hm", "start_ms": 300, "end_ms": 400, "is_final": False}], "total_audio_proc_ms": 500}
    nothing = {"tokens": [], "final_audio_proc_ms": 0, "total_audio_proc_ms": 500}
    async with scripted(guess, nothing, {**nothing, "finished": True}) as recognizer:
        assert await heard(recognizer, frames(bytes(SAMPLE_RATE))) == ([], [SAMPLE_RATE // 2])


def token(text: str, start_ms: int, end_ms: int, *, final: bool) -> dict[str, Any]:
    return {"text": text, "start_ms": start_ms, "end_ms": end_ms, "is_final": final}


def response(*tokens: dict[str, Any], final: int, total: int) -> dict[str, Any]:
    return {"tokens": tokens, "final_audio_proc_ms": final, "total_audio_proc_ms": total}


END = {"text": "<end>", "is_final": True}
FINISHED = {**response(final=500, total=500), "finished": True}


@pytest.mark.parametrize(
    "said",
    [
        [
            response(token("one", 0, 100, final=True), END, token(" two", 200, 300, final=False), final=450, total=500),
            response(token(" two", 200, 300, final=True), final=450, total=500),
        ],
        [
            response(token("one", 0, 100, final=True), END, final=450, total=100),
            response(token(" two", 200, 300, final=True), final=300, total=300),
        ],
        [
            response(token("o", 0, 50, final=True), final=50, total=50),
            response(token("ne", 50, 100, final=True), final=100, total=100),
            response(token(" two", 200, 300, final=True), final=300, total=300),
        ],
    ],
    ids=["progress beyond a guess", "progress beyond the audio", "a word in two messages"],
)
async def test_progress_that_claims_too_much_costs_no_word(said: list[dict[str, Any]]) -> None:
    async with scripted(*said, FINISHED) as recognizer:
        words, watermarks = await heard(recognizer, frames(bytes(SAMPLE_RATE)))
    assert [(word.text, word.start, word.end) for word in words] == [("one", 0, 1_600), ("two", 3_200, 4_800)]
    assert watermarks == sorted(watermarks)


async def test_a_word_is_over_when_the_vendor_has_listened_long_beyond_it() -> None:
    said = response(token("one", 0, 100, final=True), final=100, total=1_200)
    ending = {**response(final=1_500, total=1_500), "finished": True}
    async with scripted(said, ending) as recognizer:
        events = await events_of(recognizer, frames(bytes(3 * SAMPLE_RATE)))
    (first, *_) = events
    assert isinstance(first, FinalWords)
    assert ([word.text for word in first.words], first.through) == (["one"], 1_600)
