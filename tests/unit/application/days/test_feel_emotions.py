"""Kind words: seldom, to whom they are meant for, and because of nobody else's voice."""

from datetime import timedelta

import pytest
from msgspec import structs

from adapters.outbound.chat_history.memory import InMemoryChatHistory
from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.emotion_analyzer.fake import FakeEmotionAnalyzer
from adapters.outbound.job_queue.memory import InMemoryJobQueue
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from adapters.outbound.language_model.fake import FakeLanguageModel
from adapters.outbound.memory_repository.memory import InMemoryMemoryRepository
from adapters.outbound.notifier.fake import FakeNotifier
from adapters.outbound.object_store.memory import InMemoryObjectStore
from adapters.outbound.recording_decoder.soundfile import SoundfileRecordingDecoder, SoundfileRecordingDecoderSettings
from adapters.outbound.recording_encoder.soundfile import SoundfileRecordingEncoder
from application.days.emotion_callbacks import EmotionCallbacks
from application.days.emotional_feedback import EmotionalFeedback
from application.days.feel_emotions import FEEL_EMOTIONS, FeelEmotions
from application.memories.understand_memory import Understood
from application.recordings.keep_recordings import KeepRecordings
from application.users.accounts import Accounts
from domain.audio import SAMPLE_RATE, AudioFrame
from domain.emotion import MeasuredEmotions
from domain.ids import MemoryId, SegmentId, UserId
from domain.memory import Memory
from domain.transcript import TranscriptSegment
from ports.errors import TemporarilyUnavailable
from tests.support.jobs import attempt, attempt_and_crash
from tests.support.memories import a_memory

ANNA = UserId("anna")
LOUD, QUIET = 30_000, 2_000


class Scene:
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.values, self.queue = InMemoryKeyValueStore(clock=self.clock), InMemoryJobQueue(clock=self.clock)
        self.memories, self.chat = InMemoryMemoryRepository(), InMemoryChatHistory()
        self.notifier, self.analyzer, self.model = FakeNotifier(), FakeEmotionAnalyzer(), FakeLanguageModel()
        self.recordings = KeepRecordings(
            objects=InMemoryObjectStore(),
            values=self.values,
            memories=self.memories,
            files=SoundfileRecordingEncoder(),
            decoder=SoundfileRecordingDecoder(SoundfileRecordingDecoderSettings()),
        )
        self.feedback = EmotionalFeedback(values=self.values)
        self.feel = FeelEmotions(
            analyzer=self.analyzer,
            feedback=self.feedback,
            memories=self.memories,
            recordings=self.recordings,
            values=self.values,
            chat=self.chat,
            notifier=self.notifier,
            model=self.model,
            accounts=Accounts(store=self.values),
            jobs=self.queue,
            clock=self.clock,
        )
        self.callbacks = EmotionCallbacks(values=self.values, feel=self.feel)

    async def keep(self, name: str, turns: list[tuple[bool, int]]) -> Memory:
        """A talk with a turn every three seconds, each two seconds of a steady loudness."""
        segments = [turn(place, is_user=is_user) for place, (is_user, _) in enumerate(turns)]
        memory = a_memory(name, segments=tuple(segments), has_recording=True)
        await self.memories.save(ANNA, memory)
        await self.recordings.permit(ANNA)

        async def frames():  # type: ignore[no-untyped-def]
            for segment, (_, level) in zip(segments, turns, strict=True):
                yield AudioFrame(segment.start, level.to_bytes(2, "little") * (segment.end - segment.start))

        await self.recordings.keep(ANNA, memory.id, frames())
        return memory

    async def listen(self, memory: Memory) -> bool:
        await self.feel.hand_in(ANNA, Understood(memory=memory))
        return await attempt(self.queue, FEEL_EMOTIONS, self.feel.feel)


def turn(place: int, *, is_user: bool, overlap: int = 0) -> TranscriptSegment:
    start = place * 3 * SAMPLE_RATE - overlap
    return TranscriptSegment(
        id=SegmentId(f"s{place}"), text=f"turn {place}", start=start, end=start + 2 * SAMPLE_RATE, is_user=is_user
    )


@pytest.fixture
async def scene() -> Scene:
    scene = Scene()
    await scene.feedback.want(ANNA)
    return scene


USER_IS_ANGRY = [(True, LOUD)] * 3 + [(False, QUIET)] * 3
OTHERS_ARE_ANGRY = [(True, QUIET)] * 3 + [(False, LOUD)] * 5


async def test_a_user_in_trouble_gets_a_kind_word(scene: Scene) -> None:
    await scene.listen(await scene.keep("talk", USER_IS_ANGRY))
    (message,) = await scene.chat.recent(ANNA)
    assert message.text.startswith("That sounded like a lot")
    assert message.memory_ids == (MemoryId("talk"),)
    ((user, note),) = scene.notifier.sent
    assert (user, note.title, note.body, note.data["text"]) == (ANNA, "Omi", message.text, message.text)


async def test_anger_of_others_is_never_the_users(scene: Scene) -> None:
    await scene.listen(await scene.keep("calm", [(True, QUIET)] * 3))
    await scene.listen(await scene.keep("talk", OTHERS_ARE_ANGRY))
    assert await scene.chat.recent(ANNA) == ()
    assert scene.notifier.sent == []


async def test_only_the_users_own_audio_is_measured(scene: Scene) -> None:
    memory = await scene.keep("talk", OTHERS_ARE_ANGRY)
    await scene.listen(memory)
    (windows,) = scene.analyzer.measured
    own = [segment for segment in memory.segments if segment.is_user]
    assert [(w.audio.start, w.audio.end) for w in windows] == [(s.start, s.end) for s in own]
    assert {w.audio.pcm for w in windows} == {QUIET.to_bytes(2, "little") * 2 * SAMPLE_RATE}


