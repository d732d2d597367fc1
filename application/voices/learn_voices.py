"""Voices are learned from what the user says of them, and from voices that are recognized beyond doubt."""

from collections.abc import Awaitable, Callable
from enum import StrEnum

from msgspec import Struct, structs

from application.voices import voice_documents
from application.voices.edit_voices import Edit, Picks, added, in_order, removed
from application.voices.hear_segment import Heard, HearSegment
from application.voices.relabel_segments import among, relabeled
from application.voices.speech_profiles import SpeechProfiles
from application.voices.voice_documents import Evidence, StoredExemplar, VoiceDocument
from domain.audio import SAMPLE_RATE
from domain.embedding import Embedding
from domain.errors import MemoryNotFound
from domain.ids import MemoryId, PersonId, SegmentId, UserId
from domain.memory import Memory
from domain.speaker import OWNER, is_outlier, matched
from domain.transcript import TranscriptSegment
from domain.voice_errors import PersonNotFound, SampleNotFound, SegmentNotFound
from ports.clock import Clock
from ports.errors import NotFound
from ports.memory_repository import MemoryRepository
from ports.object_store import ObjectStore
from ports.people import People
from ports.speaker_encoder import SpeakerEncoder

FEW_WORDS = 5
"""A segment with no more words tells nothing of a voice."""
LEARNED_AT_ONCE = 3
"""Segments of a voice that are learned from when all of it is assigned: the longest."""
BEYOND_DOUBT = 2
"""By how many margins a voice must lie above the threshold to be learned from without being asked."""
CONFIRMED_FROM = 3 * SAMPLE_RATE
"""Samples of a stretch that a voice may be learned from without being asked."""


class Extent(StrEnum):
    """What is assigned."""

    SEGMENT = "segment"
    VOICE = "voice"
    """All segments of the memory that the voice of the segment speaks."""


class Learning(StrEnum):
    """Whether a voice was learned, or why not."""

    LEARNED = "learned"
    NOT_ASKED = "not_asked"
    TOO_FEW_WORDS = "too_few_words"
    NO_AUDIO = "no_audio"
    """Neither a recording nor how the segment sounded is kept."""
    OUTLIER = "outlier"
    """It does not sound like what is known of the person."""


class Assignment(Struct, frozen=True, kw_only=True):
    """What the user says of a segment."""

    memory: MemoryId
    index: int
    """Of the segment, from 0."""
    person: PersonId | None
    """`OWNER`, somebody else, or nobody that is known."""
    extent: Extent = Extent.SEGMENT
    learn: bool = True


class Assigned(Struct, frozen=True):
    """What became of it."""

    memory: Memory
    learning: Learning


OnChange = Callable[[UserId, Memory], Awaitable[None]]
"""Is told of a memory whose segments have other speakers now: whoever finds memories by speakers."""


async def _tell_nobody(_user: UserId, _memory: Memory) -> None:
    return


