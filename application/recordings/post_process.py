"""A better transcript of a memory, made from its recording when there is time: asked for, done, and told."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import msgspec
from msgspec import Struct, structs

from application.jobs.run_jobs import JobRun
from application.recordings.better_transcript import BetterTranscript, Outcome
from application.recordings.keep_recordings import KeepRecordings
from application.recordings.lent_recordings import LentRecordings
from application.recordings.recorded_sound import KeptSound, RecordedSound, UploadedSound, sound_parts
from domain.audio import SAMPLE_BYTES, samples
from domain.errors import BusinessError, MemoryNotFound
from domain.ids import JobId, MemoryId, UserId
from domain.memory import Memory, PostProcessing, PostProcessingStatus
from domain.post_processing_errors import AlreadyPostProcessing, MemoryDiscarded
from ports.errors import NotFound, Rejected
from ports.job_queue import Job, JobQueue
from ports.memory_repository import MemoryRepository
from ports.recording_decoder import RecordingDecoder

POST_PROCESS = "post_process"
"""Kind of the job."""

SHORTEST = samples(10)
"""Of a recording; less is not worth it."""
LONGEST_UPLOAD = 2 * 3_600.0
"""Seconds."""
KEEP_UPLOAD = timedelta(seconds=300)
"""So long a recording that was sent for this alone stays when all is done."""

NO_RECORDING = "no recording of it is kept"
TOO_SHORT = "the recording is shorter than 10 seconds"


class Wanted(Struct, frozen=True, kw_only=True):
    """What a `post_process` job is told."""

    memory: MemoryId
    reason: str = ""
    """Why it is done: `user`, or what found the transcript wanting."""
    lent: str = ""
    """Key of a recording that was sent for this; empty where one is kept."""


class PostProcess:
    """Makes transcripts better, once for each time it is asked, whatever crashes in between.

    How far it has come stands in the memory: `in_progress`; then `completed`, or `canceled` where there is nothing to
    work with, or `failed` where the transcript stays as it was. Each with its reason.
    """

    def __init__(
        self,
        *,
        memories: MemoryRepository,
        jobs: JobQueue,
        recordings: KeepRecordings,
        lent: LentRecordings,
        decoder: RecordingDecoder,
        better: BetterTranscript,
        keep_upload: timedelta = KEEP_UPLOAD,
    ) -> None:
        self._memories = memories
        self._jobs = jobs
        self._recordings = recordings
        self._lent = lent
        self._decoder = decoder
        self._better = better
        self._keep_upload = keep_upload

    async def request(
        self, user: UserId, memory_id: MemoryId, *, upload: bytes | None = None, reason: str = "user"
    ) -> Memory:
        """Asks for a better transcript; returns the memory with how far it has come.

        Args:
            user: whose memory.
            memory_id: which one.
            upload: a recording of it, as a file. Counts where none is kept, and is removed when it has served.
            reason: why.

        Raises:
            MemoryNotFound: the user has no such memory.
            MemoryDiscarded, AlreadyPostProcessing: nothing was changed.
            NotARecording, RecordingEmpty, RecordingTooLarge: the file cannot be used.
            TemporarilyUnavailable: it was not asked for.
        """
        memory = await self._get(user, memory_id)
        job = _job(user, Wanted(memory=memory_id, reason=reason))
        if _is_in_progress(memory):
            if await self._jobs.enqueue(job):  # a crash came before the work was handed in
                return memory
            raise AlreadyPostProcessing("Post-processing of this memory is in progress")
        if await self._recordings.has(user, memory_id):
            return await self._begin(user, job)
        if upload is None:
            return await self._tell(user, memory_id, _canceled(NO_RECORDING))
        sound = await self._decoder.decode(upload, longest=LONGEST_UPLOAD)
        if len(sound.pcm) < SHORTEST * SAMPLE_BYTES:
            return await self._tell(user, memory_id, _canceled(TOO_SHORT))
        key = await self._lent.keep(user, memory_id, upload)
        return await self._begin(user, _job(user, Wanted(memory=memory_id, reason=reason, lent=key)))

    async def process(self, run: JobRun) -> None:
        """Does a `post_process` job. What is remembered of an earlier attempt is not done again."""
        user, wanted = run.job.user, msgspec.json.decode(run.job.payload, type=Wanted)
        with suppress(NotFound, MemoryNotFound):  # the user has deleted it meanwhile
            memory = await self._memories.update(user, wanted.memory, _in_progress)
            await self._tell(user, wanted.memory, await self._outcome(run, memory, wanted))
        await self._give_back(user, wanted)

    async def given_up(self, job: Job, reason: str) -> None:
        """Says in the memory that it will not be done. Jobs of other kinds are passed over."""
        if job.kind != POST_PROCESS:
            return
        wanted = msgspec.json.decode(job.payload, type=Wanted)
        with suppress(MemoryNotFound):
            await self._tell(job.user, wanted.memory, Outcome(status=PostProcessingStatus.FAILED, reason=reason))
        await self._give_back(job.user, wanted)

    async def _outcome(self, run: JobRun, memory: Memory, wanted: Wanted) -> Outcome:
        sound = await self._sound(run.job.user, memory, wanted)
        if sound is None:
            return _canceled(NO_RECORDING)
        try:
            survey = await self._better.survey(run, sound)
            if survey.samples < SHORTEST:
                return _canceled(TOO_SHORT)
            await self._keep(run.job.user, memory.id, sound)
            return await self._better.make(run, memory, sound, survey)
        except Rejected as error:
            return Outcome(status=PostProcessingStatus.FAILED, reason=str(error))

    async def _sound(self, user: UserId, memory: Memory, wanted: Wanted) -> RecordedSound | None:
        if await self._recordings.has(user, memory.id):
            return KeptSound(self._recordings, user, memory)
        content = await self._lent.read(user, wanted.lent) if wanted.lent else None
        if content is None:
            return None
        try:
            return UploadedSound((await self._decoder.decode(content, longest=LONGEST_UPLOAD)).pcm)
        except BusinessError:
            return None

    async def _keep(self, user: UserId, memory: MemoryId, sound: RecordedSound) -> None:
        """What was sent becomes the recording of the memory, where its user permits that there is one."""
        if isinstance(sound, UploadedSound) and await self._recordings.keep(user, memory, sound_parts(sound)):
            await self._memories.update(user, memory, lambda now: structs.replace(now, has_recording=True))

    async def _begin(self, user: UserId, job: Job) -> Memory:
        wanted = msgspec.json.decode(job.payload, type=Wanted)
        await self._jobs.forget(job.id)  # an earlier time is over; what it remembers would be taken for this one's
        memory = await self._update(user, wanted.memory, _in_progress)
        await self._jobs.enqueue(job)
        return memory

    async def _tell(self, user: UserId, memory_id: MemoryId, outcome: Outcome) -> Memory:
        told = PostProcessing(status=outcome.status, recognizer=outcome.recognizer, reason=outcome.reason)
        return await self._update(user, memory_id, lambda now: structs.replace(now, postprocessing=told))

    async def _give_back(self, user: UserId, wanted: Wanted) -> None:
        if wanted.lent:
            await self._lent.forget_in(user, wanted.lent, self._keep_upload)

    async def _get(self, user: UserId, memory_id: MemoryId) -> Memory:
        try:
            memory = await self._memories.get(user, memory_id)
        except NotFound as error:
            raise MemoryNotFound("Memory not found") from error
        if memory.discarded:
            raise MemoryDiscarded("Memory is discarded")
        return memory

    async def _update(self, user: UserId, memory_id: MemoryId, change: Callable[[Memory], Memory]) -> Memory:
        try:
            return await self._memories.update(user, memory_id, change)
        except NotFound as error:
            raise MemoryNotFound("Memory not found") from error


def _job(user: UserId, wanted: Wanted) -> Job:
    return Job(
        id=JobId(f"{POST_PROCESS}:{wanted.memory}"),
        kind=POST_PROCESS,
        user=user,
        payload=msgspec.json.encode(wanted),
    )


def _is_in_progress(memory: Memory) -> bool:
    return memory.postprocessing is not None and memory.postprocessing.status is PostProcessingStatus.IN_PROGRESS


def _in_progress(memory: Memory) -> Memory:
    return structs.replace(memory, postprocessing=PostProcessing(status=PostProcessingStatus.IN_PROGRESS))


def _canceled(reason: str) -> Outcome:
    return Outcome(status=PostProcessingStatus.CANCELED, reason=reason)
