"""The adapter against the simulated vendor: what the contract suite cannot ask for."""

import math

import anyio
import pytest

from adapters.inbound.simulators.faults import Fault, FaultKind
from adapters.outbound.speech_to_text.speechmatics import SpeechmaticsSpeechToText
from domain.audio import SAMPLE_RATE, samples
from domain.recognition import InterimWords
from domain.usage import Billing
from domain.watermark import WORD_SAMPLES, speech, text_of
from ports.diagnosis import Condition
from ports.speech_to_text import TranscriptionRequest
from tests.support.speaking import frames, heard, send
from tests.unit.adapters.outbound.speech_to_text.speechmatics_bench import PAUSE, SPACING, passed, plain, speechmatics

ALMOST = samples(0.05)


async def test_words_are_exact_and_their_times_almost_also_behind_cuts() -> None:
    first, second = frames(speech(0, 5, pause=PAUSE)), frames(speech(5, 5, pause=PAUSE), start=200_000)
    async with speechmatics() as (recognizer, vendor):
        words, watermarks = await heard(recognizer, first + second)
    said = [word for word in words if word.text != "."]
    starts = [number * SPACING for number in range(5)] + [200_000 + number * SPACING for number in range(5)]
    assert plain(said) == [text_of(number) for number in range(10)]
    assert [word.start for word in said] == pytest.approx(starts, abs=ALMOST)
    assert [word.end for word in said] == pytest.approx([start + WORD_SAMPLES for start in starts], abs=ALMOST)
    assert watermarks == sorted(watermarks)
    assert watermarks[-1] == second[-1].end
    assert vendor.legs[0].samples == 10 * SPACING


async def test_what_is_asked_of_the_vendor_follows_settings_and_request() -> None:
    async with speechmatics(max_delay=2.0, end_of_utterance=0.7, model="standard") as (recognizer, vendor):
        await heard(recognizer, frames(speech(0, 1, pause=PAUSE)), language="en-US", interim=True, diarize=False)
    config = vendor.legs[0].config
    assert config is not None
    assert (config.language, config.output_locale, config.model) == ("en", "en-US", "standard")
    assert (config.max_delay, config.conversation_config.end_of_utterance_silence_trigger) == (2.0, 0.7)
    assert (config.enable_partials, config.diarization) == (True, "none")


def test_the_terms_are_those_of_the_vendor() -> None:
    terms = SpeechmaticsSpeechToText.terms
    assert terms.billing is Billing.AUDIO
    assert terms.longest_session == 48 * 3600
    assert 1 < terms.replay_speed < math.inf


async def test_voices_are_told_apart_where_asked_for() -> None:
    spoken = frames(speech(99, 2, pause=PAUSE))
    async with speechmatics() as (recognizer, _):
        apart, _ = await heard(recognizer, spoken)
        together, _ = await heard(recognizer, spoken, diarize=False)
    assert [word.speaker for word in apart if word.text != "."] == [0, 1]
    assert {word.speaker for word in together} == {0}


async def test_guesses_come_before_final_words() -> None:
    async with speechmatics() as (recognizer, _), recognizer.open_stream(TranscriptionRequest(interim=True)) as stream:
        for frame in frames(speech(4, 2, pause=0)):
            await stream.send(frame)
        with anyio.fail_after(5):
            event = await anext(aiter(stream))
    assert isinstance(event, InterimWords)
    assert event.words[0].text == text_of(4)


async def test_a_pause_moves_the_watermark_past_silence_behind_the_words() -> None:
    spoken = frames(speech(0, 3, pause=PAUSE) + bytes(2 * 9_600))
    async with speechmatics(answer_timeout=60.0) as (recognizer, vendor):
        async with recognizer.open_stream(TranscriptionRequest()) as stream:
            for frame in spoken:
                await stream.send(frame)
            await stream.finalize()
            words = await passed(stream, spoken[-1].end)
        assert plain(words) == [text_of(number) for number in range(3)]
        assert vendor.legs[0].samples == spoken[-1].end


async def test_a_pause_without_an_answer_is_passed_by_a_little_silence_and_times_stay_exact() -> None:
    silence, behind = frames(bytes(2 * SAMPLE_RATE)), frames(speech(7, 2, pause=PAUSE), start=500_000)
    async with speechmatics(answer_timeout=0.1) as (recognizer, vendor):
        async with recognizer.open_stream(TranscriptionRequest()) as stream:
            for frame in silence:
                await stream.send(frame)
            await stream.finalize()
            assert await passed(stream, silence[-1].end) == []
            await anyio.sleep(0.3)
            await send(stream, behind)
            words = [word async for event in stream for word in event.words if word.text != "."]
        assert vendor.legs[0].samples == SAMPLE_RATE + samples(2.0) + 2 * SPACING
    assert plain(words) == [text_of(7), text_of(8)]
    assert [word.start for word in words] == pytest.approx([500_000, 500_000 + SPACING], abs=ALMOST)


async def test_pauses_told_twice_or_before_any_audio_are_asked_about_once() -> None:
    async with speechmatics() as (recognizer, vendor), recognizer.open_stream(TranscriptionRequest()) as stream:
        await stream.finalize()
        for frame in frames(speech(0, 1, pause=PAUSE)):
            await stream.send(frame)
        await stream.finalize()
        await stream.finalize()
        await stream.send_eof()
        with anyio.fail_after(5):
            assert [word.text async for event in stream for word in event.words] == [f"{text_of(0)}."]
    assert vendor.legs[0].messages == ["StartRecognition", "ForceEndOfUtterance", "EndOfStream"]


async def test_a_diagnosis_tells_what_to_do() -> None:
    async with speechmatics() as (recognizer, vendor):
        assert (await recognizer.diagnose()).condition is Condition.WORKING
        assert vendor.legs[0].samples == 0
    async with speechmatics(api_key="wrong") as (recognizer, _):
        diagnosis = await recognizer.diagnose()
    assert (diagnosis.condition, diagnosis.remedy) == (
        Condition.BROKEN, "set OMI_SPEECH_TO_TEXT__SPEECHMATICS__API_KEY",
    )  # fmt: skip
    busy = Fault(kind=FaultKind.ERROR_MESSAGE, reason="quota_exceeded")
    async with speechmatics(busy) as (recognizer, _):
        diagnosis = await recognizer.diagnose()
    assert diagnosis.condition is Condition.DEGRADED
    assert "quota_exceeded" in diagnosis.finding
