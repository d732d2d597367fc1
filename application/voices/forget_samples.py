"""What was learned of voices in a memory that is deleted."""

from msgspec import structs

from application.voices.speech_profiles import SpeechProfiles
from application.voices.voice_documents import Documents, StoredExemplar, VoiceDocument, is_sample_of
from domain.ids import MemoryId, UserId, new_id
from ports.object_store import ObjectStore


class ForgetSamples:
    """Removes the recordings that were taken from a memory, and what says that a voice was learned there.

    How somebody sounds stays known: that belongs to the person, nothing that was said can be read from it, and it goes
    when the person is deleted.
    """

    def __init__(self, *, profiles: SpeechProfiles, objects: ObjectStore) -> None:
        self._profiles = profiles
        self._objects = objects

    async def __call__(self, user: UserId, memory: MemoryId) -> None:
        """Removes it; harmless when repeated. Raises TemporarilyUnavailable."""
        documents = await self._profiles.documents(user)
        if _without(documents, memory) != documents:
            await self._profiles.change(user, lambda now: _without(now, memory))
        for key in await self._objects.list(user):
            if is_sample_of(key, memory=memory):
                await self._objects.delete(user, key)


def _without(documents: Documents, memory: MemoryId) -> Documents:
    return {
        person: VoiceDocument(
            exemplars=tuple(_anonymous(one, memory) for one in document.exemplars),
            unusable=tuple(key for key in document.unusable if not is_sample_of(key, memory=memory)),
        )
        for person, document in documents.items()
    }


def _anonymous(exemplar: StoredExemplar, memory: MemoryId) -> StoredExemplar:
    if exemplar.source.startswith(f"{memory}:") or is_sample_of(exemplar.audio, memory=memory):
        return structs.replace(exemplar, source=f"forgotten:{new_id()}", audio="", start=0, end=0)
    return exemplar
