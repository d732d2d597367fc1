"""The owner of a device makes their voice known."""

from collections.abc import Sequence

from msgspec import Struct

from application.listening.uploaded_packets import decoded_packets
from application.voices.load_voices import LoadVoices, spread
from application.voices.speech_profiles import SpeechProfiles
from application.voices.voice_documents import ENROLLED, ENROLLMENT, Documents, Evidence, StoredExemplar, VoiceDocument
from application.voices.voice_stretches import Trimmed, stretches, trimmed
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, seconds
from domain.embedding import Embedding, cosine, weighted_mean
from domain.ids import UserId
from domain.speaker import OWNER, weight_of
from domain.voice_errors import (
    NoSpeech,
    ProfileTooLong,
    ProfileTooShort,
    RecordingTooLarge,
    UnsafeFileName,
    WrongSampleRate,
)
from ports.audio_decoder import AudioDecoder
from ports.clock import Clock
from ports.object_store import ObjectStore
from ports.recording_decoder import RecordingDecoder
from ports.recording_encoder import RecordingEncoder
from ports.recording_voice_activity_detector import RecordingVoiceActivityDetector
from ports.speaker_encoder import SpeakerEncoder

SHORTEST, LONGEST = 5.0, 120.0
"""Seconds of a profile."""
LEAST_SPEECH = 2.0
"""Seconds of speech in it."""
HEARD_AT_MOST = 600.0
"""Seconds. Whatever lasts longer is refused before it is decoded."""
LARGEST = 32 * 1024 * 1024
"""Bytes: two minutes at the highest quality there is."""
ENROLLED_AT_MOST = 12
"""Exemplars: room is left for what is learned in daily life, where voices sound different."""
ANOTHER_VOICE = 3 * SAMPLE_RATE // 2
"""Samples of somebody else's speech that make a recording one of several people."""
NAME_AT_MOST = 255


class Enrollment(Struct, frozen=True, kw_only=True):
    """What came of a recording."""

    exemplars: int
    """Stretches of speech that the voice is known by now."""
    speech: float
    """Seconds of speech in the recording."""
    speakers: int
    """Voices in it. The one that spoke most was taken for the owner's."""

    @property
    def warning(self) -> str:
        """What the owner should know; empty when all is well."""
        if self.speakers < 2:
            return ""
        return f"{self.speakers} voices speak in it; the one that speaks most was learned. Record it again, alone."


