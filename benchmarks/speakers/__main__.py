"""Prints how well voices are told apart: `python -m benchmarks.speakers [FOLDER]`. Takes two to four minutes."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import click

from adapters.outbound.recording_voice_activity_detector.segmentation import (
    SegmentationRecordingVoiceActivityDetector,
    SegmentationRecordingVoiceActivityDetectorSettings,
)
from adapters.outbound.speaker_encoder.wespeaker import WeSpeakerSpeakerEncoder, WeSpeakerSpeakerEncoderSettings
from adapters.outbound.speaker_segmenter.segmentation import (
    SegmentationSpeakerSegmenter,
    SegmentationSpeakerSegmenterSettings,
)
from adapters.outbound.voice_activity_detector.silero import (
    SileroVoiceActivityDetector,
    SileroVoiceActivityDetectorSettings,
)
from application.recordings.diarize_recording import DiarizeRecording
from benchmarks.speakers import detection, diarization, open_set, verification
from benchmarks.speakers.live_path import gated, live_turns
from benchmarks.speakers.recorded_voices import Conversation, RecordedVoice, conversations, recorded_voices
from benchmarks.spoken_files import NoRecordings, default_folder
from domain.audio import AudioFrame, seconds
from domain.speaker import VoiceCalibration
from ports.speaker_encoder import SpeakerEncoder

THRESHOLDS = (0.30, 0.35, 0.38, 0.42, 0.46, 0.50)
TEST_SECONDS = (3.0, 2.0, 1.0)


async def measure(folder: Path) -> AsyncIterator[str]:
    """All figures, as lines to print."""
    voices, talks = recorded_voices(folder), conversations(folder)
    async with WeSpeakerSpeakerEncoder(WeSpeakerSpeakerEncoderSettings()) as encoder:
        for line in verification.lines(await verification.verifications(voices, encoder)):
            yield line
        yield ""
        apart = [turn for talk in talks for turn in _new_voices(talk, voices)]
        async for line in _open_set([*voices, *apart], encoder):
            yield line
        async for line in _conversations(talks, encoder):
            yield line


def _new_voices(talk: Conversation, voices: list[RecordedVoice]) -> list[RecordedVoice]:
    """Turns of a conversation that was recorded, not put together from the recordings of single voices."""
    single = {voice.speaker for voice in voices if not voice.file.startswith("enroll")}
    if single & {turn.speaker for turn in talk.turns}:
        return []
    return talk.alone()


async def _open_set(voices: list[RecordedVoice], encoder: SpeakerEncoder) -> AsyncIterator[str]:
    shipped = VoiceCalibration(threshold=encoder.threshold, margin=encoder.margin)
    sweep = [VoiceCalibration(threshold=threshold, margin=encoder.margin) for threshold in THRESHOLDS]
    for duration in TEST_SECONDS:
        rounds = await open_set.heard_speakers(voices, encoder, seconds=duration)
        first, second = open_set.halves(rounds)
        for line in open_set.lines(f"open set, {duration:.0f} s: to calibrate", first, sweep):
            yield line
        for line in open_set.lines(f"open set, {duration:.0f} s: held out", second, sweep):
            yield line
        for line in open_set.lines(f"open set, {duration:.0f} s: all, as shipped", rounds, [shipped]):
            yield line
        yield ""


async def _conversations(talks: list[Conversation], encoder: SpeakerEncoder) -> AsyncIterator[str]:
    calibration = VoiceCalibration(threshold=encoder.threshold, margin=encoder.margin)
    who: list[diarization.Diarization] = []
    heard: list[detection.Detection] = []
    async with (
        SegmentationSpeakerSegmenter(SegmentationSpeakerSegmenterSettings()) as segmenter,
        SileroVoiceActivityDetector(SileroVoiceActivityDetectorSettings()) as detector,
        SegmentationRecordingVoiceActivityDetector(SegmentationRecordingVoiceActivityDetectorSettings()) as afterwards,
    ):
        diarize = DiarizeRecording(segmenter=segmenter, encoder=encoder, calibration=calibration)
        for talk in talks:
            speech = await gated(talk.pcm, detector)
            live = await live_turns(talk.pcm, speech, encoder=encoder, calibration=calibration)
            found = await afterwards.find_speech(AudioFrame(0, talk.pcm))
            told = await diarization.told_by_reference(talk, segmenter)
            who += [
                diarization.diarization("full pass", talk, await diarization.full_pass(talk, diarize)),
                diarization.diarization("live", talk, live),
                diarization.diarization("segmentation, names given", talk, told),
            ]
            open_ = [(seconds(opening.opened), seconds(opening.closed)) for opening in speech]
            heard += [
                detection.detection("live gate", talk, open_),
                detection.detection("segmentation", talk, [(seconds(start), seconds(end)) for start, end in found]),
            ]
    for line in (*diarization.lines(who), "", *detection.lines(heard)):
        yield line


async def _print(folder: Path) -> None:
    async for line in measure(folder):
        print(line)


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
def main(folder: Path | None) -> None:
    """Measures with the recordings in FOLDER and prints how well voices are told apart."""
    try:
        anyio.run(_print, folder or default_folder())
    except NoRecordings as error:
        sys.exit(f"speakers: {error}")


if __name__ == "__main__":
    main()