class LearnVoices:
    """Corrects who said what, and remembers how they sound. A stretch of speech counts for one person at a time."""

    def __init__(
        self,
        *,
        memories: MemoryRepository,
        people: People,
        profiles: SpeechProfiles,
        hear: HearSegment,
        objects: ObjectStore,
        encoder: SpeakerEncoder,
        clock: Clock,
        on_change: OnChange = _tell_nobody,
    ) -> None:
        self._memories = memories
        self._people = people
        self._profiles = profiles
        self._hear = hear
        self._objects = objects
        self._encoder = encoder
        self._clock = clock
        self._on_change = on_change

    async def assign(self, user: UserId, said: Assignment) -> Assigned:
        """Takes what the user says. The segment is assigned whether or not the voice can be learned.

        Raises:
            MemoryNotFound, SegmentNotFound, PersonNotFound: there is no such thing; nothing was changed.
            TemporarilyUnavailable: not assigned, or not learned; assigning again does the rest.
        """
        await self._require(user, said.person)
        memory = await self._memory(user, said.memory)
        if not 0 <= said.index < len(memory.segments):
            raise SegmentNotFound("Segment not found")
        asked, chosen = memory.segments[said.index].id, _chosen(memory, said)
        try:
            memory = await self._memories.update(user, said.memory, relabeled(among(chosen), said.person))
        except NotFound as error:
            raise MemoryNotFound("Memory not found") from error
        await self._on_change(user, memory)
        places = [index for index, segment in enumerate(memory.segments) if segment.id in chosen]
        places.sort(key=lambda index: (memory.segments[index].id != asked, -_length(memory.segments[index])))
        return Assigned(memory, await self._learn(user, memory, said, places))

    async def confirm(
        self,
        user: UserId,
        person: PersonId,
        *,
        memory: MemoryId,
        segment: SegmentId,
        embedding: Embedding,
        samples: int,
    ) -> bool:
        """Learns from a voice that was recognized, if it was so beyond doubt.

        Args:
            user: whose people.
            person: who it was recognized as. Somebody of whom nothing is known yet is never learned like this.
            memory: where it was heard.
            segment: what was said with it.
            embedding: how it sounds, in the vector space of the encoder.
            samples: of speech.

        Returns:
            Whether it was learned.
        """
        calibration = self._profiles.calibration
        match = matched(embedding, await self._profiles.known(user), calibration)
        if match is None or match.person != person or samples < CONFIRMED_FROM:
            return False
        if match.score < calibration.threshold + BEYOND_DOUBT * calibration.margin:
            return False
        source = f"{memory}:{segment}"
        if any(exemplar.source == source for exemplar in (await self._profiles.of(user, person)).exemplars):
            return False
        exemplar = self._exemplar(Heard(embedding=embedding, samples=samples), source, Evidence.MATCHED)
        await self._profiles.change(user, added(person, [exemplar]))
        return True

    async def forget_sample(self, user: UserId, memory: MemoryId, index: int, *, person: PersonId = OWNER) -> None:
        """Takes back what was learned of somebody from a segment.

        Raises:
            SampleNotFound: nothing was.
        """
        key = voice_documents.sample_key(person, memory, index)
        document = (await self._profiles.documents(user)).get(person, VoiceDocument())
        picks = await self._learned_from(user, memory, index)
        if not any(map(picks, document.exemplars)) and key not in await self._objects.list(user, key):
            raise SampleNotFound("Speech sample not found")
        await self._profiles.change(user, removed(picks), brought=[key])

    async def _learned_from(self, user: UserId, memory: MemoryId, index: int) -> Picks:
        """Picks what was learned from a segment, of a memory that may be gone."""
        try:
            kept = await self._memories.get(user, memory)
            return _is_from(kept, index)
        except (NotFound, IndexError):
            return lambda one: voice_documents.is_sample(one.audio, memory=memory, index=index)

    async def _learn(self, user: UserId, memory: Memory, said: Assignment, places: list[int]) -> Learning:
        """Whatever was learned from the segments is taken back; then they are learned from, if they are to be."""
        edits: list[Edit] = [removed(_is_from(memory, index)) for index in places]
        learning, found = Learning.NOT_ASKED, list[StoredExemplar]()
        if said.person is not None and said.learn:
            learning, found = await self._heard(user, memory, said.person, places)
            edits.append(added(said.person, found))
        await self._profiles.change(user, in_order(*edits), brought=[exemplar.audio for exemplar in found])
        return learning

    async def _heard(
        self, user: UserId, memory: Memory, person: PersonId, places: list[int]
    ) -> tuple[Learning, list[StoredExemplar]]:
        """Exemplars from the first segments that say enough; learned, or what stood in the way for the first."""
        outcomes, found = list[Learning](), list[StoredExemplar]()
        for index in [at for at in places if len(memory.segments[at].text.split()) > FEW_WORDS][:LEARNED_AT_ONCE]:
            learning, exemplar = await self._judged(user, memory, person, index)
            outcomes.append(learning)
            found += [exemplar] if exemplar else []
        return Learning.LEARNED if found else next(iter(outcomes), Learning.TOO_FEW_WORDS), found

    async def _judged(
        self, user: UserId, memory: Memory, person: PersonId, index: int
    ) -> tuple[Learning, StoredExemplar | None]:
        heard = await self._hear.segment(user, memory.id, memory.segments[index])
        if heard is None:
            return Learning.NO_AUDIO, None
        is_from, profile = _is_from(memory, index), await self._profiles.of(user, person)
        others = structs.replace(profile, exemplars=tuple(e for e in profile.exemplars if not is_from(e)))
        if is_outlier(heard.embedding, others, self._profiles.calibration):
            return Learning.OUTLIER, None
        source = f"{memory.id}:{memory.segments[index].id}"
        audio = voice_documents.sample_key(person, memory.id, index) if heard.recording else ""
        if audio:
            await self._objects.put(user, audio, heard.recording)
        return Learning.LEARNED, self._exemplar(heard, source, Evidence.TOLD, audio=audio)

    def _exemplar(self, heard: Heard, source: str, evidence: Evidence, *, audio: str = "") -> StoredExemplar:
        return StoredExemplar(
            source=source,
            evidence=evidence,
            encoder=self._encoder.name,
            embedding=heard.embedding,
            samples=heard.samples,
            added_at=self._clock.now(),
            audio=audio,
            end=heard.samples if audio else 0,
        )

    async def _memory(self, user: UserId, memory: MemoryId) -> Memory:
        try:
            return await self._memories.get(user, memory)
        except NotFound as error:
            raise MemoryNotFound("Memory not found") from error

    async def _require(self, user: UserId, person: PersonId | None) -> None:
        if person is None or person == OWNER:
            return
        try:
            await self._people.get(user, person)
        except NotFound as error:
            raise PersonNotFound("Person not found") from error


def _chosen(memory: Memory, said: Assignment) -> frozenset[SegmentId]:
    """The segments that are assigned. A voice that has no number is one segment's."""
    one = memory.segments[said.index]
    if said.extent is Extent.SEGMENT or one.speaker == 0:
        return frozenset({one.id})
    return frozenset(segment.id for segment in memory.segments if segment.speaker == one.speaker)


def _is_from(memory: Memory, index: int) -> Picks:
    """Picks what was learned from a segment, by whichever name, for whomever."""
    source = f"{memory.id}:{memory.segments[index].id}"
    return lambda one: one.source == source or voice_documents.is_sample(one.audio, memory=memory.id, index=index)


def _length(segment: TranscriptSegment) -> int:
    return segment.end - segment.start
