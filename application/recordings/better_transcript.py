"""From a recording to a better transcript: what is in doubt first, then all of it, and only what is better stays."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from msgspec import Struct, structs

from application.jobs.run_jobs import JobRun
from application.listening.live_identification import KnownVoices
from application.recordings.diarize_recording import DiarizeRecording
from application.recordings.hear_recording import HeardAgain, HearRecording
from application.recordings.kept_transcripts import KeptTranscripts
from application.recordings.recorded_sound import RecordedSound, Survey, sound_parts, surveyed
from domain.coverage import Gap
from domain.doubtful_speech import doubts, label_of, repaired
from domain.ids import MemoryId, UserId
from domain.memory import Memory, PostProcessingStatus
from domain.named_words import named
from domain.transcript import TranscriptSegment, labeled, segments_of
from domain.transcript_choice import refusal, terms
from domain.turns import SpokenTurn
from ports.errors import Rejected
from ports.memory_repository import MemoryRepository
from ports.recording_voice_activity_detector import RecordingVoiceActivityDetector
from ports.speech_to_text import TranscriptionRequest

Segments = tuple[TranscriptSegment, ...]
CHANGED_MEANWHILE = "the transcript was changed by something else meanwhile"


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of it."""

    status: PostProcessingStatus
    recognizer: str = ""
    reason: str = ""


class Live(Struct, frozen=True, kw_only=True):
    """The transcript as it was when work began."""

    segments: Segments
    gaps: tuple[Gap, ...] = ()

    def name_of(self, recognizer: str) -> str:
        """What a recognizer is called here: another hearing by the same one is a transcript of its own."""
        mine = f"{recognizer}-recording"
        known = {segment.recognizer for segment in self.segments}
        return mine if {recognizer, mine} & known else recognizer


class _Work(Struct, frozen=True, kw_only=True):
    """What all stages of one run work with."""

    run: JobRun
    memory: MemoryId
    sound: RecordedSound
    survey: Survey
    live: Live
    request: TranscriptionRequest


class _Turns(Struct, frozen=True):
    turns: tuple[SpokenTurn, ...]


class _Replaced(Struct, frozen=True):
    """Whether a transcript stands now. It does not where something else changed it."""

    stands: bool


class Understands(Protocol):
    """Understands memories anew; `CreateMemory` does."""

    async def reprocess(self, user: UserId, memory_id: MemoryId) -> Memory:
        """Understands a memory anew, and makes it findable. Raises NotFound, TemporarilyUnavailable."""
        ...


