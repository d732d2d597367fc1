"""Everything that has to do with voices, over stores in memory; with pitches for voices, or with real ones."""

import io
import math
from array import array
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import numpy as np
import soundfile

from adapters.outbound.audio_decoder.fake import FakeAudioDecoder
from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
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
from application.enroll_speaker import EnrollSpeaker
from application.load_voices import LoadVoices
from application.speech_profiles import SpeechProfiles
from domain.ids import PersonId, UserId
from domain.person import Person

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

    def __init__(self, former: "VoiceWorld | None" = None, *, encoder: Any = None, speech: Any = None) -> None:
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
            packets=FakeAudioDecoder(),
            files=self.files,
            encoder=self.encoder,
            speech=self.speech,
            clock=self.clock,
        )

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
