"""Where what is known of voices is kept: a document for each person, recordings beside it.

The recordings lie where the original backend put them, so that what it left is found, and what we write it finds.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec import Struct

from domain.embedding import Embedding
from domain.ids import MemoryId, PersonId, UserId
from domain.speaker import OWNER
from ports.errors import NotFound, TemporarilyUnavailable
from ports.object_store import ObjectStore

ENROLLMENT = "enrollment"
"""Source of what was recorded to make oneself known."""
ENROLLED = "speech_profile.wav"
"""Key of that recording."""
OWNERS_SAMPLES = "additional_profile_recordings/"
PEOPLES_SAMPLES = "people_profiles/"
_SAMPLE = re.compile(r"(?P<memory>.+)_segment_(?P<index>\d{1,9})\.wav", re.DOTALL)


class Evidence(StrEnum):
    """How it is known whose voice it is."""

    ENROLLED = "enrolled"
    TOLD = "told"
    """The user said so."""
    MATCHED = "matched"
    """It was recognized beyond doubt."""


class StoredExemplar(Struct, frozen=True, kw_only=True):
    """One stretch of speech that is known to be somebody's."""

    source: str
    """`enrollment`, or `{memory id}:{segment id}`."""
    evidence: Evidence
    encoder: str
    """Name of the vector space."""
    embedding: Embedding
    samples: int
    """Length of the speech."""
    added_at: datetime
    audio: str = ""
    """Key of its recording; empty where none is kept."""
    start: int = 0
    """Samples, within the recording."""
    end: int = 0


class VoiceDocument(Struct, frozen=True, kw_only=True):
    """All that is known of a voice."""

    exemplars: tuple[StoredExemplar, ...] = ()
    unusable: tuple[str, ...] = ()
    """Keys of recordings that were found and tell nothing."""


Documents = Mapping[PersonId, VoiceDocument]
"""Of one user. Who is not in it has none."""


async def read(objects: ObjectStore, user: UserId, person: PersonId) -> VoiceDocument:
    """What is known of a voice; an empty document when nothing is.

    Raises:
        TemporarilyUnavailable: not read, or damaged.
    """
    try:
        content = await objects.get(user, _key(person))
    except NotFound:
        return VoiceDocument()
    try:
        return msgspec.json.decode(content, type=VoiceDocument)
    except msgspec.MsgspecError as error:
        raise TemporarilyUnavailable("the document of a voice is damaged") from error


async def write(objects: ObjectStore, user: UserId, person: PersonId, document: VoiceDocument) -> None:
    """Keeps what is known of a voice; an empty document is removed."""
    if document == VoiceDocument():
        await objects.delete(user, _key(person))
    else:
        await objects.put(user, _key(person), msgspec.json.encode(document))


def sample_key(person: PersonId, memory: MemoryId, index: int) -> str:
    """Where the recording of a segment lies that shows how somebody sounds."""
    return f"{samples_of(person)}{memory}_segment_{index}.wav"


def samples_of(person: PersonId) -> str:
    """What the keys of somebody's samples begin with."""
    return OWNERS_SAMPLES if person == OWNER else f"{PEOPLES_SAMPLES}{person}/"


def is_sample(key: str, *, memory: MemoryId, index: int) -> bool:
    """Whether a key is that of a segment's recording, whoever it was taken for."""
    return key.startswith((OWNERS_SAMPLES, PEOPLES_SAMPLES)) and key.endswith(f"/{memory}_segment_{index}.wav")


def is_sample_of(key: str, *, memory: MemoryId) -> bool:
    """Whether a key is that of a recording of any segment of a memory."""
    start, _, number = key.rpartition("_segment_")
    is_segment = number.endswith(".wav") and number.removesuffix(".wav").isdecimal()
    return is_segment and key.startswith((OWNERS_SAMPLES, PEOPLES_SAMPLES)) and start.endswith(f"/{memory}")


def source_of(key: str) -> str:
    """Where a recording that the original left was taken from; a segment is known by its place there."""
    if key == ENROLLED:
        return ENROLLMENT
    found = _SAMPLE.fullmatch(key.rpartition("/")[2])
    return f"{found['memory']}:{found['index']}" if found else key


def _key(person: PersonId) -> str:
    return f"voices/{person}.json"
