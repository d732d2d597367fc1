"""Everything that has to do with voices, over stores in memory; with pitches for voices, or with real ones."""

import io
import math
from array import array
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache
from typing import Any

import anyio
import numpy as np
import soundfile

from adapters.outbound.audio_decoder.fake import FakeAudioDecoder
from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.job_queue.memory import InMemoryJobQueue
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from adapters.outbound.memory_repository.memory import InMemoryMemoryRepository
from adapters.outbound.object_store.memory import InMemoryObjectStore
from adapters.outbound.people.memory import InMemoryPeople
from adapters.outbound.recording_decoder.soundfile import (
    SoundfileRecordingDecoder,
    SoundfileRecordingDecoderSettings,
)
from adapters.outbound.recording_encoder.soundfile import SoundfileRecordingEncoder
from adapters.outbound.recording_voice_activity_detector.fake import (
    FakeRecordingVoiceActivityDetector,
    FakeRecordingVoiceActivityDetectorSettings,
)
from adapters.outbound.recording_voice_activity_detector.segmentation import (
    SegmentationRecordingVoiceActivityDetector,
    SegmentationRecordingVoiceActivityDetectorSettings,
)
from adapters.outbound.speaker_encoder.fake import FakeSpeakerEncoder
from adapters.outbound.speaker_encoder.wespeaker import WeSpeakerSpeakerEncoder, WeSpeakerSpeakerEncoderSettings
from application.jobs.run_jobs import RunJobs
from application.recordings.keep_recordings import KeepRecordings
from application.recordings.share_objects import ShareObjects
from application.voices.enroll_speaker import EnrollSpeaker
from application.voices.hear_segment import HearSegment
from application.voices.join_people import JoinPeople
from application.voices.learn_voices import LearnVoices
from application.voices.load_voices import LoadVoices
from application.voices.manage_people import ManagePeople
from application.voices.relabel_segments import RELABEL_PERSON, RelabelSegments
from application.voices.speech_profiles import SpeechProfiles
from domain.audio import AudioFrame
from domain.ids import PersonId, SegmentId, UserId
from domain.memory import Memory
from domain.person import Person
from tests.support.http_app import a_memory, a_segment

ANNA = UserId("anna")


class CountingEncoder:
    """Another encoder, and how often it was asked."""

    def __init__(self, encoder: Any, *, name: str = "") -> None:
        self._encoder = encoder
        self.name = name or encoder.name
        self.dimension, self.shortest = encoder.dimension, encoder.shortest
        self.threshold, self.margin = encoder.threshold, encoder.margin
        self.asked = 0

    async def encode(self, pcm: bytes) -> Any:
        self.asked += 1
        return await self._encoder.encode(pcm)


