"""What a device recorded while nobody listened is heard, and put where it belongs: once, whatever crashes."""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from msgspec import Struct

from application.jobs.run_jobs import JobRun
from application.listening.live_identification import KnownVoices
from application.offline.accept_files import Synced, Upload, result_key
from application.offline.capture_files import CaptureFile, Heard, PlacedFile, decoded, placed
from application.offline.offline_sound import OfflineSound
from application.offline.place_speech import Kept, LateSpeech, PlaceSpeech, memories_since
from application.recordings.diarize_recording import DiarizeRecording
from application.recordings.hear_recording import HearRecording
from application.recordings.recorded_sound import Survey, sound_parts, surveyed
from application.users.accounts import Accounts
from domain.audio import samples
from domain.errors import BusinessError
from domain.ids import UserId
from domain.late_speech import Segments, conversations, covered, neighborhoods, span_of
from domain.named_words import named
from domain.spans import Span, common, length, union, without
from domain.turns import SpokenTurn
from ports.audio_decoder import AudioDecoder
from ports.errors import NotFound
from ports.memory_repository import MemoryRepository
from ports.object_store import ObjectStore
from ports.recording_voice_activity_detector import RecordingVoiceActivityDetector
from ports.speech_to_text import TranscriptionRequest

AROUND = samples(1.0)
"""Heard along on both sides of what is new: a recognizer needs to hear how a word begins."""


class _Spans(Struct, frozen=True):
    spans: tuple[Span, ...]


class _Turns(Struct, frozen=True):
    turns: tuple[SpokenTurn, ...]


class _Work(Struct, frozen=True, kw_only=True):
    """What was found out of an upload."""

    zero: datetime
    files: tuple[PlacedFile, ...]
    new: tuple[Span, ...]
    """Stretches that no memory has yet."""


class _Heard(Struct, frozen=True, kw_only=True):
    recognizer: str
    language: str
    segments: Segments


class SyncFiles:
    """Hears uploads. Every step is remembered; what it does to memories is harmless to repeat."""

    def __init__(
        self,
        *,
        objects: ObjectStore,
        memories: MemoryRepository,
        decoder: AudioDecoder,
        speech: RecordingVoiceActivityDetector,
        hear: HearRecording,
        diarize: DiarizeRecording,
        known_voices: KnownVoices,
        accounts: Accounts,
        place: PlaceSpeech,
    ) -> None:
        self._objects = objects
        self._memories = memories
        self._decoder = decoder
        self._speech = speech
        self._hear = hear
        self._diarize = diarize
        self._known_voices = known_voices
        self._accounts = accounts
        self._place = place

    async def sync(self, run: JobRun) -> None:
        """Does a `sync_files` job.

        Raises:
            TemporarilyUnavailable: something cannot be had now, or the conversation it belongs to still goes on.
            Rejected: no recognizer takes it. The files stay.
        """
        user, upload = run.job.user, msgspec.json.decode(run.job.payload, type=Upload)
        kept = await self._kept(run, upload)
        result = Synced(
            created=tuple(dict.fromkeys(one.memory for one in kept if one.is_new)),
            updated=tuple(dict.fromkeys(one.memory for one in kept if not one.is_new)),
        )
        await self._objects.put(user, result_key(upload.name), msgspec.json.encode(result))
        for file in upload.files:
            await self._objects.delete(user, file.key)

    async def _kept(self, run: JobRun, upload: Upload) -> list[Kept]:
        work = await self._survey(run, upload)
        wide = common(union((start - AROUND, end + AROUND) for start, end in work.new), _audio(work.files))

        async def read(file: CaptureFile) -> bytes:
            return (await self._decoded(run.job.user, file)).pcm

        sound = OfflineSound(work.files, wide, read_file=read)
        survey = await run.step("survey", lambda: surveyed(sound, self._speech), returns=Survey)
        if length(common(list(work.new), list(survey.speech))) < samples(upload.shortest):
            return []
        heard = await self._heard(run, sound, work)
        return [await self._place.place(run, speech, sound) for speech in self._divided(heard, work)]

    def _divided(self, heard: _Heard, work: _Work) -> list[LateSpeech]:
        """What was heard, a conversation at a time."""
        silence = self._place.silence
        spoken = list(conversations(heard.segments, silence=silence))
        around = neighborhoods([span_of(segments) for segments in spoken], silence=silence)
        return [
            LateSpeech(
                number=number,
                zero=work.zero,
                segments=segments,
                heard=tuple(common(list(work.new), [near])),
                recognizer=heard.recognizer,
                language=heard.language,
            )
            for number, (segments, near) in enumerate(zip(spoken, around, strict=True))
        ]

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

    async def _heard(self, run: JobRun, sound: OfflineSound, work: _Work) -> _Heard:
        user = run.job.user
        language = (await self._accounts.get(user)).language or "en"
        again = await self._hear.whole(run, sound, request=TranscriptionRequest(language=language, user=user))
        words = [word for word in again.words if _lies_in((word.start + word.end) // 2, work.new)]

        async def tell_apart() -> _Turns:
            known = await self._known_voices.known(user)
            return _Turns(await self._diarize.frames(sound_parts(sound), known=known))

        turns = (await run.step("turns", tell_apart, returns=_Turns)).turns if words else ()
        segments = named(words, turns, before=(), recognizer=again.recognizer, name=run.job.id)
        return _Heard(recognizer=again.recognizer, language=language, segments=segments)

    async def _decoded(self, user: UserId, file: CaptureFile) -> Heard:
        """What a file holds; nothing where it is gone, or nobody can decode it any more."""
        try:
            return await decoded(await self._objects.get(user, file.key), file.audio, self._decoder)
        except (NotFound, BusinessError):
            return Heard(b"", 0)


def _audio(files: Iterable[PlacedFile]) -> list[Span]:
    return union((file.start, file.end) for file in files)


def _lies_in(position: int, spans: Iterable[Span]) -> bool:
    """Of a word that is cut in the very middle, the first half counts."""
    return any(start < position <= end for start, end in spans)
