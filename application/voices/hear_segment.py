"""How a segment of a memory sounds: from its recording where one is kept, else as it was heard at the time."""

from msgspec import Struct

from application.recordings.keep_recordings import KeepRecordings
from application.voices.memory_voices import kept_voices
from application.voices.voice_stretches import trimmed
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE
from domain.embedding import Embedding
from domain.ids import MemoryId, UserId
from domain.transcript import TranscriptSegment
from ports.errors import Rejected
from ports.object_store import ObjectStore
from ports.recording_encoder import RecordingEncoder
from ports.recording_voice_activity_detector import RecordingVoiceActivityDetector
from ports.speaker_encoder import SpeakerEncoder

LONGEST = 30 * SAMPLE_RATE
"""Samples of a segment that are listened to."""


class Heard(Struct, frozen=True, kw_only=True):
    """How speech sounds."""

    embedding: Embedding
    samples: int
    """Of speech; of the recording, where there is one."""
    recording: bytes = b""
    """A WAV file without silence around; empty where the audio was not kept."""


class HearSegment:
    """Listens to a segment of a memory once more."""

    def __init__(
        self,
        *,
        recordings: KeepRecordings,
        objects: ObjectStore,
        encoder: SpeakerEncoder,
        speech: RecordingVoiceActivityDetector,
        files: RecordingEncoder,
    ) -> None:
        self._recordings = recordings
        self._objects = objects
        self._encoder = encoder
        self._speech = speech
        self._files = files

    async def segment(self, user: UserId, memory: MemoryId, segment: TranscriptSegment) -> Heard | None:
        """How a segment sounds; None when nothing of it is kept, or too little to tell.

        Raises:
            TemporarilyUnavailable: it could not be listened to.
        """
        return await self._recorded(user, memory, segment) or await self._remembered(user, memory, segment)

    async def _recorded(self, user: UserId, memory: MemoryId, segment: TranscriptSegment) -> Heard | None:
        end = min(segment.end, segment.start + LONGEST)
        frame = await self._recordings.read(user, memory, start=segment.start, end=end)
        if frame is None:
            return None
        heard = await trimmed(frame.pcm, self._speech)
        if heard.spoken < self._encoder.shortest:
            return None
        try:
            embedding = await self._encoder.encode(heard.pcm)
        except Rejected:
            return None
        samples = len(heard.pcm) // SAMPLE_BYTES
        return Heard(embedding=embedding, samples=samples, recording=await self._files.wav(heard.pcm))

    async def _remembered(self, user: UserId, memory: MemoryId, segment: TranscriptSegment) -> Heard | None:
        voices = await kept_voices(self._objects, user, memory)
        if voices is None or voices.encoder != self._encoder.name:
            return None
        found = voices.of(segment)
        return Heard(embedding=found[0], samples=found[1]) if found else None