class EnrollSpeaker:
    """Takes a recording of the owner's voice. A new one replaces the one before."""

    def __init__(
        self,
        *,
        profiles: SpeechProfiles,
        load: LoadVoices,
        objects: ObjectStore,
        recordings: RecordingDecoder,
        packets: AudioDecoder,
        files: RecordingEncoder,
        encoder: SpeakerEncoder,
        speech: RecordingVoiceActivityDetector,
        clock: Clock,
    ) -> None:
        self._profiles = profiles
        self._load = load
        self._objects = objects
        self._recordings = recordings
        self._packets = packets
        self._files = files
        self._encoder = encoder
        self._speech = speech
        self._clock = clock

    async def from_file(self, user: UserId, content: bytes, *, file_name: str = "") -> Enrollment:
        """Learns the owner's voice from a file at 16 kHz that lasts 5 to 120 seconds.

        Args:
            user: the owner.
            content: WAV, FLAC or Ogg.
            file_name: as the client calls it; it is looked at and never used.

        Raises:
            UnsafeFileName, RecordingTooLarge, NotARecording, RecordingEmpty, WrongSampleRate, ProfileTooShort,
            ProfileTooLong, NoSpeech: what is wrong with it.
            TemporarilyUnavailable: it could not be heard or kept.
        """
        _check_name(file_name)
        if len(content) > LARGEST:
            raise RecordingTooLarge(f"Audio is too large: a profile has at most {LARGEST // 2**20} MiB")
        recording = await self._recordings.decode(content, longest=HEARD_AT_MOST)
        if recording.rate != SAMPLE_RATE:
            raise WrongSampleRate(f"Invalid sample rate, must be {SAMPLE_RATE}; this one has {recording.rate}")
        return await self._enroll(user, recording.pcm)

    async def from_packets(self, user: UserId, packets: Sequence[bytes], *, duration: float) -> Enrollment:
        """Learns the owner's voice from Opus packets as a device sent them.

        Raises:
            ProfileTooShort, ProfileTooLong: by what the client says, 10 to 120 seconds, or by what was decoded.
            NotARecording, NoSpeech: what is wrong with it.
            TemporarilyUnavailable: it could not be heard or kept.
        """
        if duration < 2 * SHORTEST:
            raise ProfileTooShort(f"Audio is too short: {duration:g} s, expected {2 * SHORTEST:g} to {LONGEST:g}")
        if duration > LONGEST:
            raise ProfileTooLong(f"Audio is too long: {duration:g} s, expected {2 * SHORTEST:g} to {LONGEST:g}")
        return await self._enroll(user, await decoded_packets(packets, self._packets, longest=LONGEST))

    async def forget(self, user: UserId) -> None:
        """Removes all that is known of the owner's voice."""
        await self._profiles.forget(user, OWNER)

    async def _enroll(self, user: UserId, pcm: bytes) -> Enrollment:
        _check_duration(seconds(len(pcm) // SAMPLE_BYTES))
        heard = await trimmed(pcm, self._speech)
        if not heard.speech:
            raise NoSpeech("Audio is empty")
        if seconds(heard.spoken) < LEAST_SPEECH:
            raise ProfileTooShort(
                f"Audio holds only {seconds(heard.spoken):.1f} s of speech; expected {LEAST_SPEECH:g}"
            )
        found = await self._exemplars(heard)
        if not found:
            raise NoSpeech("Audio is empty")
        own, speakers = self._main_voice(found)
        kept = spread(own, ENROLLED_AT_MOST)
        await self._objects.put(user, ENROLLED, await self._files.wav(heard.pcm))
        await self._profiles.change(user, lambda documents: self._with(documents, kept))
        return Enrollment(exemplars=len(kept), speech=seconds(heard.spoken), speakers=speakers)

    async def _exemplars(self, heard: Trimmed) -> list[StoredExemplar]:
        like = StoredExemplar(
            source=ENROLLMENT,
            evidence=Evidence.ENROLLED,
            encoder=self._encoder.name,
            embedding=Embedding(b""),
            samples=0,
            added_at=self._clock.now(),
            audio=ENROLLED,
        )
        spans = stretches(heard.speech, shortest=self._encoder.shortest)
        return await self._load.exemplars(heard.pcm, spans, like)

    def _main_voice(self, found: list[StoredExemplar]) -> tuple[list[StoredExemplar], int]:
        """Exemplars of the voice that speaks most, and how many voices there are."""
        calibration = self._profiles.calibration
        voices = _voices(found, same_from=calibration.threshold - calibration.margin)
        own = max(voices, key=_spoken)
        return own, 1 + sum(voice is not own and _spoken(voice) >= ANOTHER_VOICE for voice in voices)

    def _with(self, documents: Documents, enrolled: list[StoredExemplar]) -> Documents:
        """The owner's document with a new enrollment. What was learned stays if it still sounds like the owner."""
        center = _center(enrolled)
        calibration = self._profiles.calibration
        least = calibration.threshold - calibration.margin
        learned = [
            e
            for e in documents.get(OWNER, VoiceDocument()).exemplars
            if e.source != ENROLLMENT and (e.encoder != self._encoder.name or cosine(e.embedding, center) >= least)
        ]
        return {**documents, OWNER: VoiceDocument(exemplars=(*enrolled, *learned))}


def _voices(found: list[StoredExemplar], *, same_from: float) -> list[list[StoredExemplar]]:
    """Stretches by voice: each joins the nearest voice before it, or begins one."""
    voices: list[list[StoredExemplar]] = []
    for one in found:
        near = [(cosine(_center(voice), one.embedding), voice) for voice in voices]
        score, nearest = max(near, key=lambda pair: pair[0], default=(-1.0, []))
        if score >= same_from:
            nearest.append(one)
        else:
            voices.append([one])
    return voices


def _center(voice: list[StoredExemplar]) -> Embedding:
    return weighted_mean((e.embedding, weight_of(e.samples)) for e in voice)


def _spoken(voice: list[StoredExemplar]) -> int:
    return sum(e.samples for e in voice)


def _check_duration(duration: float) -> None:
    if duration < SHORTEST:
        raise ProfileTooShort(f"Audio is too short: {duration:.1f} s, expected {SHORTEST:g} to {LONGEST:g}")
    if duration > LONGEST:
        raise ProfileTooLong(f"Audio is too long: {duration:.1f} s, expected {SHORTEST:g} to {LONGEST:g}")


def _check_name(name: str) -> None:
    """A name that would lead elsewhere comes from nobody who means well, though it leads nowhere here."""
    if len(name) > NAME_AT_MOST or not name.isprintable() or any(mark in name for mark in ("/", "\\", "..", "\0")):
        raise UnsafeFileName("Invalid file name: expected a plain name without a path")
