"""A better transcript from the recording, over watermarked speech: what was lost and doubled can be counted."""

from typing import Any

import pytest

from adapters.outbound.batch_speech_to_text.fake import FakeBatchSpeechToText
from application.recordings import hear_recording, recorded_sound
from application.recordings.post_process import NO_RECORDING, TOO_SHORT
from domain.audio import SAMPLE_RATE
from domain.coverage import Coverage, Gap
from domain.errors import MemoryNotFound
from domain.ids import PersonId, SegmentId
from domain.memory import Memory, PostProcessing, PostProcessingStatus
from domain.post_processing_errors import AlreadyPostProcessing, MemoryDiscarded
from domain.transcript import TranscriptSegment
from domain.voice_errors import NotARecording
from domain.watermark import WORD_SAMPLES, speech, text_of
from ports.errors import NotFound, Rejected, TemporarilyUnavailable
from tests.support.post_processing import MEMORY, PostProcessingWorld, Scripted, texts
from tests.support.voices import ANNA, wav

PAUSE = 4_800
EACH = WORD_SAMPLES + PAUSE
"""Half a second."""
COUNT = 60
SOUND = speech(0, COUNT, pause=PAUSE)
EVERY = " ".join(text_of(number) for number in range(COUNT))


def said(first: int, count: int, **more: Any) -> TranscriptSegment:
    text = " ".join(text_of(number) for number in range(first, first + count))
    places = {"id": SegmentId(f"s{first}"), "start": first * EACH, "end": (first + count) * EACH - PAUSE}
    return TranscriptSegment(**{"text": text, "recognizer": "live", **places, **more})


def state(memory: Memory) -> tuple[str, str]:
    assert memory.postprocessing is not None
    return memory.postprocessing.status.value, memory.postprocessing.reason


@pytest.fixture
def recognizer() -> Scripted:
    return Scripted(FakeBatchSpeechToText())


@pytest.fixture
def world(recognizer: Scripted) -> PostProcessingWorld:
    return PostProcessingWorld(recognizer)


async def test_a_gap_and_a_lost_sentence_are_repaired(world: PostProcessingWorld, recognizer: Scripted) -> None:
    coverage = Coverage(captured=COUNT * EACH, gaps=(Gap(10 * EACH, 20 * EACH, "nobody listened"),))
    await world.remember([said(0, 10), said(20, 15), said(45, 15)], SOUND, coverage=coverage)
    asked = await world.post_process.request(ANNA, MEMORY)
    assert state(asked) == ("in_progress", "")
    memory = await world.done()
    assert state(memory) == ("completed", "")
    assert texts(memory) == EVERY
    assert memory.coverage is not None
    assert memory.coverage.gaps == ()
    assert world.understanding.times == 1
    assert [len(frame.pcm) < len(SOUND) / 2 for frame in recognizer.asked] == [True, True, False]  # short ones first


