"""A few seconds of how the owner of a device sounds, at hand for recognizers that want to hear them first."""

from collections import OrderedDict
from collections.abc import AsyncIterator

from msgspec import Struct

from application.voices import voice_documents
from application.voices.load_voices import LONGEST_SAMPLE
from application.voices.voice_documents import ENROLLED, Evidence, StoredExemplar, VoiceDocument
from application.voices.voice_stretches import cut
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE
from domain.errors import BusinessError
from domain.ids import UserId
from domain.speaker import OWNER
from ports.errors import NotFound
from ports.object_store import ObjectStore
from ports.recording_decoder import RecordingDecoder

CLIP = 5 * SAMPLE_RATE
"""Samples at most."""
USERS_REMEMBERED = 100
"""160 KB each."""


class _Remembered(Struct, frozen=True):
    """A clip, and what it was made from."""

    document: VoiceDocument
    clip: bytes | None


class OwnersVoice:
    """Clips of owners, in memory. Only what is known to be the owner's voice goes out, never what was guessed."""

    def __init__(self, *, objects: ObjectStore, decoder: RecordingDecoder) -> None:
        self._objects = objects
        self._decoder = decoder
        self._remembered: OrderedDict[UserId, _Remembered] = OrderedDict()

    async def clip(self, user: UserId) -> bytes | None:
        """At most 5 s of speech, mono, signed 16-bit little-endian, 16 kHz; None where no profile has a recording.

        The recordings are read when the profile has changed, or was never asked for; else this is one small read.

        Raises:
            TemporarilyUnavailable: nothing could be read.
        """
        if not user:
            return None
        document = await voice_documents.read(self._objects, user, OWNER)
        remembered = self._remembered.pop(user, None)
        if remembered is None or remembered.document != document:
            remembered = _Remembered(document, await self._made(user, document))
        if remembered.clip is not None and document.exemplars:
            self._remembered[user] = remembered
        while len(self._remembered) > USERS_REMEMBERED:
            self._remembered.popitem(last=False)
        return remembered.clip

    async def _made(self, user: UserId, document: VoiceDocument) -> bytes | None:
        clip = b""
        async for piece in self._pieces(user, document):
            clip += piece
            if len(clip) >= CLIP * SAMPLE_BYTES:
                break
        return clip[: CLIP * SAMPLE_BYTES] or None

    async def _pieces(self, user: UserId, document: VoiceDocument) -> AsyncIterator[bytes]:
        """Speech of the owner, the surest first. Of a profile of the original backend: its recording as it is."""
        known = sorted(filter(_is_sure, document.exemplars), key=lambda e: e.evidence is not Evidence.ENROLLED)
        recordings: dict[str, bytes] = {}
        for exemplar in known:
            if exemplar.audio not in recordings:
                recordings[exemplar.audio] = await self._pcm(user, exemplar.audio)
            yield cut(recordings[exemplar.audio], (exemplar.start, exemplar.end))
        if not document.exemplars and ENROLLED not in document.unusable:
            yield await self._pcm(user, ENROLLED)

    async def _pcm(self, user: UserId, key: str) -> bytes:
        try:
            content = await self._objects.get(user, key)
            return (await self._decoder.decode(content, longest=LONGEST_SAMPLE)).pcm
        except (NotFound, BusinessError):
            return b""


def _is_sure(exemplar: StoredExemplar) -> bool:
    return bool(exemplar.audio) and exemplar.evidence is not Evidence.MATCHED
