"""What is kept of voices becomes profiles of the encoder of now; what the original backend left is taken over."""

from collections.abc import Iterable

from msgspec import structs

from application.voices import voice_documents
from application.voices.voice_documents import ENROLLED, Documents, Evidence, StoredExemplar, VoiceDocument
from application.voices.voice_stretches import cut, stretches
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFrame
from domain.embedding import Embedding
from domain.errors import BusinessError
from domain.ids import PersonId, UserId
from domain.speaker import MOST_EXEMPLARS, OWNER, SpeechProfile, VoiceExemplar
from ports.clock import Clock
from ports.errors import NotFound, Rejected
from ports.object_store import ObjectStore
from ports.recording_decoder import RecordingDecoder
from ports.recording_voice_activity_detector import RecordingVoiceActivityDetector
from ports.speaker_encoder import SpeakerEncoder

LONGEST_SAMPLE = 600.0
"""Seconds of a recording of a voice."""
WHOLE_SAMPLE = 5 * SAMPLE_RATE
"""Samples. A shorter recording is one exemplar."""


class LoadVoices:
    """Reads recordings and turns them into vectors; decides nothing about whose voice it is."""

    def __init__(
        self,
        *,
        objects: ObjectStore,
        decoder: RecordingDecoder,
        encoder: SpeakerEncoder,
        speech: RecordingVoiceActivityDetector,
        clock: Clock,
    ) -> None:
        self._objects = objects
        self._decoder = decoder
        self._encoder = encoder
        self._speech = speech
        self._clock = clock

    async def profiles(self, user: UserId, documents: Documents) -> tuple[SpeechProfile, ...]:
        """Profiles in the vector space of now. Exemplars of another space are computed anew from their recordings.

        Exemplars of another space without a recording are left out; they count again when their encoder is back.
        """
        audio: dict[str, bytes] = {}
        found = []
        for person, document in documents.items():
            exemplars = [e for stored in document.exemplars if (e := await self._current(user, stored, audio))]
            if exemplars:
                name = self._encoder.name
                found.append(SpeechProfile(person=person, name="", encoder=name, exemplars=tuple(exemplars)))
        return tuple(found)

    async def unread(self, user: UserId, documents: Documents) -> dict[PersonId, tuple[str, ...]]:
        """Recordings of voices that no document names: the original backend wrote none."""
        named = {e.audio for document in documents.values() for e in document.exemplars}
        named |= {key for document in documents.values() for key in document.unusable}
        found = {}
        for person in documents:
            keys = await self._objects.list(user, voice_documents.samples_of(person))
            if person == OWNER:
                keys += tuple(key for key in await self._objects.list(user, ENROLLED) if key == ENROLLED)
            if new := tuple(key for key in keys if key not in named):
                found[person] = new
        return found

    async def adopted(self, user: UserId, documents: Documents) -> Documents:
        """The documents, with exemplars from recordings that no document named."""
        after = dict(documents)
        for person, keys in (await self.unread(user, documents)).items():
            for key in keys:
                after[person] = await self._with(user, after[person], key)
        return after

    async def exemplars(
        self, pcm: bytes, spans: Iterable[tuple[int, int]], like: StoredExemplar
    ) -> list[StoredExemplar]:
        """Exemplars of stretches of a recording, otherwise like a given one. Stretches without a voice are left out."""
        found = []
        for start, end in spans:
            try:
                embedding = await self._encoder.encode(cut(pcm, (start, end)))
            except Rejected:
                continue
            place = {"start": start, "end": end, "samples": end - start}
            found.append(structs.replace(like, encoder=self._encoder.name, embedding=embedding, **place))
        return found

    async def _with(self, user: UserId, document: VoiceDocument, key: str) -> VoiceDocument:
        pcm = await self._pcm(user, key)
        evidence = Evidence.ENROLLED if key == ENROLLED else Evidence.TOLD
        like = StoredExemplar(
            source=voice_documents.source_of(key),
            evidence=evidence,
            encoder="",
            embedding=Embedding(b""),
            samples=0,
            added_at=self._clock.now(),
            audio=key,
        )
        found = await self.exemplars(pcm, await self._spans(pcm), like)
        room = MOST_EXEMPLARS - len(document.exemplars)
        if not found or room <= 0:
            return structs.replace(document, unusable=(*document.unusable, key))
        return structs.replace(
            document, exemplars=(*document.exemplars, *spread(found, min(room, MOST_EXEMPLARS // 2)))
        )

    async def _spans(self, pcm: bytes) -> tuple[tuple[int, int], ...]:
        length = len(pcm) // SAMPLE_BYTES
        if length <= WHOLE_SAMPLE:
            return ((0, length),)
        speech = await self._speech.find_speech(AudioFrame(0, pcm))
        return stretches(speech, shortest=self._encoder.shortest)

    async def _current(self, user: UserId, stored: StoredExemplar, audio: dict[str, bytes]) -> VoiceExemplar | None:
        if stored.encoder != self._encoder.name:
            if not stored.audio:
                return None
            if stored.audio not in audio:
                audio[stored.audio] = await self._pcm(user, stored.audio)
            anew = await self.exemplars(audio[stored.audio], [(stored.start, stored.end)], stored)
            if not anew:
                return None
            stored = anew[0]
        return VoiceExemplar(
            embedding=stored.embedding,
            source=stored.source,
            samples=stored.samples,
            added_at=stored.added_at,
            audio=stored.audio,
        )

    async def _pcm(self, user: UserId, key: str) -> bytes:
        """The samples of a recording; nothing where it is gone or damaged."""
        try:
            content = await self._objects.get(user, key)
            return (await self._decoder.decode(content, longest=LONGEST_SAMPLE)).pcm
        except (NotFound, BusinessError):
            return b""


def spread(exemplars: list[StoredExemplar], most: int) -> list[StoredExemplar]:
    """So many of them at most, evenly from first to last."""
    count = min(most, len(exemplars))
    return [exemplars[len(exemplars) * number // count] for number in range(count)] if count else []
