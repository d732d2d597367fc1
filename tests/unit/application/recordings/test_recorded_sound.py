import pytest
from msgspec import Struct

from adapters.outbound.recording_voice_activity_detector.fake import (
    FakeRecordingVoiceActivityDetector,
    FakeRecordingVoiceActivityDetectorSettings,
)
from application.recordings import recorded_sound
from application.recordings.recorded_sound import UploadedSound, sound_parts, surveyed
from domain.audio import SAMPLE_RATE, AudioFrame
from domain.spans import length
from domain.watermark import speech, words_in

SOUND = speech(0, 100, pause=4_800)


class Holed(Struct):
    """A sound that is not there for ten seconds."""

    whole: AudioFrame
    hole: tuple[int, int]

    @property
    def end(self) -> int:
        return self.whole.end

    async def read(self, start: int, end: int) -> AudioFrame | None:
        first, last = self.hole
        if first <= start < last:
            return None
        return self.whole.between(start, min(end, first) if start < first else end)


async def test_parts_cut_no_word_and_are_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorded_sound, "PART", 10 * SAMPLE_RATE)
    found = [part async for part in sound_parts(UploadedSound(SOUND))]
    assert len(found) > 4
    assert b"".join(part.pcm for part in found) == SOUND
    assert [word.number for part in found for word in words_in(part.pcm)] == list(range(100))


async def test_nothing_is_made_up_where_nothing_was_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorded_sound, "PART", 10 * SAMPLE_RATE)
    hole = (10 * SAMPLE_RATE, 20 * SAMPLE_RATE)
    found = [part async for part in sound_parts(Holed(AudioFrame(0, SOUND), hole))]
    assert found[0].start == 0
    assert found[-1].end == len(SOUND) // 2
    assert all(part.end <= hole[0] or part.start >= hole[1] for part in found)


async def test_a_survey_says_how_much_there_is_and_where_somebody_speaks() -> None:
    detector = FakeRecordingVoiceActivityDetector(FakeRecordingVoiceActivityDetectorSettings())
    survey = await surveyed(UploadedSound(bytes(64_000) + SOUND), detector)
    assert survey.samples == 32_000 + len(SOUND) // 2
    assert survey.speech[0][0] >= 31_000
    assert 0.3 < length(survey.speech) / survey.samples < 0.6
