"""The vendor's own SDK against the simulated vendor: what the contract suite cannot ask for."""

from itertools import pairwise

import anyio
import pytest

from adapters.inbound.simulators.faults import Fault, FaultKind
from adapters.outbound.speech_to_text.soniox import LANGUAGES, SonioxSpeechToText, SonioxSpeechToTextSettings
from domain.audio import samples
from domain.recognition import FinalWords, InterimWords
from domain.watermark import WORD_SAMPLES, speech, text_of
from ports.diagnosis import Condition
from ports.errors import TemporarilyUnavailable
from ports.speech_to_text import TranscriptionRequest
from tests.support.speaking import events_of, frames, heard, send
from tests.unit.adapters.outbound.speech_to_text.soniox_bench import PAUSE, SPACING, soniox, through

TOLERANCE = samples(0.05)


async def test_words_are_exact_and_in_their_place_also_behind_cuts() -> None:
    first, second = frames(speech(0, 5, pause=PAUSE)), frames(speech(5, 5, pause=PAUSE), start=200_000)
    async with soniox() as (recognizer, vendor):
        words, watermarks = await heard(recognizer, first + second)
    starts = [number * SPACING for number in range(5)] + [200_000 + number * SPACING for number in range(5)]
    assert [word.text for word in words] == [text_of(number) for number in range(10)]
    assert [word.start for word in words] == pytest.approx(starts, abs=TOLERANCE)
    assert [word.end for word in words] == pytest.approx([start + WORD_SAMPLES for start in starts], abs=TOLERANCE)
    assert all(word.confidence == pytest.approx(0.97) for word in words)
    assert watermarks == sorted(watermarks)
    assert watermarks[-1] == second[-1].end
    assert vendor.legs[0].samples == 10 * SPACING


@pytest.mark.parametrize("pause", [0, 800, 3_200, 20_000])
@pytest.mark.parametrize("endpoint_detection", [True, False])
async def test_no_word_is_lost_or_doubled_however_they_are_spaced(*, pause: int, endpoint_detection: bool) -> None:
    async with soniox(endpoint_detection=endpoint_detection) as (recognizer, _):
        words, _ = await heard(recognizer, frames(speech(0, 25, pause=pause)), interim=True)
    assert [word.text for word in words] == [text_of(number) for number in range(25)]


async def test_what_is_asked_of_the_vendor_follows_settings_and_request() -> None:
    async with soniox(vocabulary=("Omi",), max_endpoint_delay_ms=700) as (recognizer, vendor):
        await heard(recognizer, frames(speech(0, 1, pause=PAUSE)), language="de-AT", diarize=False)
        await heard(recognizer, frames(speech(0, 1, pause=PAUSE)), language="multi")
    config = vendor.legs[0].config
    assert (config.model, config.audio_format, config.sample_rate, config.num_channels, config.api_key) == (
        "stt-rt-v4", "pcm_s16le", 16_000, 1, "",
    )  # fmt: skip
    assert (config.language_hints, config.context) == (["de"], {"terms": ["Omi"]})
    assert (config.enable_endpoint_detection, config.max_endpoint_delay_ms) == (True, 700)
    assert not config.enable_speaker_diarization
    assert vendor.legs[1].config.language_hints == []


async def test_voices_are_told_apart_where_asked_for() -> None:
    spoken = frames(speech(99, 2, pause=PAUSE))
    async with soniox() as (recognizer, _):
        assert [word.speaker for word in (await heard(recognizer, spoken))[0]] == [0, 1]
        assert [word.speaker for word in (await heard(recognizer, spoken, diarize=False))[0]] == [0, 0]


