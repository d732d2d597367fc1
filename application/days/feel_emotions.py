"""A kind word, seldom, when the user's own voice tells of trouble."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec
from msgspec import Struct

from application.days.emotional_feedback import EmotionalFeedback
from application.jobs.run_jobs import JobRun
from application.memories.understand_memory import Understood
from application.questions.told_message import told_message
from application.recordings.keep_recordings import KeepRecordings
from application.tasks.emotional_message import emotional_message
from application.users.accounts import Accounts
from domain.audio import SAMPLE_RATE
from domain.chat import Message, Sender
from domain.emotion import MeasuredEmotions, troubles
from domain.ids import JobId, MemoryId, UserId, derived_id
from domain.material import Background
from domain.memory import Memory
from domain.transcript import TranscriptSegment
from ports.chat_history import ChatHistory
from ports.clock import Clock
from ports.emotion_analyzer import EmotionAnalyzer, VoiceWindow
from ports.errors import AdapterError, NotFound
from ports.job_queue import Job, JobQueue
from ports.key_value_store import KeyValueStore
from ports.language_model import LanguageModel
from ports.memory_repository import MemoryRepository
from ports.notifier import Notification, Notifier

FEEL_EMOTIONS = "feel_emotions"
"""Kind of the job that listens to how the user spoke."""

PAUSE = timedelta(hours=6)
"""At least, between two messages to one user."""
SHORTEST, LONGEST = SAMPLE_RATE, 30 * SAMPLE_RATE
"""Samples of a stretch that is measured."""
MOST_WINDOWS = 60
_CONTEXT = 4_000
"""Characters of what was said that a model is told."""
_TITLE = "Omi"


class Feeling(Struct, frozen=True, kw_only=True):
    """What a `feel_emotions` job is told."""

    memory: MemoryId
    measured: tuple[MeasuredEmotions, ...] | None = None
    """None: still to be measured."""


class FeelEmotions:
    """Listens to the stretches that the user spoke, and to nobody else's, for users who asked for it."""

    def __init__(
        self,
        *,
        analyzer: EmotionAnalyzer,
        feedback: EmotionalFeedback,
        memories: MemoryRepository,
        recordings: KeepRecordings,
        values: KeyValueStore,
        chat: ChatHistory,
        notifier: Notifier,
        model: LanguageModel,
        accounts: Accounts,
        jobs: JobQueue,
        clock: Clock,
    ) -> None:
        self._analyzer = analyzer
        self._feedback = feedback
        self._memories = memories
        self._recordings = recordings
        self._values = values
        self._chat = chat
        self._notifier = notifier
        self._model = model
        self._accounts = accounts
        self._jobs = jobs
        self._clock = clock

    async def hand_in(self, user: UserId, understood: Understood) -> None:
        """Has a memory listened to, where its user asked for that and its audio is kept; a follower of memories."""
        memory = understood.memory
        if memory.has_recording and not memory.discarded and await self._feedback.is_wanted(user):
            await self.request(user, Feeling(memory=memory.id), name=memory.id)

    async def request(self, user: UserId, feeling: Feeling, *, name: str) -> None:
        """Has a job done, once for each name. Raises TemporarilyUnavailable."""
        job = Job(
            id=JobId(f"{FEEL_EMOTIONS}:{name}"), kind=FEEL_EMOTIONS, user=user, payload=msgspec.json.encode(feeling)
        )
        await self._jobs.enqueue(job)

    async def feel(self, run: JobRun) -> None:
        """Does a `feel_emotions` job. What was measured is measured once; the user is told once."""
        user, asked = run.job.user, msgspec.json.decode(run.job.payload, type=Feeling)
        try:
            memory = await self._memories.get(user, asked.memory)
        except NotFound:
            return
        measured = await run.step("measure", lambda: self._measured(user, memory, asked), returns=Measurements)
        felt = troubles(_own(measured, memory.segments))
        if felt and await self._feedback.is_wanted(user) and await self._may_tell(user, memory.id):
            await self._tell(run, memory, felt)

    async def _measured(self, user: UserId, memory: Memory, asked: Feeling) -> tuple[MeasuredEmotions, ...]:
        if asked.measured is not None:
            return asked.measured
        windows = await self._windows(user, memory)
        return await self._analyzer.measure(windows) if windows else ()

    async def _windows(self, user: UserId, memory: Memory) -> list[VoiceWindow]:
        """What the user said, as it was heard. Stretches where somebody else is heard as well are left out."""
        windows: list[VoiceWindow] = []
        for segment in _spoken_alone(memory.segments)[:MOST_WINDOWS]:
            end = min(segment.end, segment.start + LONGEST)
            audio = await self._recordings.read(user, memory.id, start=segment.start, end=end)
            if audio is not None:
                windows.append(VoiceWindow(audio=audio, text=_words_until(segment, end)))
        return windows

    async def _may_tell(self, user: UserId, memory: MemoryId) -> bool:
        """Whether the user was told nothing for a while; the same memory may go on with what it began."""
        key, name = f"users:{user}:emotional_message", memory.encode()
        return await self._values.put_if_absent(key, name, lifetime=PAUSE) or await self._values.get(key) == name

    async def _tell(self, run: JobRun, memory: Memory, felt: tuple[str, ...]) -> None:
        user = run.job.user
        text = await run.step("word", lambda: self._worded(user, memory, felt), returns=str)
        message = Message(
            id=derived_id(FEEL_EMOTIONS, user, memory.id),
            text=text,
            created_at=self._clock.now(),
            sender=Sender.AI,
            memory_ids=(memory.id,),
        )
        await run.step("keep", lambda: self._chat.append(user, message), returns=type(None))
        note = Notification(title=_TITLE, body=text, data=told_message(message, occasion="emotional_message"))
        await run.step("notify", lambda: self._notifier.notify(user, note), returns=type(None))

    async def _worded(self, user: UserId, memory: Memory, felt: tuple[str, ...]) -> str:
        account = await self._accounts.get(user)
        said = "\n".join(segment.text for segment in memory.segments if segment.is_user)
        task = emotional_message(
            felt,
            context=f"{memory.structure.title}\n{said}"[:_CONTEXT],
            background=Background(user_name=account.name),
            language=account.language or memory.language or "en",
        )
        try:
            return (await self._model.generate(task)).value or task.fallback or ""
        except AdapterError:
            return task.fallback or ""


Measurements = tuple[MeasuredEmotions, ...]


def _spoken_alone(segments: Sequence[TranscriptSegment]) -> list[TranscriptSegment]:
    others = [segment for segment in segments if not segment.is_user]
    return [
        segment
        for segment in segments
        if segment.is_user
        and segment.end - segment.start >= SHORTEST
        and not any(other.start < segment.end and segment.start < other.end for other in others)
    ]


def _own(measured: Measurements, segments: Sequence[TranscriptSegment]) -> Measurements:
    """What was measured within the user's own segments. Whoever measured, nobody else's feelings are the user's."""
    own = [segment for segment in segments if segment.is_user]
    return tuple(each for each in measured if any(s.start <= each.start and each.end <= s.end for s in own))


def _words_until(segment: TranscriptSegment, end: int) -> str:
    """The words of the part of a segment that is measured, as if they were spoken evenly."""
    words = segment.text.split()
    share = (end - segment.start) / max(1, segment.end - segment.start)
    return " ".join(words[: round(len(words) * share)])
