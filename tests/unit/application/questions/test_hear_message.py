"""Spoken messages, in words."""

from collections.abc import Sequence

import pytest
from msgspec import structs

from adapters.outbound.audio_decoder.fake import CORRUPT, FakeAudioDecoder
from adapters.outbound.batch_speech_to_text.fake import FakeBatchSpeechToText
from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from adapters.outbound.recording_decoder.soundfile import (
    SoundfileRecordingDecoder,
    SoundfileRecordingDecoderSettings,
)
from adapters.outbound.recording_voice_activity_detector.fake import (
    FakeRecordingVoiceActivityDetector,
    FakeRecordingVoiceActivityDetectorSettings,
)
from application.questions.hear_message import LONGEST, MOST_PACKETS, HearMessage, SentAudio
from application.users.accounts import Accounts
from domain.audio import SAMPLE_RATE, AudioFormat, AudioFrame, Codec
from domain.chat_errors import NotAVoiceMessage
from domain.errors import UnsupportedLanguage
from domain.ids import UserId
from domain.transcript import Word
from domain.voice_errors import RecordingEmpty, RecordingTooLarge
from domain.watermark import speech
from ports.batch_speech_to_text import BatchSpeechToText
from ports.errors import Rejected, TemporarilyUnavailable
from ports.speech_to_text import TranscriptionRequest
from tests.support.offline import framed, framed_pcm
from tests.support.spoken import spoken, wav

ANN = UserId("ann")
PCM16 = AudioFormat(codec=Codec.PCM16, sample_rate=SAMPLE_RATE)


class Deaf:
    """A recognizer that never answers, and keeps what it was asked."""

    name = "deaf"

    def __init__(self, failure: Exception, *, language: str = "") -> None:
        self.requests: list[TranscriptionRequest] = []
        self._failure = failure
        self._language = language

    def supports(self, language: str) -> bool:
        return self._language in {"", language}

    async def transcribe(self, recording: AudioFrame, request: TranscriptionRequest) -> tuple[Word, ...]:
        del recording
        self.requests.append(request)
        raise self._failure


class World:
    def __init__(self, *recognizers: BatchSpeechToText) -> None:
        self.accounts = Accounts(store=InMemoryKeyValueStore(clock=ManualClock()))
        self.hear = HearMessage(
            files=SoundfileRecordingDecoder(SoundfileRecordingDecoderSettings()),
            packets=FakeAudioDecoder(),
            speech=FakeRecordingVoiceActivityDetector(FakeRecordingVoiceActivityDetectorSettings()),
            recognizers=recognizers or (FakeBatchSpeechToText(),),
            accounts=self.accounts,
        )

    async def said(self, *contents: bytes, packets: AudioFormat | None = None) -> str:
        sent: Sequence[SentAudio] = [SentAudio(content=content, packets=packets) for content in contents]
        return await self.hear.transcribe(ANN, sent)


async def test_what_is_said_in_several_files_is_one_message() -> None:
    assert await World().said(spoken(0, 2), spoken(7, 1)) == "word0 word1 word7"


async def test_packets_of_a_device_are_heard_too() -> None:
    assert await World().said(framed_pcm(speech(3, 2, pause=4_000)), packets=PCM16) == "word3 word4"


async def test_silence_is_nothing_and_nobody_is_asked_to_hear_it() -> None:
    recognizer = Deaf(TemporarilyUnavailable("deaf"))
    assert await World(recognizer).said(wav(bytes(32_000))) == ""
    assert recognizer.requests == []


async def test_it_is_heard_in_the_language_that_the_user_chose() -> None:
    recognizer = Deaf(TemporarilyUnavailable("deaf"))
    world = World(recognizer, FakeBatchSpeechToText())
    await world.said(spoken(0, 1))
    await world.accounts.update(ANN, lambda account: structs.replace(account, language="pt"))
    await world.said(spoken(0, 1))
    assert [request.language for request in recognizer.requests] == ["en", "pt"]


@pytest.mark.parametrize("failure", [Rejected("no credit"), TemporarilyUnavailable("overloaded")])
async def test_where_one_recognizer_fails_the_next_one_hears(failure: Exception) -> None:
    assert await World(Deaf(failure), FakeBatchSpeechToText()).said(spoken(0, 1)) == "word0"
    with pytest.raises(TemporarilyUnavailable):
        await World(Deaf(failure)).said(spoken(0, 1))


async def test_a_language_that_nobody_knows_is_the_callers_to_change() -> None:
    with pytest.raises(UnsupportedLanguage):
        await World(Deaf(Rejected(""), language="xx")).said(spoken(0, 1))


@pytest.mark.parametrize("content", [b"hello", b"RIFF", b"\x00" * 500])
async def test_what_is_no_recording_is_refused(content: bytes) -> None:
    with pytest.raises(NotAVoiceMessage):
        await World().said(content)


async def test_an_empty_file_is_refused() -> None:
    with pytest.raises(RecordingEmpty):
        await World().said(b"")


async def test_packets_that_are_something_else_are_refused() -> None:
    opus = AudioFormat(codec=Codec.OPUS, sample_rate=SAMPLE_RATE)
    with pytest.raises(NotAVoiceMessage, match="opus"):
        await World().said(framed([CORRUPT] * 3), packets=opus)


async def test_what_lasts_too_long_is_refused() -> None:
    half = wav(bytes(int(LONGEST * 0.6) * 16_000), rate=8_000)
    with pytest.raises(RecordingTooLarge):
        await World().said(half, half)
    with pytest.raises(RecordingTooLarge):
        await World().said(b"\x01\x00\x00\x00\xff" * (MOST_PACKETS + 1), packets=PCM16)
