"""What a device recorded while nobody listened is heard, and put where it belongs: once, whatever crashes."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

import msgspec
from msgspec import Struct

from application.jobs.run_jobs import JobRun
from application.memories.deleted_memories import DeletedMemories
from application.offline.accept_files import Synced, Upload, result_key
from application.offline.capture_files import CaptureFile, Heard, PlacedFile, decoded, placed
from application.offline.hear_late import HearLate, divided
from application.offline.offline_sound import OfflineSound
from application.offline.place_speech import Kept, PlaceSpeech, memories_since
from application.recordings.recorded_sound import Survey, surveyed
from domain.audio import samples
from domain.errors import BusinessError
from domain.ids import UserId
from domain.late_speech import covered
from domain.session import FileSynced
from domain.spans import Span, common, length, union, without
from ports.audio_decoder import AudioDecoder
from ports.errors import NotFound, TemporarilyUnavailable
from ports.event_bus import EventBus
from ports.memory_repository import MemoryRepository
from ports.object_store import ObjectStore
from ports.recording_voice_activity_detector import RecordingVoiceActivityDetector

AROUND = samples(1.0)
"""Heard along on both sides of what is new: a recognizer needs to hear how a word begins."""


class _Spans(Struct, frozen=True):
    spans: tuple[Span, ...]


class _Work(Struct, frozen=True, kw_only=True):
    """What was found out of an upload."""

    zero: datetime
    files: tuple[PlacedFile, ...]
    new: tuple[Span, ...]
    """Stretches that no memory has yet."""


class SyncFiles:
    """Hears uploads. Every step is remembered; what it does to memories is harmless to repeat."""

    def __init__(
        self,
        *,
        objects: ObjectStore,
        memories: MemoryRepository,
        decoder: AudioDecoder,
        speech: RecordingVoiceActivityDetector,
        hear: HearLate,
        place: PlaceSpeech,
        deleted: DeletedMemories,
        events: EventBus,
    ) -> None:
        self._objects = objects
        self._memories = memories
        self._decoder = decoder
        self._speech = speech
        self._hear = hear
        self._place = place
        self._deleted = deleted
        self._events = events

    async def sync(self, run: JobRun) -> None:
        """Does a `sync_files` job.

        Raises:
            TemporarilyUnavailable: something cannot be had now, or the conversation it belongs to still goes on.
            Rejected: no recognizer takes it. The files stay.
        """
        user, upload = run.job.user, msgspec.json.decode(run.job.payload, type=Upload)
        kept = await self._kept(run, upload) if await self._is_wanted(user, upload) else []
        result = Synced(
            created=tuple(dict.fromkeys(one.memory for one in kept if one.is_new)),
            updated=tuple(dict.fromkeys(one.memory for one in kept if not one.is_new)),
        )
        await self._objects.put(user, result_key(upload.name), msgspec.json.encode(result))
        for file in upload.files:
            await self._objects.delete(user, file.key)
        if kept:
            await self._tell(user, upload)

    async def _tell(self, user: UserId, upload: Upload) -> None:
        """Apps that are connected learn which of their files they need not keep."""
        for file in upload.files:
            if file.name:
                with suppress(TemporarilyUnavailable):
                    await self._events.publish(user, FileSynced(file.name))

    async def _kept(self, run: JobRun, upload: Upload) -> list[Kept]:
        work = await self._survey(run, upload)
        wide = common(union((start - AROUND, end + AROUND) for start, end in work.new), _audio(work.files))

        async def read(file: CaptureFile) -> bytes:
            return (await self._decoded(run.job.user, file)).pcm

        sound = OfflineSound(work.files, wide, read_file=read)
        survey = await run.step("survey", lambda: surveyed(sound, self._speech), returns=Survey)
        if length(common(list(work.new), list(survey.speech))) < samples(upload.shortest):
            return []
        heard = await self._hear.heard(run, sound, within=work.new)
        if not await self._is_wanted(run.job.user, upload):
            return []
        spoken = divided(heard, within=work.new, zero=work.zero, silence=self._place.silence)
        return [await self._place.place(run, speech, sound) for speech in spoken]

    async def _is_wanted(self, user: UserId, upload: Upload) -> bool:
        """Whether the user has not deleted the conversation that it is a part of."""
        return upload.part_of is None or not await self._deleted.has(user, upload.part_of)

    async def _survey(self, run: JobRun, upload: Upload) -> _Work:
        """What there is, and what of it is new. Noted: what is put into memories is not new afterwards."""
        user, zero = run.job.user, min(file.started_at for file in upload.files)

        async def place() -> tuple[PlacedFile, ...]:
            return placed([(file, await self._decoded(user, file)) for file in upload.files], zero=zero)

        files = await run.step("placed", place, returns=tuple[PlacedFile, ...])
        audio = _audio(files)

        async def find_new() -> _Spans:
            for span in audio:  # what goes on may have the same audio: its memory will tell
                await self._place.require_ended(user, span, zero=zero)
            new = without(audio, await self._covered(user, zero=zero)) if audio else []
            return _Spans(tuple(span for span in new if span[1] - span[0] >= samples(upload.shortest)))

        new = await run.step("new", find_new, returns=_Spans)
        return _Work(zero=zero, files=files, new=new.spans)

    async def _covered(self, user: UserId, *, zero: datetime) -> list[Span]:
        around = [memory async for memory in memories_since(self._memories, user, zero)]
        return union(span for memory in around for span in covered(memory, zero=zero))

    async def _decoded(self, user: UserId, file: CaptureFile) -> Heard:
        """What a file holds; nothing where it is gone, or nobody can decode it any more."""
        try:
            return await decoded(await self._objects.get(user, file.key), file.audio, self._decoder)
        except (NotFound, BusinessError):
            return Heard(b"", 0)


def _audio(files: Iterable[PlacedFile]) -> list[Span]:
    return union((file.start, file.end) for file in files)