async def test_finalize_moves_the_watermark_past_the_silence_at_the_end() -> None:
    pcm = speech(0, 3, pause=0) + bytes(2 * samples(0.7))
    async with soniox(endpoint_detection=False) as (recognizer, vendor):
        async with recognizer.open_stream(TranscriptionRequest()) as stream:
            for frame in frames(pcm, start=50_000):
                await stream.send(frame)
            await stream.finalize()
            words = await through(stream, 50_000 + len(pcm) // 2)
        assert [word.text for word in words] == [text_of(number) for number in range(3)]
        assert vendor.legs[0].messages[0] == "finalize"


async def test_each_of_many_pauses_is_finalized_where_it_was_made() -> None:
    async with (
        soniox(endpoint_detection=False) as (recognizer, _),
        recognizer.open_stream(TranscriptionRequest()) as stream,
    ):
        position = 0
        for number in range(5):
            pcm = speech(number, 1, pause=PAUSE)
            for frame in frames(pcm, start=position):
                await stream.send(frame)
            position += len(pcm) // 2
            await stream.finalize()
            assert [word.text for word in await through(stream, position)] == [text_of(number)]
            position += 100_000


async def test_what_was_finalized_already_is_not_asked_for_again() -> None:
    async with soniox() as (recognizer, vendor), recognizer.open_stream(TranscriptionRequest()) as stream:
        await stream.finalize()
        for frame in frames(speech(0, 1, pause=PAUSE)):
            await stream.send(frame)
        for _ in range(3):
            await stream.finalize()
        await stream.send_eof()
        assert len([event async for event in stream if isinstance(event, FinalWords) and event.words]) == 1
    assert vendor.legs[0].messages == ["finalize", ""]


async def test_the_watermark_waits_for_the_rest_of_a_word() -> None:
    async with soniox(endpoint_detection=False) as (recognizer, _):
        events = await events_of(recognizer, frames(speech(0, 40, pause=0)))
    words = [word for event in events if isinstance(event, FinalWords) for word in event.words]
    assert [word.text for word in words] == [text_of(number) for number in range(40)]
    for before, event in pairwise(events):
        assert isinstance(before, FinalWords)
        assert isinstance(event, FinalWords)
        assert all(word.start >= before.through - 16 for word in event.words)


async def test_guesses_hold_whole_words_within_the_audio() -> None:
    spoken = frames(speech(0, 20, pause=1_600))
    async with soniox() as (recognizer, _):
        events = await events_of(recognizer, spoken, interim=True)
    guessed = [word for event in events if isinstance(event, InterimWords) for word in event.words]
    assert {word.text for word in guessed} <= {text_of(number) for number in range(20)}
    assert all(0 <= word.start < word.end <= spoken[-1].end for word in guessed)
    assert guessed


@pytest.mark.parametrize("first", [b"", speech(0, 1, pause=PAUSE)], ids=["before any audio", "behind audio"])
async def test_a_silent_line_is_kept_alive_and_times_stay_exact(first: bytes) -> None:
    async with (
        soniox(keep_alive_seconds=0.05, idle_seconds=0.3) as (recognizer, vendor),
        recognizer.open_stream(TranscriptionRequest()) as stream,
    ):
        for frame in frames(first):
            await stream.send(frame)
        with anyio.fail_after(5):
            while not vendor.legs or vendor.legs[0].messages.count("keepalive") < 10:
                await anyio.sleep(0.01)
            await send(stream, frames(speech(7, 1, pause=PAUSE), start=500_000))
            words = [word async for event in stream for word in event.words]
    assert words[-1].text == text_of(7)
    assert words[-1].start == pytest.approx(500_000, abs=16)


async def test_a_line_that_is_not_kept_alive_is_lost_with_the_vendors_reason() -> None:
    async with (
        soniox(keep_alive_seconds=60.0, idle_seconds=0.05) as (recognizer, _),
        recognizer.open_stream(TranscriptionRequest()) as stream,
    ):
        with anyio.fail_after(5), pytest.raises(TemporarilyUnavailable, match=r"\(408\).*Timed out"):
            await anext(aiter(stream))


async def test_a_capture_without_audio_ends_without_an_error() -> None:
    async with soniox() as (recognizer, _):
        words, _ = await heard(recognizer, [])
    assert words == []


async def test_a_diagnosis_tells_what_to_do() -> None:
    async with soniox() as (recognizer, _):
        assert (await recognizer.diagnose()).condition is Condition.WORKING
    async with soniox(api_key="wrong") as (recognizer, _):
        diagnosis = await recognizer.diagnose()
    assert (diagnosis.condition, diagnosis.remedy) == (Condition.BROKEN, "set OMI_SPEECH_TO_TEXT__SONIOX__API_KEY")
    async with soniox(Fault(kind=FaultKind.REFUSE)) as (recognizer, _):
        assert (await recognizer.diagnose()).condition is Condition.DEGRADED


def test_the_whole_time_of_a_connection_is_paid_for() -> None:
    assert SonioxSpeechToText.terms.billing == "connection"


@pytest.mark.parametrize(
    ("language", "known"),
    [("en", True), ("en-US", True), ("pt_BR", True), ("nb-NO", True), ("multi", True), ("tlh", False), ("", False)],
)
def test_languages_are_known_by_their_primary_tag(*, language: str, known: bool) -> None:
    assert SonioxSpeechToText(SonioxSpeechToTextSettings()).supports(language) is known


def test_sixty_languages_are_known() -> None:
    assert len(LANGUAGES) == 60
