"""What voices cost: processor time for a second of audio, detector by detector, encoder by encoder, and altogether."""

import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import anyio

from adapters.outbound.recording_voice_activity_detector.pyannote import (
    PyannoteRecordingVoiceActivityDetector,
    PyannoteRecordingVoiceActivityDetectorSettings,
)
from adapters.outbound.recording_voice_activity_detector.segmentation import (
    SegmentationRecordingVoiceActivityDetector,
    SegmentationRecordingVoiceActivityDetectorSettings,
)
from adapters.outbound.speaker_encoder.ecapa import EcapaSpeakerEncoder, EcapaSpeakerEncoderSettings
from adapters.outbound.speaker_encoder.wespeaker import WeSpeakerSpeakerEncoder, WeSpeakerSpeakerEncoderSettings
from adapters.outbound.speaker_segmenter.segmentation import (
    SegmentationSpeakerSegmenter,
    SegmentationSpeakerSegmenterSettings,
)
from adapters.outbound.voice_activity_detector.pyannote import (
    PyannoteVoiceActivityDetector,
    PyannoteVoiceActivityDetectorSettings,
)
from adapters.outbound.voice_activity_detector.silero import (
    SileroVoiceActivityDetector,
    SileroVoiceActivityDetectorSettings,
)
from application.recordings.diarize_recording import DiarizeRecording
from benchmarks.figures import Figure
from benchmarks.live_voices import identify
from benchmarks.speakers.live_path import gated
from benchmarks.speakers.recorded_voices import conversations
from benchmarks.speech import conversation
from benchmarks.spoken_files import NoRecordings, default_folder
from benchmarks.untrained_models import write_ecapa, write_segmentation
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFrame, samples, seconds
from domain.speaker import VoiceCalibration
from ports.errors import Rejected
from ports.recording_voice_activity_detector import RecordingVoiceActivityDetector
from ports.speaker_encoder import SpeakerEncoder
from ports.voice_activity_detector import VoiceActivityDetector, VoiceActivityStream

TOGETHER = {"silero": (1, 8, 32, 100), "pyannote": (1, 8)}
LIVE_SECONDS = 5.0
PIECE_SECONDS = 0.064
LENGTHS = (1, 3, 5)
"""Seconds of speech that an encoder is given."""
TRIES = 5
UNIT = "ms CPU/s"
UNTRAINED = "weights untrained, size as published"


async def measure() -> list[Figure]:
    """Processor time of all threads of this process, for a second of audio: a minute, with torch."""
    return [figure async for figure in _all()]


async def _all() -> AsyncIterator[Figure]:
    async with SileroVoiceActivityDetector(SileroVoiceActivityDetectorSettings()) as silero:
        for streams in TOGETHER["silero"]:
            yield await _live("silero", silero, streams)
    async with SegmentationRecordingVoiceActivityDetector(
        SegmentationRecordingVoiceActivityDetectorSettings()
    ) as segmentation:
        yield await _recording("segmentation", segmentation)
    async with WeSpeakerSpeakerEncoder(WeSpeakerSpeakerEncoderSettings()) as encoder:
        for length in LENGTHS:
            yield await _encoder("wespeaker", encoder, length)
        try:
            for figure in await _altogether(encoder):
                yield figure
        except NoRecordings as error:
            yield Figure(what="identification of recordings", value=0, unit=UNIT, remark=f"not measured: {error}")
    with tempfile.TemporaryDirectory() as folder:
        try:
            async for figure in _of_torch(Path(folder)):
                yield figure
        except Rejected as error:
            yield Figure(what="pyannote, ecapa", value=0, unit=UNIT, remark=f"not measured: {error}")


async def _of_torch(folder: Path) -> AsyncIterator[Figure]:
    model = str(await anyio.to_thread.run_sync(write_segmentation, folder / "segmentation"))
    async with PyannoteVoiceActivityDetector(PyannoteVoiceActivityDetectorSettings(model=model)) as live:
        for streams in TOGETHER["pyannote"]:
            yield await _live("pyannote", live, streams, remark=UNTRAINED)
    async with PyannoteRecordingVoiceActivityDetector(
        PyannoteRecordingVoiceActivityDetectorSettings(model=model)
    ) as afterwards:
        yield await _recording("pyannote", afterwards, remark=UNTRAINED)
    model = str(await anyio.to_thread.run_sync(write_ecapa, folder / "ecapa"))
    async with EcapaSpeakerEncoder(EcapaSpeakerEncoderSettings(model=model)) as encoder:
        for length in LENGTHS:
            yield await _encoder("ecapa", encoder, length, remark=UNTRAINED)


