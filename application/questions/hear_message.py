"""A message that was spoken, in words. Somebody waits for it, so whoever can hear it now does; no audio is kept."""

from collections.abc import Sequence

from msgspec import Struct

from application.offline.capture_files import decoded, packets_of
from application.recordings.recorded_sound import UploadedSound, sound_parts, surveyed
from application.users.accounts import Accounts
from domain.audio import SAMPLE_BYTES, AudioFormat, AudioFrame, samples
from domain.chat_errors import NotAVoiceMessage
from domain.errors import UnsupportedLanguage
from domain.ids import UserId
from domain.transcript import Word, tidy
from domain.voice_errors import NotARecording, RecordingTooLarge
from ports.audio_decoder import AudioDecoder
from ports.batch_speech_to_text import BatchSpeechToText
from ports.errors import AdapterError, TemporarilyUnavailable
from ports.recording_decoder import RecordingDecoder
from ports.recording_voice_activity_detector import RecordingVoiceActivityDetector
from ports.speech_to_text import TranscriptionRequest

LONGEST = 300.0
"""Seconds of one message, all its files together."""
MOST_PACKETS = 30_000
"""Of a file of packets: with 10 ms in each, as long as a message may last."""
_LANGUAGE = "en"


class SentAudio(Struct, frozen=True, kw_only=True):
    """A file as it came."""

    content: bytes
    packets: AudioFormat | None = None
    """Of a device: a row of packets, each behind its length in four bytes. None: a recording in a format of its own."""


class HearMessage:
    """Hears messages of one user at a time."""

    def __init__(
        self,
        *,
        files: RecordingDecoder,
        packets: AudioDecoder,
        speech: RecordingVoiceActivityDetector,
        recognizers: Sequence[BatchSpeechToText],
        accounts: Accounts,
    ) -> None:
        """Keeps what it works with; recognizers come in order of preference."""
        self._files = files
        self._packets = packets
        self._speech = speech
        self._recognizers = recognizers
        self._accounts = accounts

    async def transcribe(self, user: UserId, sent: Sequence[SentAudio]) -> str:
        """What was said, in the language that the user chose. Empty where nobody speaks.

        Args:
            user: who speaks.
            sent: parts of one message, in order.

        Raises:
            NotAVoiceMessage: a file is no audio that can be read.
            RecordingEmpty, NotACaptureFile, UnsupportedAudio: neither.
            RecordingTooLarge: it lasts too long.
            UnsupportedLanguage: no recognizer knows the language.
            TemporarilyUnavailable: nobody can hear it now.
        """
        language = await self._accounts.language(user) or _LANGUAGE
        request = TranscriptionRequest(language=language, user=user, diarize=False)
        recordings = [await self._decoded(one) for one in sent]
        if sum(map(len, recordings)) > samples(LONGEST) * SAMPLE_BYTES:
            raise RecordingTooLarge(f"files: together they last longer than {LONGEST:g} seconds")
        heard = [await self._heard(pcm, request) for pcm in recordings]
        return tidy(" ".join(heard))

    async def _decoded(self, one: SentAudio) -> bytes:
        if one.packets is None:
            try:
                return (await self._files.decode(one.content, longest=LONGEST)).pcm
            except NotARecording as error:
                raise NotAVoiceMessage(f"files: {error}") from error
        if len(packets_of(one.content)) > MOST_PACKETS:
            raise RecordingTooLarge(f"files: one lasts longer than {LONGEST:g} seconds")
        pcm = (await decoded(one.content, one.packets, self._packets)).pcm
        if not pcm:
            raise NotAVoiceMessage(f"files: there is no {one.packets.codec} in the packets of one")
        return pcm

    async def _heard(self, pcm: bytes, request: TranscriptionRequest) -> str:
        sound = UploadedSound(pcm)
        if not (await surveyed(sound, self._speech)).speech:
            return ""  # recognizers make words up where nobody speaks
        words = [word async for part in sound_parts(sound) for word in await self._words(part, request)]
        return " ".join(word.text for word in words)

    async def _words(self, part: AudioFrame, request: TranscriptionRequest) -> Sequence[Word]:
        known = [one for one in self._recognizers if one.supports(request.language)]
        if not known:
            raise UnsupportedLanguage(f"no recognizer of recordings understands {request.language!r}")
        failure: AdapterError | None = None
        for recognizer in known:
            try:
                return await recognizer.transcribe(part, request)
            except AdapterError as error:
                failure = error
        raise TemporarilyUnavailable("no recognizer of recordings takes the message now") from failure
