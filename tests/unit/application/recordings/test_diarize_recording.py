from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np

from adapters.outbound.speaker_encoder.fake import FakeSpeakerEncoder
from adapters.outbound.speaker_encoder.wespeaker import WeSpeakerSpeakerEncoder, WeSpeakerSpeakerEncoderSettings
from adapters.outbound.speaker_segmenter.fake import FakeSpeakerSegmenter
from adapters.outbound.speaker_segmenter.segmentation import (
    SegmentationSpeakerSegmenter,
    SegmentationSpeakerSegmenterSettings,
)
from application.recordings.diarize_recording import DiarizeRecording
from benchmarks.speakers.diarization_error import Said, diarization_errors, read_rttm
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFrame, seconds
from domain.ids import PersonId
from domain.speaker import VoiceCalibration
from domain.turns import SpokenTurn, whole_turns
from tests.support.recordings import read

LOW, HIGH, HIGHEST = 300.0, 1200.0, 2700.0
ANN, BOB = PersonId("ann"), PersonId("bob")


def tone(pitch: float, duration: float) -> bytes:
    times = np.arange(round(duration * SAMPLE_RATE)) / SAMPLE_RATE
    return (6000 * np.sin(2 * np.pi * pitch * times)).astype("<i2").tobytes()


def silence(duration: float) -> bytes:
    return bytes(round(duration * SAMPLE_RATE) * SAMPLE_BYTES)


def together(one: bytes, other: bytes) -> bytes:
    return (np.frombuffer(one, "<i2") + np.frombuffer(other, "<i2")).astype("<i2").tobytes()


def diarize() -> DiarizeRecording:
    calibration = VoiceCalibration(threshold=0.8, margin=0.05)
    return DiarizeRecording(segmenter=FakeSpeakerSegmenter(), encoder=FakeSpeakerEncoder(), calibration=calibration)


def shown(turns: tuple[SpokenTurn, ...]) -> list[tuple[float, float, int]]:
    return [(round(seconds(t.start), 1), round(seconds(t.end), 1), t.speaker) for t in whole_turns(turns)]


async def test_silence_has_no_turns():
    assert await diarize().recording(AudioFrame(0, silence(12))) == ()
    assert await diarize().recording(AudioFrame(0, b"")) == ()


async def test_voices_are_numbered_in_order_of_their_first_words():
    audio = tone(HIGH, 3) + silence(1) + tone(LOW, 4) + silence(1) + tone(HIGH, 2)

    assert shown(await diarize().recording(AudioFrame(0, audio))) == [(0, 3, 1), (4, 8, 2), (9, 11, 1)]


async def test_a_voice_is_the_same_after_many_windows():
    audio = tone(LOW, 3) + (silence(1) + tone(HIGH, 6)) * 8 + silence(1) + tone(LOW, 4)

    turns = shown(await diarize().recording(AudioFrame(0, audio)))

    assert [speaker for *_, speaker in turns] == [1, *[2] * 8, 1]


async def test_a_turn_longer_than_a_window_is_one_turn():
    assert shown(await diarize().recording(AudioFrame(0, tone(LOW, 34)))) == [(0, 34, 1)]


async def test_voices_that_speak_together_are_both_heard():
    audio = tone(LOW, 3) + together(tone(LOW, 1), tone(HIGH, 1)) + tone(HIGH, 3)

    turns = await diarize().recording(AudioFrame(0, audio))

    assert shown(turns) == [(0, 4, 1), (3, 7, 2)]
    assert [turn.is_overlap for turn in turns] == [False, True, True, False]


async def test_turns_lie_where_the_recording_lies_in_its_capture():
    audio = silence(1) + tone(LOW, 3)

    [turn] = await diarize().recording(AudioFrame(160_000, audio))

    assert (turn.start, turn.end) == (176_000, 224_000)


async def test_frames_of_a_capture_with_a_gap_are_heard_where_they_lie():
    async def frames() -> AsyncIterator[AudioFrame]:
        for start, pcm in ((0, tone(LOW, 3)), (90 * SAMPLE_RATE, tone(HIGH, 3) + silence(1) + tone(LOW, 3))):
            for at in range(0, len(pcm), 2000):
                yield AudioFrame(start + at // SAMPLE_BYTES, pcm[at : at + 2000])

    assert shown(await diarize().frames(frames())) == [(0, 3, 1), (90, 93, 2), (94, 97, 1)]


async def test_known_voices_are_named_and_strangers_are_not():
    known = {
        ANN: await FakeSpeakerEncoder().encode(tone(LOW, 2)),
        BOB: await FakeSpeakerEncoder().encode(tone(HIGH, 2)),
    }
    audio = tone(HIGHEST, 3) + silence(1) + tone(LOW, 3) + silence(1) + tone(HIGH, 3)

    turns = await diarize().recording(AudioFrame(0, audio), known=known)

    assert [(turn.speaker, turn.person) for turn in turns] == [(1, None), (2, ANN), (3, BOB)]


async def test_a_word_too_short_to_tell_is_still_given_to_the_voice_it_is_near_to():
    audio = tone(LOW, 3) + silence(1) + tone(HIGH, 3) + silence(1) + tone(LOW, 0.5)

    assert [speaker for *_, speaker in shown(await diarize().recording(AudioFrame(0, audio)))] == [1, 2, 1]


async def test_a_voice_that_is_heard_for_a_moment_only_is_nobodys():
    audio = tone(LOW, 3) + silence(1) + tone(HIGH, 0.5)

    assert [speaker for *_, speaker in shown(await diarize().recording(AudioFrame(0, audio)))] == [1, 0]


async def test_a_real_dialog_is_told_apart(audio_folder: Path):
    async with (
        WeSpeakerSpeakerEncoder(WeSpeakerSpeakerEncoderSettings()) as encoder,
        SegmentationSpeakerSegmenter(SegmentationSpeakerSegmenterSettings()) as segmenter,
    ):
        calibration = VoiceCalibration(threshold=encoder.threshold, margin=encoder.margin)
        diarize = DiarizeRecording(segmenter=segmenter, encoder=encoder, calibration=calibration)
        turns = await diarize.recording(AudioFrame(0, read(audio_folder / "conv_katie_steve.wav")))

    said = [Said(seconds(turn.start), seconds(turn.end), str(turn.speaker)) for turn in whole_turns(turns)]
    errors = diarization_errors(read_rttm(audio_folder / "conv_katie_steve.rttm"), said, collar=0.25)
    assert {turn.speaker for turn in turns} == {1, 2}
    assert errors.rate < 0.05