async def test_where_others_speak_as_well_nothing_is_measured(scene: Scene) -> None:
    memory = await scene.keep("talk", [(True, LOUD)] * 4)
    other = turn(1, is_user=False, overlap=SAMPLE_RATE)
    memory = structs.replace(memory, segments=(*memory.segments, other))
    await scene.memories.save(ANNA, memory)
    await scene.listen(memory)
    assert [window.text for windows in scene.analyzer.measured for window in windows] == ["turn 0", "turn 2", "turn 3"]


async def test_two_stretches_are_too_little_to_tell(scene: Scene) -> None:
    await scene.listen(await scene.keep("talk", [(True, LOUD)] * 2))
    assert scene.notifier.sent == []


async def test_who_did_not_ask_is_not_listened_to(scene: Scene) -> None:
    await scene.feedback.decline(ANNA)
    assert not await scene.listen(await scene.keep("talk", USER_IS_ANGRY))
    assert scene.analyzer.measured == []


async def test_who_declines_meanwhile_is_told_nothing(scene: Scene) -> None:
    memory = await scene.keep("talk", USER_IS_ANGRY)
    await scene.feel.hand_in(ANNA, Understood(memory=memory))
    await scene.feedback.decline(ANNA)
    await attempt(scene.queue, FEEL_EMOTIONS, scene.feel.feel)
    assert scene.notifier.sent == []


async def test_within_six_hours_there_is_one_message(scene: Scene) -> None:
    for name in ("one", "two"):
        await scene.listen(await scene.keep(name, USER_IS_ANGRY))
    assert len(scene.notifier.sent) == 1
    await scene.clock.advance(timedelta(hours=6, minutes=1).total_seconds())
    await scene.listen(await scene.keep("three", USER_IS_ANGRY))
    assert len(scene.notifier.sent) == 2


async def test_a_crash_doubles_nothing(scene: Scene) -> None:
    memory = await scene.keep("talk", USER_IS_ANGRY)
    await scene.feel.hand_in(ANNA, Understood(memory=memory))
    await attempt_and_crash(scene.queue, FEEL_EMOTIONS, scene.feel.feel)
    await scene.clock.advance(3_600)
    assert await attempt(scene.queue, FEEL_EMOTIONS, scene.feel.feel)
    assert (len(scene.notifier.sent), len(await scene.chat.recent(ANNA)), len(scene.analyzer.measured)) == (1, 1, 1)


async def test_what_could_not_be_told_is_told_by_the_next_attempt(scene: Scene) -> None:
    memory = await scene.keep("talk", USER_IS_ANGRY)
    await scene.feel.hand_in(ANNA, Understood(memory=memory))
    scene.notifier.is_away = True
    with pytest.raises(TemporarilyUnavailable):
        await attempt_and_crash(scene.queue, FEEL_EMOTIONS, scene.feel.feel)
    scene.notifier.is_away = False
    await scene.clock.advance(3_600)
    await attempt(scene.queue, FEEL_EMOTIONS, scene.feel.feel)
    assert len(scene.notifier.sent) == 1


async def test_a_model_words_it_and_is_told_what_the_user_said_alone(scene: Scene) -> None:
    scene.model.answers.append("Breathe. The roof can wait until tomorrow.")
    await scene.listen(await scene.keep("talk", [*USER_IS_ANGRY, (False, LOUD)]))
    assert scene.notifier.sent[0][1].body == "Breathe. The roof can wait until tomorrow."
    (task,) = scene.model.tasks
    assert "turn 0" in str(task.materials)
    assert "turn 6" not in str(task.materials)


async def test_a_deleted_memory_is_not_listened_to(scene: Scene) -> None:
    memory = await scene.keep("talk", USER_IS_ANGRY)
    await scene.feel.hand_in(ANNA, Understood(memory=memory))
    await scene.memories.delete(ANNA, memory.id)
    assert await attempt(scene.queue, FEEL_EMOTIONS, scene.feel.feel)
    assert scene.analyzer.measured == []


def reported(*turns: int) -> list[MeasuredEmotions]:
    return [
        MeasuredEmotions(start=s.start, end=s.end, scores={"anger": 0.9})
        for s in (turn(place, is_user=True) for place in turns)
    ]


async def test_a_report_of_our_task_counts_once_and_within_the_users_segments(scene: Scene) -> None:
    memory = await scene.keep("talk", USER_IS_ANGRY)
    await scene.callbacks.expect("job", ANNA, memory.id)
    assert await scene.callbacks.settle("job", reported(0, 1, 2))
    assert not await scene.callbacks.settle("job", reported(0, 1, 2))
    assert await attempt(scene.queue, FEEL_EMOTIONS, scene.feel.feel)
    assert not await attempt(scene.queue, FEEL_EMOTIONS, scene.feel.feel)
    assert len(scene.notifier.sent) == 1


async def test_a_report_on_others_is_not_the_users(scene: Scene) -> None:
    memory = await scene.keep("talk", USER_IS_ANGRY)
    await scene.callbacks.expect("job", ANNA, memory.id)
    await scene.callbacks.settle("job", reported(3, 4, 5))
    await attempt(scene.queue, FEEL_EMOTIONS, scene.feel.feel)
    assert scene.notifier.sent == []


async def test_a_report_of_a_task_that_is_not_ours_is_nobodys(scene: Scene) -> None:
    assert not await scene.callbacks.settle("job", reported(0, 1, 2))
    assert not await attempt(scene.queue, FEEL_EMOTIONS, scene.feel.feel)
