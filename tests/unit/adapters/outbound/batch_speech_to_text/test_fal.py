"""The vendor's own SDK against the simulated vendor."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from adapters.inbound.simulators.fal import SimulatedFal
from adapters.inbound.simulators.fal_faults import FalFault, FalFaultKind, FalMoment
from adapters.outbound.batch_speech_to_text.fal import FalBatchSpeechToText, FalBatchSpeechToTextSettings
from domain.audio import SAMPLE_RATE, AudioFrame
from domain.watermark import WORD_SAMPLES, speech, text_of
from ports.diagnosis import Condition
from ports.errors import Rejected, TemporarilyUnavailable
from ports.speech_to_text import TranscriptionRequest
from tests.contract.fal_harness import KEY, served_over_tls

PAUSE = 1_600
SPACING = WORD_SAMPLES + PAUSE
WANTED = TranscriptionRequest(language="en-US")


@asynccontextmanager
async def fal(
    folder: Path, *faults: FalFault, **settings: object
) -> AsyncIterator[tuple[FalBatchSpeechToText, SimulatedFal]]:
    async with served_over_tls(folder, *faults) as (vendor, certificates):
        chosen = {"api_key": KEY, "url": vendor.url, "certificates": certificates, "poll_seconds": 0.01, **settings}
        async with FalBatchSpeechToText(FalBatchSpeechToTextSettings(**chosen)) as recognizer:  # type: ignore[arg-type]
            yield recognizer, vendor


async def test_all_words_of_a_recording_come_at_their_place_in_the_capture(tmp_path: Path) -> None:
    async with fal(tmp_path) as (recognizer, vendor):
        words = await recognizer.transcribe(AudioFrame(50_000, speech(0, 40, pause=PAUSE)), WANTED)
    assert [word.text for word in words] == [text_of(number) for number in range(40)]
    assert [word.start for word in words] == [50_000 + number * SPACING for number in range(40)]
    assert [word.end - word.start for word in words] == [WORD_SAMPLES] * 40
    asked = next(iter(vendor.requests.values())).arguments
    assert (asked["language"], asked["version"], asked["diarize"]) == ("en", "3", True)


async def test_an_empty_recording_is_not_sent(tmp_path: Path) -> None:
    async with fal(tmp_path) as (recognizer, vendor):
        assert await recognizer.transcribe(AudioFrame(0, b""), WANTED) == ()
    assert vendor.submissions == 0


async def test_a_long_recording_is_sent_in_parts_that_cut_no_word(tmp_path: Path) -> None:
    recording = AudioFrame(7, speech(0, 40, pause=PAUSE))
    async with fal(tmp_path, largest_upload=110_000) as (recognizer, vendor):
        words = await recognizer.transcribe(recording, WANTED)
    assert len(vendor.requests) > 3
    assert [word.text for word in words] == [text_of(number) for number in range(40)]
    assert [word.start for word in words] == [7 + number * SPACING for number in range(40)]
    assert len({word.speaker for word in words}) == len(vendor.requests)  # nobody knows whether they are the same


@pytest.mark.parametrize("kind", [FalFaultKind.NO_ENDS, FalFaultKind.NO_TIMES, FalFaultKind.NO_VOICES])
async def test_what_whisper_leaves_out_is_filled_in(tmp_path: Path, kind: FalFaultKind) -> None:
    recording = AudioFrame(1_000, speech(96, 8, pause=PAUSE))
    async with fal(tmp_path, FalFault(kind=kind, when=FalMoment.RESULT)) as (recognizer, _):
        words = await recognizer.transcribe(recording, WANTED)
    assert [word.text for word in words] == [text_of(number) for number in range(96, 104)]
    assert all(1_000 <= word.start < word.end <= recording.end for word in words)
    assert [word.start for word in words] == sorted(word.start for word in words)
    assert [word.speaker for word in words][:4] == [0] * 4
    assert words[-2].speaker == 1


@pytest.mark.parametrize("when", [FalMoment.SUBMIT, FalMoment.STATUS, FalMoment.RESULT])
@pytest.mark.parametrize(
    ("status", "error", "says"),
    [
        (401, Rejected, "set OMI_BATCH_SPEECH_TO_TEXT__FAL__API_KEY"),
        (403, Rejected, "set OMI_BATCH_SPEECH_TO_TEXT__FAL__API_KEY"),
        (422, Rejected, "scripted"),
        (499, TemporarilyUnavailable, "canceled"),
        (500, TemporarilyUnavailable, "failed"),
    ],
)
async def test_a_refusal_names_the_cause(
    tmp_path: Path, when: FalMoment, status: int, error: type[Exception], says: str
) -> None:
    fault = FalFault(kind=FalFaultKind.HTTP_STATUS, when=when, status=status)
    async with fal(tmp_path, fault) as (recognizer, _):
        with pytest.raises(error, match=says) as caught:
            await recognizer.transcribe(AudioFrame(0, bytes(640)), WANTED)
    assert KEY not in str(caught.value)


async def test_an_overload_is_told_after_one_try(tmp_path: Path) -> None:
    fault = FalFault(kind=FalFaultKind.HTTP_STATUS, status=429)
    async with fal(tmp_path, fault) as (recognizer, vendor):
        with anyio.fail_after(2), pytest.raises(TemporarilyUnavailable, match="too many requests"):
            await recognizer.transcribe(AudioFrame(0, bytes(640)), WANTED)
    assert vendor.submissions == 1


async def test_a_look_that_fails_is_repeated_and_nothing_is_sent_twice(tmp_path: Path) -> None:
    fault = FalFault(kind=FalFaultKind.REFUSE, when=FalMoment.STATUS, times=1)
    async with fal(tmp_path, fault) as (recognizer, vendor):
        words = await recognizer.transcribe(AudioFrame(0, speech(3, 1, pause=PAUSE)), WANTED)
    assert [word.text for word in words] == [text_of(3)]
    assert vendor.submissions == 1


@pytest.mark.parametrize(
    "fault",
    [
        FalFault(kind=FalFaultKind.HANG),
        FalFault(kind=FalFaultKind.HANG, when=FalMoment.STATUS),
        FalFault(kind=FalFaultKind.HANG, when=FalMoment.RESULT),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.when}",
)
async def test_a_vendor_that_does_not_answer_is_unavailable_in_time(tmp_path: Path, fault: FalFault) -> None:
    async with fal(tmp_path, fault, timeout=0.3, poll_seconds=0.1) as (recognizer, _):
        with anyio.fail_after(3), pytest.raises(TemporarilyUnavailable):
            await recognizer.transcribe(AudioFrame(0, bytes(640)), WANTED)


async def test_a_request_that_takes_too_long_is_canceled_at_the_vendor(tmp_path: Path) -> None:
    fault = FalFault(kind=FalFaultKind.NEVER_DONE, when=FalMoment.STATUS)
    async with fal(tmp_path, fault, timeout=0.3, poll_seconds=60) as (recognizer, vendor):
        with pytest.raises(TemporarilyUnavailable):
            await recognizer.transcribe(AudioFrame(0, bytes(640)), WANTED)
    assert [request.canceled for request in vendor.requests.values()] == [True]


async def test_whoever_gives_up_cancels_at_the_vendor(tmp_path: Path) -> None:
    async with fal(tmp_path, poll_seconds=60) as (recognizer, vendor), anyio.create_task_group() as tasks:
        tasks.start_soon(recognizer.transcribe, AudioFrame(0, bytes(640)), WANTED)
        with anyio.fail_after(5):
            while not any(request.looks for request in vendor.requests.values()):
                await anyio.wait_all_tasks_blocked()
                await anyio.sleep(0.01)  # a real connection is being made
        tasks.cancel_scope.cancel()
    assert [request.canceled for request in vendor.requests.values()] == [True]


@pytest.mark.parametrize("when", [FalMoment.SUBMIT, FalMoment.STATUS, FalMoment.RESULT])
async def test_an_answer_that_is_not_understood_is_unavailable(tmp_path: Path, when: FalMoment) -> None:
    async with fal(tmp_path, FalFault(kind=FalFaultKind.NONSENSE, when=when)) as (recognizer, _):
        with pytest.raises(TemporarilyUnavailable, match="not understood"):
            await recognizer.transcribe(AudioFrame(0, bytes(640)), WANTED)


async def test_the_key_goes_to_no_other_host(tmp_path: Path) -> None:
    async with fal(tmp_path, FalFault(kind=FalFaultKind.ELSEWHERE)) as (recognizer, _):
        with pytest.raises(Rejected, match="leads to elsewhere"):
            await recognizer.transcribe(AudioFrame(0, bytes(640)), WANTED)


async def test_two_instances_have_two_addresses(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    async with fal(one) as (first, first_vendor), fal(two) as (second, second_vendor):
        await second.transcribe(AudioFrame(0, speech(0, 1, pause=PAUSE)), WANTED)
        assert (len(first_vendor.requests), len(second_vendor.requests)) == (0, 1)
        await first.transcribe(AudioFrame(0, speech(0, 1, pause=PAUSE)), WANTED)
    assert (len(first_vendor.requests), len(second_vendor.requests)) == (1, 1)


async def test_a_server_that_nobody_vouches_for_gets_no_key(tmp_path: Path) -> None:
    async with fal(tmp_path, certificates="") as (recognizer, vendor):
        with pytest.raises(TemporarilyUnavailable):
            await recognizer.transcribe(AudioFrame(0, bytes(SAMPLE_RATE)), WANTED)
    assert vendor.submissions == 0


@pytest.mark.parametrize("keep", [False, True])
async def test_nothing_stays_at_the_vendor_unless_that_is_wanted(tmp_path: Path, *, keep: bool) -> None:
    async with fal(tmp_path, keep_at_fal=keep) as (recognizer, vendor):
        await recognizer.transcribe(AudioFrame(0, bytes(640)), WANTED)
    assert [request.is_kept for request in vendor.requests.values()] == [keep]


async def test_without_a_key_the_setting_is_named(tmp_path: Path) -> None:
    async with fal(tmp_path, api_key="") as (recognizer, _):
        with pytest.raises(Rejected, match="set OMI_BATCH_SPEECH_TO_TEXT__FAL__API_KEY"):
            await recognizer.transcribe(AudioFrame(0, bytes(640)), WANTED)


async def test_the_language_is_found_out_where_it_is_not_known(tmp_path: Path) -> None:
    async with fal(tmp_path) as (recognizer, vendor):
        await recognizer.transcribe(AudioFrame(0, bytes(640)), TranscriptionRequest(language="multi"))
    assert "language" not in next(iter(vendor.requests.values())).arguments


async def test_a_diagnosis_tells_what_to_do(tmp_path: Path) -> None:
    async with fal(tmp_path) as (recognizer, vendor):
        assert (await recognizer.diagnose()).condition is Condition.WORKING
    assert vendor.submissions == 0
    async with fal(tmp_path, api_key="") as (recognizer, _):
        assert "OMI_BATCH_SPEECH_TO_TEXT__FAL__API_KEY" in (await recognizer.diagnose()).remedy
    async with fal(tmp_path, api_key="another") as (recognizer, _):
        found = await recognizer.diagnose()
    assert (found.condition, found.remedy) == (Condition.BROKEN, "set OMI_BATCH_SPEECH_TO_TEXT__FAL__API_KEY")


@pytest.mark.parametrize(
    ("fault", "condition"),
    [
        (FalFault(kind=FalFaultKind.HTTP_STATUS, when=FalMoment.STATUS, status=500), Condition.DEGRADED),
        (FalFault(kind=FalFaultKind.NONSENSE, when=FalMoment.STATUS), Condition.BROKEN),
    ],
    ids=["down", "not_fal"],
)
async def test_a_diagnosis_tells_a_failure_from_a_wrong_address(
    tmp_path: Path, fault: FalFault, condition: Condition
) -> None:
    async with fal(tmp_path, fault) as (recognizer, _):
        assert (await recognizer.diagnose()).condition is condition
