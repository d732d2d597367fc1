"""A damaged transcript of real speech becomes whole again; a worse one never takes its place."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from itertools import accumulate
from pathlib import Path

import pytest
from msgspec import structs

from adapters.outbound.batch_speech_to_text import moonshine as moonshine_module
from adapters.outbound.batch_speech_to_text.moonshine import (
    MoonshineBatchSpeechToText,
    MoonshineBatchSpeechToTextSettings,
)
from adapters.outbound.recording_voice_activity_detector.segmentation import (
    SegmentationRecordingVoiceActivityDetector,
    SegmentationRecordingVoiceActivityDetectorSettings,
)
from adapters.outbound.speaker_encoder.wespeaker import WeSpeakerSpeakerEncoder, WeSpeakerSpeakerEncoderSettings
from adapters.outbound.speaker_segmenter.segmentation import (
    SegmentationSpeakerSegmenter,
    SegmentationSpeakerSegmenterSettings,
)
from application.recordings.diarize_recording import DiarizeRecording
from benchmarks.word_error_rate import distance, normalized
from domain.coverage import Coverage, Gap
from domain.ids import SegmentId
from domain.memory import Memory
from domain.speaker import VoiceCalibration
from domain.transcript import TranscriptSegment
from tests.support.moonshine_models import shared_model
from tests.support.post_processing import MEMORY, PostProcessingWorld, Scripted, texts
from tests.support.utterances import Utterance, real_speech
from tests.support.voices import ANNA

COUNT = 6
LOST, GAP = 1, 4
"""Of the sentences: one that the live recognizer did not notice, and one that nobody was there to hear."""


class Scene:
    """A recording of six sentences by three voices, and what the live recognizer made of them."""

    def __init__(self, world: PostProcessingWorld, recognizer: Scripted, audio_folder: Path) -> None:
        self.world = world
        self.recognizer = recognizer
        self.utterances = [real_speech(number, audio_folder) for number in range(COUNT)]
        starts = accumulate((utterance.samples for utterance in self.utterances), initial=0)
        self.places = [(start, start + one.samples) for start, one in zip(starts, self.utterances, strict=False)]

    async def remember(self, *missing: int) -> Memory:
        live = [self._segment(number) for number in range(COUNT) if number not in missing]
        gaps = (Gap(*self.places[GAP], "no recognizer could be reached"),) if GAP in missing else ()
        pcm = b"".join(utterance.pcm for utterance in self.utterances)
        return await self.world.remember(live, pcm, coverage=Coverage(captured=len(pcm) // 2, gaps=gaps))

    async def processed(self) -> Memory:
        await self.world.post_process.request(ANNA, MEMORY)
        return await self.world.done()

    def wrong_words(self, memory: Memory) -> int:
        said = [word for utterance in self.utterances for word in utterance.words]
        return distance(said, normalized(texts(memory)))

    def _segment(self, number: int) -> TranscriptSegment:
        start, end = self.places[number]
        utterance: Utterance = self.utterances[number]
        text = " ".join(utterance.words)
        return TranscriptSegment(id=SegmentId(f"s{number}"), text=text, start=start, end=end, recognizer="live")


@pytest.fixture
async def scene(audio_folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    monkeypatch.setattr(moonshine_module, "MoonshineModel", shared_model)
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        local = await enter(MoonshineBatchSpeechToText(MoonshineBatchSpeechToTextSettings()))
        detector = SegmentationRecordingVoiceActivityDetector(SegmentationRecordingVoiceActivityDetectorSettings())
        segmenter = await enter(SegmentationSpeakerSegmenter(SegmentationSpeakerSegmenterSettings()))
        encoder = await enter(WeSpeakerSpeakerEncoder(WeSpeakerSpeakerEncoderSettings(longest_seconds=3)))
        calibration = VoiceCalibration(threshold=encoder.threshold, margin=encoder.margin)
        diarize = DiarizeRecording(segmenter=segmenter, encoder=encoder, calibration=calibration)
        recognizer = Scripted(local, name="moonshine")
        world = PostProcessingWorld(recognizer, diarize=diarize, speech=await enter(detector), encoder=encoder)
        yield Scene(world, recognizer, audio_folder)


async def test_a_damaged_transcript_becomes_whole(scene: Scene) -> None:
    damaged = await scene.remember(LOST, GAP)
    assert scene.wrong_words(damaged) >= 13
    memory = await scene.processed()
    assert memory.postprocessing is not None
    assert (memory.postprocessing.status.value, memory.postprocessing.recognizer) == ("completed", "moonshine")
    assert scene.wrong_words(memory) <= 2
    assert memory.coverage is not None
    assert memory.coverage.gaps == ()
    assert {segment.recognizer for segment in memory.segments} == {"moonshine"}
    assert len({segment.speaker for segment in memory.segments}) > 1
    assert scene.world.understanding.times == 1
    assert [len(frame.pcm) // 2 for frame in scene.recognizer.asked[:2]] < [10 * 16_000] * 2


async def test_a_worse_transcript_is_refused_and_the_repairs_stay(scene: Scene) -> None:
    await scene.remember(LOST, GAP)
    whole = sum(utterance.samples for utterance in scene.utterances)
    scene.recognizer.keep = lambda words: [word for word in words if word.end < 0.6 * whole or len(words) < 15]
    memory = await scene.processed()
    assert memory.postprocessing is not None
    assert memory.postprocessing.status.value == "failed"
    assert "the new transcript" in memory.postprocessing.reason
    assert scene.wrong_words(memory) <= 2
    assert set(await scene.world.transcripts.all(ANNA, MEMORY)) == {"live", "moonshine"}


async def test_a_model_that_goes_round_in_circles_is_refused(scene: Scene) -> None:
    before = await scene.remember()
    scene.recognizer.keep = lambda words: [structs.replace(word, text="you") for word in words]
    memory = await scene.processed()
    assert memory.postprocessing is not None
    assert (memory.postprocessing.status.value, memory.segments) == ("failed", before.segments)
    assert "repeats itself" in memory.postprocessing.reason