class VoiceWorld:
    """One server's voices. `restarted` gives another process over the same stores."""

    def __init__(
        self, former: "VoiceWorld | None" = None, *, encoder: Any = None, speech: Any = None, packets: Any = None
    ) -> None:
        self.clock = former.clock if former else ManualClock()
        self.objects = former.objects if former else InMemoryObjectStore(self.clock)
        self.values = former.values if former else InMemoryKeyValueStore(self.clock)
        self.people = former.people if former else InMemoryPeople()
        self.encoder = CountingEncoder(encoder or FakeSpeakerEncoder())
        self.speech = speech or FakeRecordingVoiceActivityDetector(FakeRecordingVoiceActivityDetectorSettings())
        self.decoder = SoundfileRecordingDecoder(SoundfileRecordingDecoderSettings())
        self.files = SoundfileRecordingEncoder()
        self.load = LoadVoices(
            objects=self.objects, decoder=self.decoder, encoder=self.encoder, speech=self.speech, clock=self.clock
        )
        self.profiles = SpeechProfiles(
            objects=self.objects,
            people=self.people,
            values=self.values,
            encoder=self.encoder,
            load=self.load,
            clock=self.clock,
        )
        self.enroll = EnrollSpeaker(
            profiles=self.profiles,
            load=self.load,
            objects=self.objects,
            recordings=self.decoder,
            packets=packets or FakeAudioDecoder(),
            files=self.files,
            encoder=self.encoder,
            speech=self.speech,
            clock=self.clock,
        )

        self.memories = former.memories if former else InMemoryMemoryRepository()
        self.queue = former.queue if former else InMemoryJobQueue(clock=self.clock)
        self.recordings = KeepRecordings(
            objects=self.objects, values=self.values, memories=self.memories, files=self.files, decoder=self.decoder
        )
        self.hear = HearSegment(
            recordings=self.recordings,
            objects=self.objects,
            encoder=self.encoder,
            speech=self.speech,
            files=self.files,
        )
        self.learn = LearnVoices(
            memories=self.memories,
            people=self.people,
            profiles=self.profiles,
            hear=self.hear,
            objects=self.objects,
            encoder=self.encoder,
            clock=self.clock,
        )
        self.relabel = RelabelSegments(
            memories=self.memories, people=self.people, profiles=self.profiles, jobs=self.queue
        )
        self.manage_people = ManagePeople(
            people=self.people, profiles=self.profiles, relabel=self.relabel, clock=self.clock
        )
        self.join_people = JoinPeople(
            people=self.manage_people,
            profiles=self.profiles,
            relabel=self.relabel,
            memories=self.memories,
            objects=self.objects,
        )
        self.share = ShareObjects(objects=self.objects)
        self.failures: list[Any] = []

    async def work(self) -> None:
        """Does the jobs that are due."""
        jobs = RunJobs(
            queue=self.queue,
            clock=self.clock,
            handlers={RELABEL_PERSON: self.relabel.relabel},
            report=self.failures.append,
        )
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(jobs.run)
            await self.clock.advance(1)
            tasks.cancel_scope.cancel()

    async def keep_memory(self, spoken: Sequence[tuple[str, bytes]], **more: Any) -> Memory:
        """A memory with its recording: what was said, and how it sounded, one segment each."""
        pcm, segments = bytearray(), []
        for number, (text, sound) in enumerate(spoken):
            start = len(pcm) // 2
            pcm += sound
            segment = a_segment(
                text, id=SegmentId(f"s{number}"), start=start, end=len(pcm) // 2, speaker=number % 2 + 1
            )
            segments.append(segment)
        memory = a_memory(**{"name": "m1", **more}, segments=tuple(segments))
        await self.memories.save(ANNA, memory)
        await self.recordings.permit(ANNA)
        await self.recordings.keep(ANNA, memory.id, _once(AudioFrame(0, bytes(pcm))))
        return memory

    async def add_person(self, name: str) -> PersonId:
        now = self.clock.now()
        await self.people.save(ANNA, Person(id=PersonId(name.lower()), name=name, created_at=now, updated_at=now))
        return PersonId(name.lower())


@asynccontextmanager
async def real_voices() -> AsyncIterator[VoiceWorld]:
    """With the models that the program uses."""
    async with AsyncExitStack() as stack:
        settings = WeSpeakerSpeakerEncoderSettings(longest_seconds=3)
        encoder = await stack.enter_async_context(WeSpeakerSpeakerEncoder(settings))
        speech = SegmentationRecordingVoiceActivityDetector(SegmentationRecordingVoiceActivityDetectorSettings())
        yield VoiceWorld(encoder=encoder, speech=await stack.enter_async_context(speech))


async def _once(frame: AudioFrame) -> AsyncIterator[AudioFrame]:
    yield frame


@cache
def tone(duration: float, *, pitch: float = 200.0) -> bytes:
    """A voice for the fake encoder."""
    count = round(duration * 16_000)
    return array("h", (int(6000 * math.sin(math.tau * pitch * i / 16_000)) for i in range(count))).tobytes()


def silence(duration: float) -> bytes:
    return bytes(2 * round(duration * 16_000))


def wav(pcm: bytes, *, rate: int = 16_000, form: str = "WAV") -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.frombuffer(pcm, "<i2"), rate, format=form)
    return file.getvalue()
