"""Post-processing over stores in memory."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import anyio

from adapters.outbound.clock.manual import settle
from adapters.outbound.speaker_encoder.fake import FakeSpeakerEncoder
from adapters.outbound.speaker_segmenter.fake import FakeSpeakerSegmenter
from application.jobs.run_jobs import RunJobs
from application.recordings.better_transcript import BetterTranscript
from application.recordings.diarize_recording import DiarizeRecording
from application.recordings.hear_recording import HearRecording
from application.recordings.kept_transcripts import KeptTranscripts
from application.recordings.lent_recordings import FORGET_LENT, LentRecordings
from application.recordings.post_process import POST_PROCESS, PostProcess
from domain.audio import AudioFrame
from domain.ids import MemoryId, UserId
from domain.memory import Memory
from domain.speaker import VoiceCalibration
from domain.transcript import TranscriptSegment, Word
from ports.errors import AdapterError, NotFound
from ports.speech_to_text import TranscriptionRequest
from tests.support.http_app import a_memory
from tests.support.voices import ANNA, VoiceWorld

MEMORY = MemoryId("m1")


class Scripted:
    """A recognizer of recordings that another one does the work for. It can lose words, and fail."""

    def __init__(self, recognizer: Any, *, name: str = "scripted") -> None:
        self.name = name
        self.asked: list[AudioFrame] = []
        self.failures: list[AdapterError] = []
        """Raised one after the other by the requests to come."""
        self.keep: Any = lambda words: words
        self._recognizer = recognizer

    def supports(self, language: str) -> bool:
        return bool(self._recognizer.supports(language))

    async def transcribe(self, recording: AudioFrame, request: TranscriptionRequest) -> tuple[Word, ...]:
        self.asked.append(recording)
        if self.failures:
            raise self.failures.pop(0)
        return tuple(self.keep(await self._recognizer.transcribe(recording, request)))


class Understanding:
    """Counts how often a memory was understood anew."""

    def __init__(self, memories: Any) -> None:
        self.memories = memories
        self.times = 0

    async def reprocess(self, user: UserId, memory_id: MemoryId) -> Memory:
        self.times += 1
        found: Memory = await self.memories.get(user, memory_id)
        return found


class PostProcessingWorld(VoiceWorld):
    """One server, a memory with its recording, and a worker."""

    def __init__(self, *recognizers: Any, known: Any = None, diarize: Any = None, **voices: Any) -> None:
        super().__init__(**voices)
        self._told = 0
        self.understanding = Understanding(self.memories)
        self.transcripts = KeptTranscripts(objects=self.objects, memories=self.memories)
        self.lent = LentRecordings(objects=self.objects, jobs=self.queue, clock=self.clock)
        self.diarize = diarize or DiarizeRecording(
            segmenter=FakeSpeakerSegmenter(),
            encoder=FakeSpeakerEncoder(),
            calibration=VoiceCalibration(threshold=0.8, margin=0.05),
        )
        self.post_process = PostProcess(
            memories=self.memories,
            jobs=self.queue,
            recordings=self.recordings,
            lent=self.lent,
            decoder=self.decoder,
            better=BetterTranscript(
                memories=self.memories,
                hear=HearRecording(recognizers),
                speech=self.speech,
                diarize=self.diarize,
                known_voices=known or self.profiles,
                transcripts=self.transcripts,
                understand=self.understanding,
            ),
        )

    async def remember(self, segments: Sequence[TranscriptSegment], pcm: bytes = b"", **more: Any) -> Memory:
        """A memory, and its recording if there is one."""
        memory = a_memory(**{"name": MEMORY, "language": "en", **more}, segments=tuple(segments))
        await self.memories.save(ANNA, memory)
        if pcm:
            await self.recordings.permit(ANNA)
            await self.recordings.keep(ANNA, memory.id, _once(AudioFrame(0, pcm)))
        return memory

    async def done(self, *, after: float = 0.0) -> Memory:
        """The memory after the work that is due by then."""
        jobs = RunJobs(
            queue=self.queue,
            clock=self.clock,
            handlers={POST_PROCESS: self.post_process.process, FORGET_LENT: self.lent.forget},
            report=self.failures.append,
            on_dead=self.post_process.given_up,
        )
        self._told = len(self.failures)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(jobs.run)
            await self.clock.advance(after)
            await self._idle()
            tasks.cancel_scope.cancel()
        return await self.memories.get(ANNA, MEMORY)

    async def _idle(self) -> None:
        """Until the worker has nothing to do. Models and files work in threads, which no count of turns waits for."""
        with anyio.fail_after(60):
            while await self._is_working():
                await anyio.sleep(0.01)
            await settle()

    async def _is_working(self) -> bool:
        await settle(50)
        try:
            memory = await self.memories.get(ANNA, MEMORY)
        except NotFound:
            return False
        waiting = memory.postprocessing is not None and memory.postprocessing.status == "in_progress"
        return waiting and not any(failure["outcome"] == "retry" for failure in self.failures[self._told :])


async def _once(frame: AudioFrame) -> AsyncIterator[AudioFrame]:
    yield frame


def texts(memory: Memory) -> str:
    """All that was said."""
    return " ".join(segment.text for segment in memory.segments)