async def _live(name: str, detector: VoiceActivityDetector, streams: int, *, remark: str = "") -> Figure:
    """In real time, because captures that come together are judged together."""
    pcm, size = conversation(), samples(PIECE_SECONDS) * SAMPLE_BYTES
    async with AsyncExitStack() as opened, anyio.create_task_group() as tasks:
        captures = [await opened.enter_async_context(detector.open_stream()) for _ in range(streams)]
        for capture in captures:
            tasks.start_soon(_listen, capture)
        began, used = time.monotonic(), time.process_time()
        for turn in range(round(LIVE_SECONDS / PIECE_SECONDS)):
            for capture in captures:
                capture.push(pcm[turn * size : (turn + 1) * size])
            await anyio.sleep(max(began + (turn + 1) * PIECE_SECONDS - time.monotonic(), 0))
        cost = (time.process_time() - used) / LIVE_SECONDS / streams
        late = time.monotonic() - began - LIVE_SECONDS
        tasks.cancel_scope.cancel()
    told = [remark, f"{late:.1f} s too slow" if late > PIECE_SECONDS * 2 else ""]
    return _figure(f"voice activity, {name}, live, {streams} captures", cost, remark="; ".join(filter(None, told)))


async def _listen(capture: VoiceActivityStream) -> None:
    while True:
        await capture.judge()


async def _recording(name: str, detector: RecordingVoiceActivityDetector, *, remark: str = "") -> Figure:
    pcm = conversation() * 3
    cost = await _median(lambda: detector.find_speech(AudioFrame(0, pcm)), tries=2)
    return _figure(f"voice activity, {name}, recording", cost / seconds(len(pcm) // SAMPLE_BYTES), remark=remark)


async def _encoder(name: str, encoder: SpeakerEncoder, length: int, *, remark: str = "") -> Figure:
    pcm = conversation()[: length * SAMPLE_RATE * SAMPLE_BYTES]
    cost = await _median(lambda: encoder.encode(pcm), tries=TRIES)
    return _figure(f"speaker encoder, {name}, stretches of {length} s", cost / length, remark=remark)


async def _altogether(encoder: SpeakerEncoder) -> list[Figure]:
    """Conversations identified as they would be live, and once more afterwards."""
    talks = conversations(default_folder())
    async with SileroVoiceActivityDetector(SileroVoiceActivityDetectorSettings()) as detector:
        openings = [await gated(talk.pcm, detector) for talk in talks]
    live = [await identify(talk.pcm, speech, encoder=encoder) for talk, speech in zip(talks, openings, strict=True)]
    spoken = seconds(sum(found.speech for found in live))
    calibration = VoiceCalibration(threshold=encoder.threshold, margin=encoder.margin)
    audio = seconds(sum(len(talk.pcm) for talk in talks) // SAMPLE_BYTES)
    async with SegmentationSpeakerSegmenter(SegmentationSpeakerSegmenterSettings()) as segmenter:
        diarize = DiarizeRecording(segmenter=segmenter, encoder=encoder, calibration=calibration)
        began = time.process_time()
        for talk in talks:
            await diarize.recording(AudioFrame(0, talk.pcm))
        full = time.process_time() - began
    voices = sum(found.voices for found in live)
    return [
        _figure(
            "live identification, all of it",
            sum(found.processor for found in live) / spoken,
            remark=f"per second of speech: {spoken:.0f} s in {len(talks)} recordings, {voices} stretches encoded",
        ),
        _figure("full pass over a recording", full / audio, remark=f"per second of audio: {audio:.0f} s"),
    ]


async def _median(work: Callable[[], Awaitable[object]], *, tries: int) -> float:
    """Seconds of processor; the first time does not count."""
    await work()
    costs = []
    for _ in range(tries):
        began = time.process_time()
        await work()
        costs.append(time.process_time() - began)
    return statistics.median(costs)


def _figure(what: str, cost: float, *, remark: str) -> Figure:
    return Figure(what=what, value=cost * 1e3, unit=UNIT, remark=remark)
