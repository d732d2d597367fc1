"""The use-cases over in-memory adapters and a clock that is set by hand."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

import anyio

from adapters.outbound.audio_decoder.fake import FakeAudioDecoder
from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.conversation_leases.local import LeaseTable, LocalConversationLeases
from adapters.outbound.event_bus.local import LocalEventBus
from adapters.outbound.facts.memory import InMemoryFacts
from adapters.outbound.image_reader.fake import FakeImageReader
from adapters.outbound.job_queue.memory import InMemoryJobQueue
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from adapters.outbound.language_model.fake import FakeLanguageModel
from adapters.outbound.memory_repository.memory import InMemoryMemoryRepository
from adapters.outbound.object_store.memory import InMemoryObjectStore
from adapters.outbound.people.memory import InMemoryPeople
from adapters.outbound.recording_decoder.soundfile import (
    SoundfileRecordingDecoder,
    SoundfileRecordingDecoderSettings,
)
from adapters.outbound.recording_encoder.soundfile import SoundfileRecordingEncoder
from adapters.outbound.speaker_segmenter.fake import FakeSpeakerSegmenter
from adapters.outbound.speech_to_text.fake import FakeSpeechToText
from adapters.outbound.text_embedder.fake import FakeTextEmbedder
from adapters.outbound.text_index.memory import InMemoryTextIndex
from adapters.outbound.translator.fake import FakeTranslator
from adapters.outbound.vector_index.memory import InMemoryVectorIndex
from adapters.outbound.voice_activity_detector.fake import (
    FakeVoiceActivityDetector,
    FakeVoiceActivityDetectorSettings,
)
from application.jobs.run_jobs import RunJobs
from application.listening.being_made import BeingMade
from application.listening.conversations import Conversations
from application.listening.conversations_in_progress import ConversationsInProgress
from application.listening.finish_conversation import CREATE_MEMORY, FinishConversation
from application.listening.hand_over import HandOver
from application.listening.known_streams import KnownStreams
from application.listening.listen import Listen
from application.listening.recover import Recover
from application.listening.repair_gaps import RepairGaps
from application.listening.restore import Restore
from application.memories.create_memory import INDEX_MEMORY, REPAIR_GAPS, CreateMemory
from application.memories.deleted_memories import DeletedMemories
from application.memories.follow_memory import (
    REMEMBER_FACTS,
    UPGRADE_MEMORY,
    RememberLater,
    UpgradeMemories,
    ask_upgrade_of,
)
from application.memories.forget_memory import FORGET_MEMORY, ForgetJournal, ForgetMemory
from application.memories.make_memory import FOLLOW_UP, MakeMemory
from application.memories.manage_memories import ManageMemories
from application.memories.remember_facts import RememberFacts
from application.memories.understand_memory import UnderstandMemory
from application.photos.keep_photos import KeepPhotos
from application.photos.see_photos import SeePhotos
from application.questions.recall import Recall
from application.recordings.diarize_recording import DiarizeRecording
from application.recordings.hear_conversation import HearConversation
from application.recordings.keep_recordings import KeepRecordings
from application.users.accounts import Accounts
from application.voices.identify_speakers import IdentifySpeakers
from application.voices.memory_voices import forget_voices
from domain.audio import AudioFormat, Codec
from domain.chat import Message
from domain.conversation import ConversationRules
from domain.ids import MemoryId, UserId
from domain.memory import Memory, PluginResult
from domain.session import SessionRequest
from domain.speaker import VoiceCalibration
from domain.speech_gate import GateSettings
from tests.support.fragile_journal import FragileJournal
from tests.support.numbered_voices import KnownNumbers, NumberedVoices

ANNA = UserId("anna")
PCM = AudioFormat(codec=Codec.PCM16, sample_rate=16_000)
REQUEST = SessionRequest(user=ANNA, audio=PCM)
PACKET_BYTES = 640
"""20 ms of PCM."""


class NoPlugins:
    """Nobody has enabled any; who would have been told is noted."""

    def __init__(self) -> None:
        self.told: list[MemoryId] = []

    async def results(self, _user: UserId, _memory: Memory) -> tuple[PluginResult, ...]:
        return ()

    async def memory_created(self, _user: UserId, memory: Memory) -> None:
        self.told.append(memory.id)

    async def messages(self, user: UserId, memory: Memory, **_: float) -> tuple[Message, ...]:
        await self.memory_created(user, memory)
        return ()


class World:
    """One server. `restarted` gives the next one over the same stores, as after a crash; `beside` another one."""

    def __init__(
        self, former: "World | None" = None, *, recognizer: Any = None, events: LocalEventBus | None = None
    ) -> None:
        self.clock = former.clock if former else ManualClock()
        self.journal = former.journal.of_another_process() if former else FragileJournal()
        self.table = former.table if former else LeaseTable()
        self.leases = LocalConversationLeases(clock=self.clock, table=self.table)
        self.queue = former.queue if former else InMemoryJobQueue(clock=self.clock)
        self.memories = former.memories if former else InMemoryMemoryRepository()
        self.texts = former.texts if former else InMemoryTextIndex()
        self.vectors = former.vectors if former else InMemoryVectorIndex()
        self.events = events or LocalEventBus()
        self.model = FakeLanguageModel()
        self.detector = FakeVoiceActivityDetector(FakeVoiceActivityDetectorSettings())
        self.recognizer = recognizer or FakeSpeechToText()
        self.decoder = FakeAudioDecoder()
        rules, gate = ConversationRules(), GateSettings()
        self.being_made = BeingMade(journal=self.journal, memories=self.memories, jobs=self.queue)
        self.values = former.values if former else InMemoryKeyValueStore(clock=self.clock)
        self.deleted = DeletedMemories(self.values)
        self.streams = KnownStreams(values=self.values, memories=self.memories)
        self.finish = FinishConversation(
            jobs=self.queue,
            leases=self.leases,
            events=self.events,
            clock=self.clock,
            rules=rules,
            handed_in=self.being_made.add,
            streams=self.streams,
        )
        self.conversations = Conversations(
            journal=self.journal,
            leases=self.leases,
            finish=self.finish,
            clock=self.clock,
            rules=rules,
            streams=self.streams,
        )
        self.in_progress = ConversationsInProgress(
            conversations=self.conversations,
            leases=self.leases,
            memories=self.memories,
            events=self.events,
            clock=self.clock,
            being_made=self.being_made,
            deleted=self.deleted,
        )
        hearing: dict[str, Any] = {
            "conversations": self.conversations,
            "audio_decoder": self.decoder,
            "voice_activity_detector": self.detector,
            "speech_to_text": self.recognizer,
            "events": self.events,
            "clock": self.clock,
            "gate": gate,
        }
        self.people = former.people if former else InMemoryPeople()
        self.encoder = NumberedVoices()
        self.known_voices = former.known_voices if former else KnownNumbers()
        self.identification_failures: list[str] = []
        self.identify_speakers = IdentifySpeakers(
            encoder=self.encoder,
            known_voices=self.known_voices,
            people=self.people,
            journal=self.journal,
            audio_decoder=self.decoder,
            diarize=DiarizeRecording(
                segmenter=FakeSpeakerSegmenter(),
                encoder=self.encoder,
                calibration=VoiceCalibration(threshold=self.encoder.threshold, margin=self.encoder.margin),
            ),
            clock=self.clock,
            report=self.identification_failures.append,
        )
        self.accounts = Accounts(store=self.values)
        self.listen = Listen(
            identify_speakers=self.identify_speakers,
            translator=FakeTranslator(),
            language_of=self.accounts.translated_to,
            **hearing,
        )
        self.recover = Recover(journal=self.journal, identify_speakers=self.identify_speakers, **hearing)
        self.restore = Restore(
            finish=self.finish,
            streams=self.streams,
            conversations=self.conversations,
            journal=self.journal,
            leases=self.leases,
            audio_decoder=self.decoder,
            clock=self.clock,
        )
        self.hand_over = HandOver(
            conversations=self.conversations,
            restore=self.restore,
            leases=self.leases,
            events=self.events,
            clock=self.clock,
        )
        self.recall = Recall(
            memories=self.memories, embedder=FakeTextEmbedder(), texts=self.texts, vectors=self.vectors
        )
        self.objects = former.objects if former else InMemoryObjectStore()
        self.facts = former.facts if former else InMemoryFacts()
        self.remember_facts = RememberFacts(facts=self.facts, embedder=FakeTextEmbedder(), clock=self.clock)
        self.remember_later = RememberLater(
            jobs=self.queue, memories=self.memories, facts=self.remember_facts, values=self.values, clock=self.clock
        )
        self.recordings = KeepRecordings(
            objects=self.objects,
            values=self.values,
            memories=self.memories,
            files=SoundfileRecordingEncoder(),
            decoder=SoundfileRecordingDecoder(SoundfileRecordingDecoderSettings()),
        )
        self.plugins = NoPlugins()
        self.create_memory = CreateMemory(
            deleted=self.deleted,
            journal=self.journal,
            memories=self.memories,
            jobs=self.queue,
            hear=HearConversation(
                journal=self.journal,
                audio_decoder=self.decoder,
                identify_speakers=self.identify_speakers,
                recordings=self.recordings,
                objects=self.objects,
                photos=KeepPhotos(objects=self.objects),
                clock=self.clock,
            ),
            understand=UnderstandMemory(
                model=self.model, accounts=self.accounts, people=self.people, facts=self.remember_facts
            ),
            recall=self.recall,
            events=self.events,
            clock=self.clock,
            plugins=self.plugins,
            followers=(self.remember_later.hand_in, partial(ask_upgrade_of, self.queue, clock=self.clock)),
        )
        self.make_memory = MakeMemory(
            create_memory=self.create_memory,
            memories=self.memories,
            jobs=self.queue,
            plugins=self.plugins,
            clock=self.clock,
        )
        self.upgrade = UpgradeMemories(memories=self.memories, create_memory=self.create_memory)
        self.forget = ForgetMemory(
            jobs=self.queue,
            clock=self.clock,
            stores={
                "memory": self.memories.delete,
                "journal": ForgetJournal(self.journal),
                "index": self.recall.forget,
                "recording": self.recordings.delete,
                "voices": partial(forget_voices, self.objects),
                "facts": self.remember_facts.forget_memory,
            },
            derived=(CREATE_MEMORY, REPAIR_GAPS),
        )
        self.manage = ManageMemories(
            memories=self.memories,
            recall=self.recall,
            make_memory=self.make_memory,
            reprocess=self.create_memory.reprocess,
            accounts=self.accounts,
            forget=self.forget,
            deleted=self.deleted,
            see_photos=SeePhotos(
                reader=FakeImageReader(),
                model=self.model,
                keep=KeepPhotos(objects=self.objects),
                accounts=self.accounts,
            ),
            clock=self.clock,
            in_progress=self.in_progress.of,
        )
        self.repair_gaps = RepairGaps(
            journal=self.journal,
            audio_decoder=self.decoder,
            speech_to_text=self.recognizer,
            memories=self.memories,
            create_memory=self.create_memory,
            events=self.events,
        )
        self._background = anyio.CancelScope()
        self.failures: list[Any] = []
        self.jobs = RunJobs(
            queue=self.queue,
            clock=self.clock,
            handlers={
                CREATE_MEMORY: self.create_memory.from_conversation,
                REPAIR_GAPS: self.repair_gaps.repair,
                INDEX_MEMORY: self.create_memory.index,
                FOLLOW_UP: self.make_memory.follow_up,
                REMEMBER_FACTS: self.remember_later.remember,
                UPGRADE_MEMORY: self.upgrade.upgrade,
                FORGET_MEMORY: self.forget.forget,
            },
            report=self.failures.append,
            on_dead=self.create_memory.given_up,
        )

    def restarted(self) -> "World":
        """The next process over the same stores; nothing that this one still does counts."""
        self.killed()
        self.leases.vanish()
        return World(self)

    def killed(self) -> None:
        """Nothing that this one still does counts; the others notice when it has been silent for a while."""
        self.journal.crash()
        self._background.cancel()
        self.leases.fall_silent()

    def beside(self) -> "World":
        """Another server over the same stores."""
        return World(self, events=self.events)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["World"]:
        """With all that runs in the background."""
        async with AsyncExitStack() as stack:
            for adapter in (self.detector, self.recognizer, self.queue, self.journal, self.events):
                if hasattr(adapter, "__aenter__"):
                    await stack.enter_async_context(adapter)
            tasks = await stack.enter_async_context(anyio.create_task_group())
            await self.restore.find()
            tasks.start_soon(self._work)
            yield self
            tasks.cancel_scope.cancel()

    async def _work(self) -> None:
        with self._background:
            async with anyio.create_task_group() as tasks:
                for task in (
                    self.restore.run,
                    self.recover.run,
                    self.conversations.expire,
                    self.hand_over.run,
                    self.jobs.run,
                ):
                    tasks.start_soon(task)
