"""A finished conversation as a memory that was not understood yet: who said what, and what is kept of the sound."""

from collections.abc import AsyncIterator

from msgspec import structs

from application.listening.replay_journal import FinishedConversation, audio, finished_conversation
from application.memories.draft_memory import drafted
from application.photos.keep_photos import KeepPhotos
from application.recordings.keep_recordings import KeepRecordings
from application.users.whereabouts import Whereabouts
from application.voices.identify_speakers import IdentifySpeakers
from application.voices.memory_voices import HeardStretch, MemoryVoices, keep_voices
from domain.audio import SAMPLE_RATE, AudioFrame
from domain.ids import ConversationId, MemoryId, UserId
from domain.memory import Memory
from domain.transcript import Transcript
from domain.voices import Stretch
from ports.audio_decoder import AudioDecoder
from ports.capture_journal import CaptureJournal
from ports.clock import Clock
from ports.errors import TemporarilyUnavailable
from ports.object_store import ObjectStore

IDENTIFY_SPEAKERS = "identify_speakers"
"""What a memory is degraded by when nobody could tell who speaks."""
LATE = 3
"""The attempt from which on a memory waits no more for who spoke: a minute after the first."""


HEARD_AGAIN = 180 * SAMPLE_RATE
"""Samples of speech up to which a conversation is heard again as a whole, so that each word has its speaker: some ten
seconds of work. Longer ones are where their recordings are kept; of others, utterances have speakers."""


class HearConversation:
    """Makes of a journal what outlives it. Everything here can be done again, as long as the journal is there."""

    def __init__(
        self,
        *,
        journal: CaptureJournal,
        audio_decoder: AudioDecoder,
        identify_speakers: IdentifySpeakers,
        recordings: KeepRecordings,
        objects: ObjectStore,
        photos: KeepPhotos,
        clock: Clock,
        whereabouts: Whereabouts | None = None,
    ) -> None:
        self._journal = journal
        self._decoder = audio_decoder
        self._identify_speakers = identify_speakers
        self._recordings = recordings
        self._objects = objects
        self._photos = photos
        self._whereabouts = whereabouts
        self._clock = clock

    async def hear(self, conversation: ConversationId, *, attempt: int = LATE) -> Memory:
        """The memory with its transcript; voices and, where the user permits it, the recording are kept.

        Args:
            conversation: whose journal is still there.
            attempt: counts from 1. A late one does without names where an early one fails: the audio is gone
                afterwards, and with it what tells voices apart.

        Raises:
            NotFound: there is no such journal.
            TemporarilyUnavailable: something could not be kept.
        """
        ended = await finished_conversation(self._journal, conversation)
        user, degraded = ended.opened.user, tuple[str, ...]()
        transcript = ended.transcript
        try:
            whole = _speech(ended) <= HEARD_AGAIN or await self._recordings.is_permitted(user)
            identified = await self._identify_speakers.review(conversation, ended, whole=whole)
        except TemporarilyUnavailable:
            if attempt < LATE:
                raise
            degraded = (IDENTIFY_SPEAKERS,)
        else:
            transcript = identified.transcript
            await self._keep_voices(user, conversation, identified.stretches, origin=ended.origin)
        memory = self._drafted(conversation, ended, transcript)
        if self._whereabouts is not None:
            memory = await self._whereabouts.noted_on(user, memory)
        kept = await self._recordings.keep(user, memory.id, self._frames(conversation, origin=ended.origin))
        photos = await self._photos.of(user, memory.id)
        return structs.replace(memory, has_recording=kept, photos=photos, degraded=degraded)

    async def _keep_voices(
        self, user: UserId, conversation: ConversationId, stretches: tuple[Stretch, ...], *, origin: int
    ) -> None:
        heard = tuple(
            HeardStretch(
                segment=stretch.segments[0],
                start=stretch.start - origin,
                end=stretch.end - origin,
                embedding=stretch.embedding,
            )
            for stretch in stretches
        )
        voices = MemoryVoices(encoder=self._identify_speakers.encoder, stretches=heard)
        await keep_voices(self._objects, user, MemoryId(conversation), voices)

    def _drafted(self, conversation: ConversationId, ended: FinishedConversation, transcript: Transcript) -> Memory:
        return drafted(
            conversation,
            opened=ended.opened,
            transcript=transcript,
            translations=ended.translations,
            coverage=ended.coverage,
            origin=ended.origin,
            created_at=self._clock.now(),
            marks=ended.marks,
        )

    async def _frames(self, conversation: ConversationId, *, origin: int) -> AsyncIterator[AudioFrame]:
        """The audio on the clock of the memory; what was captured before its first word is left out."""
        async for frame in audio(self._journal, conversation, decoder=self._decoder):
            part = frame.since(origin)
            if part.pcm:
                yield AudioFrame(part.start - origin, part.pcm)


def _speech(ended: FinishedConversation) -> int:
    return sum(piece.end - piece.start for piece in ended.transcript.pieces)