class BetterTranscript:
    """Hears recordings again. Every step is remembered; a change of the memory is harmless to repeat."""

    def __init__(
        self,
        *,
        memories: MemoryRepository,
        hear: HearRecording,
        speech: RecordingVoiceActivityDetector,
        diarize: DiarizeRecording,
        known_voices: KnownVoices,
        transcripts: KeptTranscripts,
        understand: Understands,
    ) -> None:
        self._memories = memories
        self._hear = hear
        self._speech = speech
        self._diarize = diarize
        self._known_voices = known_voices
        self._transcripts = transcripts
        self._understand = understand

    async def survey(self, run: JobRun, sound: RecordedSound) -> Survey:
        """What there is to hear. Raises TemporarilyUnavailable."""
        return await run.step("survey", lambda: surveyed(sound, self._speech), returns=Survey)

    async def make(self, run: JobRun, memory: Memory, sound: RecordedSound, survey: Survey) -> Outcome:
        """Makes the transcript of a memory better, if it can be; and has the memory understood anew, if it was.

        Raises:
            NotFound: the memory is gone.
            TemporarilyUnavailable: something cannot be had now; what was done is remembered.
            Rejected: no recognizer takes the recording.
        """
        live = await run.step("live", lambda: _live(memory), returns=Live)
        request = TranscriptionRequest(language=memory.language or "en", user=run.job.user)
        work = _Work(run=run, memory=memory.id, sound=sound, survey=survey, live=live, request=request)
        mended = await self._mended(work)
        if mended is None:
            return _failed(CHANGED_MEANWHILE)
        try:
            whole = await self._hear.whole(run, sound, request=request)
        except Rejected as error:
            outcome = _failed(str(error))
        else:
            outcome = await self._chosen(work, mended, whole)
        if outcome.status is PostProcessingStatus.COMPLETED or mended != live.segments:
            await run.step("understood", lambda: self._understood(run.job.user, memory.id), returns=_Replaced)
        return outcome

    async def _mended(self, work: _Work) -> Segments | None:
        """The transcript with what was in doubt heard again, as it stands now; None where it cannot stand."""
        live = work.live
        asked = doubts(live.segments, gaps=live.gaps, speech=work.survey.speech)
        if not asked:
            return live.segments
        heard = await self._hear.doubts(work.run, work.sound, asked, request=work.request)
        by = live.name_of(heard.recognizer)
        mended = repaired(live.segments, heard.words, recognizer=by, name=work.run.job.id)

        def change(now: Memory) -> Memory:
            return _with(now, with_labels(mended, of=now.segments), heard=live.gaps, by=by)

        stands = await self._replaced(work, "mended", (live.segments,), change)
        return mended if stands else None

    async def _chosen(self, work: _Work, mended: Segments, whole: HeardAgain) -> Outcome:
        """Lets the better transcript stand, and keeps the other one."""
        run, live, name = work.run, work.live, work.run.job.id
        user, recognizer = run.job.user, live.name_of(whole.recognizer)
        reason = refusal(mended, whole.words, speech=work.survey.speech)
        if reason:
            unused = tuple(segments_of(whole.words, recognizer=recognizer, name=name))
            await self._transcripts.keep(user, work.memory, unused)
            return structs.replace(_failed(reason), recognizer=whole.recognizer)
        turns = (await run.step("turns", lambda: self._turns(user, work.sound), returns=_Turns)).turns
        await self._transcripts.keep(user, work.memory, live.segments)

        def change(now: Memory) -> Memory:
            new = named(whole.words, turns, before=now.segments, recognizer=recognizer, name=name)
            return _with(now, new, heard=live.gaps, by=recognizer)

        if not await self._replaced(work, "replaced", (live.segments, mended), change):
            return structs.replace(_failed(CHANGED_MEANWHILE), recognizer=whole.recognizer)
        return Outcome(status=PostProcessingStatus.COMPLETED, recognizer=whole.recognizer)

    async def _replaced(
        self, work: _Work, step: str, known: Sequence[Segments], change: Callable[[Memory], Memory]
    ) -> bool:
        """Changes the memory where its words are those that are known; says whether they are the new ones now."""
        expected = [_words(segments) for segments in known]

        def change_known(now: Memory) -> Memory:
            return change(now) if _words(now.segments) in expected else now

        async def replace() -> _Replaced:
            after = await self._memories.update(work.run.job.user, work.memory, change_known)
            return _Replaced(_words(after.segments) == _words(change(after).segments))

        return (await work.run.step(step, replace, returns=_Replaced)).stands

    async def _turns(self, user: UserId, sound: RecordedSound) -> _Turns:
        known = await self._known_voices.known(user)
        return _Turns(await self._diarize.frames(sound_parts(sound), known=known))

    async def _understood(self, user: UserId, memory: MemoryId) -> _Replaced:
        await self._understand.reprocess(user, memory)
        return _Replaced(stands=True)


def with_labels(segments: Iterable[TranscriptSegment], *, of: Iterable[TranscriptSegment]) -> Segments:
    """The segments, said by whom those of the same name are said to be said now."""
    now = {segment.id: label_of(segment) for segment in of}
    return tuple(labeled(segment, now[segment.id]) if segment.id in now else segment for segment in segments)


async def _live(memory: Memory) -> Live:
    gaps = memory.coverage.gaps if memory.coverage else ()
    return Live(segments=memory.segments, gaps=gaps)


def _with(memory: Memory, segments: Segments, *, heard: Iterable[Gap], by: str) -> Memory:
    """The memory with another transcript, and with its gaps accounted for."""
    coverage = memory.coverage
    for gap in heard:
        coverage = coverage and coverage.repaired(gap.start, gap.end, recognizer=by)
    return structs.replace(memory, segments=segments, coverage=coverage)


def _words(segments: Iterable[TranscriptSegment]) -> list[str]:
    """All words, however they are parted among segments."""
    return sorted(word for segment in segments for word in terms(segment.text))


def _failed(reason: str) -> Outcome:
    return Outcome(status=PostProcessingStatus.FAILED, reason=reason)