async def test_a_long_recording_is_heard_in_parts_and_no_word_twice(
    world: PostProcessingWorld, recognizer: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (recorded_sound, hear_recording):
        monkeypatch.setattr(module, "PART", 8 * SAMPLE_RATE)
    await world.remember([said(0, 10)], SOUND)
    await world.post_process.request(ANNA, MEMORY)
    memory = await world.done()
    assert (state(memory)[0], texts(memory)) == ("completed", EVERY)
    assert max(len(frame.pcm) for frame in recognizer.asked) <= 2 * 10 * SAMPLE_RATE
    assert len(recognizer.asked) > 4


async def test_repairs_stay_when_the_whole_is_refused(world: PostProcessingWorld, recognizer: Scripted) -> None:
    await world.remember([said(0, 30), said(40, 20)], SOUND)
    recognizer.keep = lambda words: words if len(words) < 20 else words[: len(words) // 2]
    await world.post_process.request(ANNA, MEMORY)
    memory = await world.done()
    assert state(memory)[0] == "failed"
    assert "too few words" in state(memory)[1]
    assert texts(memory) == EVERY
    assert world.understanding.times == 1


async def test_a_worse_transcript_changes_nothing_and_is_kept(world: PostProcessingWorld, recognizer: Scripted) -> None:
    before = await world.remember([said(0, COUNT)], SOUND)
    recognizer.keep = lambda words: words[:20]
    await world.post_process.request(ANNA, MEMORY)
    memory = await world.done()
    assert state(memory)[0] == "failed"
    assert memory.segments == before.segments
    assert world.understanding.times == 0
    kept = await world.transcripts.all(ANNA, MEMORY)
    assert {name: len(" ".join(s.text for s in found).split()) for name, found in kept.items()} == {
        "live": COUNT,
        "scripted": 20,
    }


async def test_both_transcripts_are_kept(world: PostProcessingWorld) -> None:
    live = await world.remember([said(0, COUNT - 4)], SOUND)
    await world.post_process.request(ANNA, MEMORY)
    memory = await world.done()
    kept = await world.transcripts.all(ANNA, MEMORY)
    assert kept == {"live": live.segments, "scripted": memory.segments}
    await world.transcripts.forget(ANNA, MEMORY)
    assert await world.transcripts.all(ANNA, MEMORY) == {"scripted": memory.segments}


async def test_the_same_recognizer_twice_makes_two_transcripts(recognizer: Scripted) -> None:
    recognizer.name = "live"
    world = PostProcessingWorld(recognizer)
    await world.remember([said(0, COUNT - 4)], SOUND)
    await world.post_process.request(ANNA, MEMORY)
    await world.done()
    assert set(await world.transcripts.all(ANNA, MEMORY)) == {"live", "live-recording"}


async def test_what_the_user_said_of_a_speaker_stays(world: PostProcessingWorld) -> None:
    ann = PersonId("ann")
    live = [said(0, 20, is_user=True, speaker=1), said(20, 20, speaker=2), said(40, 20, speaker=1, person_id=ann)]
    await world.remember(live, SOUND)
    await world.post_process.request(ANNA, MEMORY)
    memory = await world.done()
    found = {word: s for s in memory.segments for word in s.text.split()}
    assert {found[text_of(n)].is_user for n in range(20)} == {True}
    assert {(found[text_of(n)].is_user, found[text_of(n)].person_id) for n in range(20, 40)} == {(False, None)}
    assert {found[text_of(n)].person_id for n in range(40, 60)} == {ann}


async def test_a_failure_that_passes_is_not_paid_for_twice(world: PostProcessingWorld, recognizer: Scripted) -> None:
    await world.remember([said(0, 30), said(40, 20)], SOUND)
    recognizer.failures = [TemporarilyUnavailable("overloaded")]
    await world.post_process.request(ANNA, MEMORY)
    assert state(await world.done()) == ("in_progress", "")
    assert state(await world.done(after=6)) == ("completed", "")
    assert len(recognizer.asked) == 3  # the one that failed, again, and the whole
    assert world.understanding.times == 1


async def test_doing_the_work_again_changes_nothing(world: PostProcessingWorld) -> None:
    await world.remember([said(0, 30), said(40, 20)], SOUND)
    await world.post_process.request(ANNA, MEMORY)
    memory = await world.done()
    await world.post_process.request(ANNA, MEMORY)
    again = await world.done()
    assert texts(again) == EVERY
    assert [s.text for s in again.segments] == [s.text for s in memory.segments]


async def test_a_recognizer_that_refuses_leaves_it_to_the_next(recognizer: Scripted) -> None:
    refusing = Scripted(FakeBatchSpeechToText(), name="refusing")
    refusing.failures = [Rejected("no credit")] * 5
    world = PostProcessingWorld(refusing, recognizer)
    await world.remember([said(0, COUNT - 4)], SOUND)
    await world.post_process.request(ANNA, MEMORY)
    memory = await world.done()
    assert memory.postprocessing == PostProcessing(status=PostProcessingStatus.COMPLETED, recognizer="scripted")


async def test_where_all_refuse_it_failed_and_says_why(world: PostProcessingWorld, recognizer: Scripted) -> None:
    before = await world.remember([said(0, COUNT)], SOUND)
    recognizer.failures = [Rejected("no credit")]
    await world.post_process.request(ANNA, MEMORY)
    memory = await world.done()
    assert state(memory) == ("failed", "no credit")
    assert memory.segments == before.segments


async def test_what_is_given_up_failed(world: PostProcessingWorld, recognizer: Scripted) -> None:
    await world.remember([said(0, COUNT)], SOUND)
    recognizer.failures = [TemporarilyUnavailable("down")] * 6
    await world.post_process.request(ANNA, MEMORY)
    for wait in (0, 6, 61, 601, 3_601, 21_601):
        memory = await world.done(after=wait)
    assert state(memory) == ("failed", "unavailable: down")


async def test_without_a_recording_it_is_canceled(world: PostProcessingWorld) -> None:
    await world.remember([said(0, COUNT)])
    assert state(await world.post_process.request(ANNA, MEMORY)) == ("canceled", NO_RECORDING)


async def test_a_short_recording_is_canceled(world: PostProcessingWorld) -> None:
    await world.remember([said(0, 10)], SOUND[: 9 * SAMPLE_RATE * 2])
    await world.post_process.request(ANNA, MEMORY)
    assert state(await world.done()) == ("canceled", TOO_SHORT)


async def test_what_cannot_be_asked_for_is_refused(world: PostProcessingWorld) -> None:
    with pytest.raises(MemoryNotFound):
        await world.post_process.request(ANNA, MEMORY)
    await world.remember([said(0, COUNT)], SOUND, discarded=True)
    with pytest.raises(MemoryDiscarded):
        await world.post_process.request(ANNA, MEMORY)
    await world.remember([said(0, COUNT)], SOUND)
    await world.post_process.request(ANNA, MEMORY)
    with pytest.raises(AlreadyPostProcessing):
        await world.post_process.request(ANNA, MEMORY)


async def test_a_crash_before_the_work_was_handed_in_is_mended_by_asking_again(world: PostProcessingWorld) -> None:
    begun = PostProcessing(status=PostProcessingStatus.IN_PROGRESS)
    await world.remember([said(0, COUNT - 4)], SOUND, postprocessing=begun)
    await world.post_process.request(ANNA, MEMORY)
    assert state(await world.done())[0] == "completed"


async def test_a_file_serves_and_is_gone_five_minutes_later(world: PostProcessingWorld) -> None:
    await world.remember([said(0, COUNT - 10)])
    await world.post_process.request(ANNA, MEMORY, upload=wav(SOUND))
    assert len(await world.objects.list(ANNA, "lent/")) == 1
    memory = await world.done()
    assert (state(memory)[0], texts(memory)) == ("completed", EVERY)
    await world.done(after=299)
    assert len(await world.objects.list(ANNA, "lent/")) == 1
    await world.done(after=2)
    assert await world.objects.list(ANNA, "lent/") == ()
    assert not memory.has_recording


async def test_a_file_becomes_the_recording_where_that_is_permitted(world: PostProcessingWorld) -> None:
    await world.remember([said(0, COUNT - 10)])
    await world.recordings.permit(ANNA)
    await world.post_process.request(ANNA, MEMORY, upload=wav(SOUND))
    assert (await world.done()).has_recording
    assert await world.recordings.has(ANNA, MEMORY)
    await world.done(after=301)
    assert await world.objects.list(ANNA, "lent/") == ()


async def test_a_file_goes_within_a_day_whatever_happens(world: PostProcessingWorld, recognizer: Scripted) -> None:
    recognizer.failures = [TemporarilyUnavailable("down")] * 6
    await world.remember([said(0, COUNT)])
    await world.post_process.request(ANNA, MEMORY, upload=wav(SOUND))
    await world.done(after=24 * 3_600 + 1)
    assert await world.objects.list(ANNA, "lent/") == ()


async def test_a_file_that_is_none_is_refused(world: PostProcessingWorld) -> None:
    await world.remember([said(0, COUNT)])
    with pytest.raises(NotARecording):
        await world.post_process.request(ANNA, MEMORY, upload=b"hello")
    short = await world.post_process.request(ANNA, MEMORY, upload=wav(SOUND[:1_000]))
    assert state(short) == ("canceled", TOO_SHORT)
    assert await world.objects.list(ANNA) == ()


async def test_a_memory_that_is_deleted_meanwhile_stays_deleted(world: PostProcessingWorld) -> None:
    await world.remember([said(0, COUNT - 4)], SOUND)
    await world.post_process.request(ANNA, MEMORY)
    await world.memories.delete(ANNA, MEMORY)
    with pytest.raises(NotFound):
        await world.done()
    assert world.failures == []


async def test_a_transcript_that_something_else_changed_stays(world: PostProcessingWorld, recognizer: Scripted) -> None:
    await world.remember([said(0, COUNT - 4)], SOUND)
    other = said(0, COUNT, recognizer="other", text="something else entirely")

    recognizer.failures = [TemporarilyUnavailable("later")]
    await world.post_process.request(ANNA, MEMORY)
    await world.done()
    await world.remember([other], SOUND, postprocessing=PostProcessing(status=PostProcessingStatus.IN_PROGRESS))
    memory = await world.done(after=6)
    assert state(memory) == ("failed", "the transcript was changed by something else meanwhile")
    assert texts(memory) == "something else entirely"
