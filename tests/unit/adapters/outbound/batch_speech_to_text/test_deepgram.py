"""The vendor's own SDK against the simulated vendor."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest

from adapters.inbound.simulators.deepgram import SimulatedDeepgram, serve_deepgram
from adapters.inbound.simulators.faults import Fault, FaultKind, FaultScript
from adapters.outbound.batch_speech_to_text.deepgram import (
    DeepgramBatchSpeechToText,
    DeepgramBatchSpeechToTextSettings,
)
from domain.audio import AudioFrame
from domain.watermark import WORD_SAMPLES, speech, text_of
from ports.diagnosis import Condition
from ports.errors import Rejected, TemporarilyUnavailable
from ports.speech_to_text import TranscriptionRequest

KEY = "a-key-that-must-not-show"
PAUSE = 1_600
SPACING = WORD_SAMPLES + PAUSE


@asynccontextmanager
async def deepgram(
    *faults: Fault, **settings: object
) -> AsyncIterator[tuple[DeepgramBatchSpeechToText, SimulatedDeepgram]]:
    async with serve_deepgram(script=FaultScript(faults=faults), key=KEY) as vendor:
        chosen = {"api_key": KEY, "url": vendor.http_url, "retries": 0, **settings}
        async with DeepgramBatchSpeechToText(DeepgramBatchSpeechToTextSettings(**chosen)) as recognizer:  # type: ignore[arg-type]
            yield recognizer, vendor


async def test_all_words_of_a_recording_come_at_their_place_in_the_capture() -> None:
    async with deepgram() as (recognizer, vendor):
        words = await recognizer.transcribe(AudioFrame(50_000, speech(0, 40, pause=PAUSE)), TranscriptionRequest())
    assert [word.text for word in words] == [text_of(number) for number in range(40)]
    assert [word.start for word in words] == [50_000 + number * SPACING for number in range(40)]
    assert [word.end - word.start for word in words] == [WORD_SAMPLES] * 40
    assert vendor.recordings[0].options["model"] == "nova-3"


async def test_an_empty_recording_is_not_sent() -> None:
    async with deepgram() as (recognizer, vendor):
        assert await recognizer.transcribe(AudioFrame(0, b""), TranscriptionRequest()) == ()
    assert vendor.recordings == []


@pytest.mark.parametrize(
    ("status", "error", "says"),
    [
        (400, Rejected, "refused the request"),
        (401, Rejected, "set OMI_BATCH_SPEECH_TO_TEXT__DEEPGRAM__API_KEY"),
        (402, Rejected, "no credit"),
        (429, TemporarilyUnavailable, "too many requests"),
        (503, TemporarilyUnavailable, "failed"),
    ],
)
async def test_a_refusal_names_the_cause(status: int, error: type[Exception], says: str) -> None:
    async with deepgram(Fault(kind=FaultKind.HTTP_STATUS, status=status)) as (recognizer, _):
        with pytest.raises(error, match=says) as caught:
            await recognizer.transcribe(AudioFrame(0, bytes(640)), TranscriptionRequest())
    assert KEY not in str(caught.value)


async def test_an_overload_that_passes_is_not_noticed() -> None:
    fault = Fault(kind=FaultKind.HTTP_STATUS, status=503, connections=(1,))
    async with deepgram(fault, retries=1) as (recognizer, _):
        words = await recognizer.transcribe(AudioFrame(0, speech(3, 1, pause=PAUSE)), TranscriptionRequest())
    assert [word.text for word in words] == [text_of(3)]


@pytest.mark.parametrize("kind", [FaultKind.REFUSE, FaultKind.NO_HANDSHAKE])
async def test_a_vendor_that_does_not_answer_is_unavailable_in_time(kind: FaultKind) -> None:
    async with deepgram(Fault(kind=kind), total_timeout=0.3) as (recognizer, _):
        with anyio.fail_after(2), pytest.raises(TemporarilyUnavailable):
            await recognizer.transcribe(AudioFrame(0, bytes(640)), TranscriptionRequest())


async def test_a_language_nobody_knows_is_rejected() -> None:
    async with deepgram() as (recognizer, _):
        assert not recognizer.supports("tlh")
        with pytest.raises(Rejected, match="tlh"):
            await recognizer.transcribe(AudioFrame(0, bytes(640)), TranscriptionRequest(language="tlh"))


async def test_a_diagnosis_tells_what_to_do() -> None:
    async with deepgram() as (recognizer, _):
        assert (await recognizer.diagnose()).condition is Condition.WORKING
    async with deepgram(api_key="") as (recognizer, _):
        assert "OMI_BATCH_SPEECH_TO_TEXT__DEEPGRAM__API_KEY" in (await recognizer.diagnose()).remedy
