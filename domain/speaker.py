"""Who a voice belongs to: open-set, so that a stranger stays a stranger."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct

from domain.audio import SAMPLE_RATE
from domain.embedding import Embedding, cosine, weighted_mean
from domain.ids import PersonId

OWNER = PersonId("user")
"""Stands for the owner of the device among people; apps write the same word."""

MOST_EXEMPLARS = 20
"""Of one person. More cost time and tell nothing new."""


class SpeakerLabel(Struct, frozen=True):
    """What a segment says of its speaker."""

    speaker: int = 0
    """Number of the voice in its conversation, from 1; 0 while nothing is known of it."""
    person: PersonId | None = None
    """Whose voice it is; None for a stranger."""


class VoiceCalibration(Struct, frozen=True, kw_only=True):
    """Where an encoder's cosines part one voice from two. Measured for each encoder."""

    threshold: float
    """A voice below it is nobody's that is known."""
    margin: float
    """By how much the best known voice must beat the second."""


class VoiceExemplar(Struct, frozen=True, kw_only=True):
    """One stretch of speech that is known to be somebody's."""

    embedding: Embedding
    source: str
    """Where it was learned, and how it is taken back: `enrollment`, or `{memory id}:{segment id}`."""
    samples: int
    """Length of the speech."""
    added_at: datetime
    audio: str = ""
    """Key of its recording in the object store; empty where none is kept."""


class SpeechProfile(Struct, frozen=True, kw_only=True):
    """How somebody sounds."""

    person: PersonId
    """`OWNER` or a person of the user."""
    name: str
    """To be shown."""
    encoder: str
    """Name of the vector space of the exemplars."""
    exemplars: tuple[VoiceExemplar, ...] = ()

    @property
    def center(self) -> Embedding | None:
        """The middle of the exemplars; None while there are none."""
        weighted = [(e.embedding, weight_of(e.samples)) for e in self.exemplars]
        return weighted_mean(weighted) if weighted else None


class VoiceMatch(Struct, frozen=True):
    """A known voice that was recognized."""

    person: PersonId
    score: float
    """Cosine to the middle of the profile."""


def weight_of(samples: int) -> float:
    """How much a stretch of speech tells: grows with its length, up to ten seconds."""
    return min(samples, 10 * SAMPLE_RATE) / SAMPLE_RATE


def matched(
    embedding: Embedding, centers: Mapping[PersonId, Embedding], calibration: VoiceCalibration
) -> VoiceMatch | None:
    """The one known voice that this is; None for a stranger and where two are as near.

    Args:
        embedding: of the voice that was heard.
        centers: of the profiles, in the same vector space.
        calibration: of their encoder.
    """
    scores = sorted(((cosine(embedding, center), person) for person, center in centers.items()), reverse=True)
    if not scores or scores[0][0] < calibration.threshold:
        return None
    if len(scores) > 1 and scores[0][0] - scores[1][0] < calibration.margin:
        return None
    return VoiceMatch(scores[0][1], scores[0][0])


def is_outlier(embedding: Embedding, profile: SpeechProfile, calibration: VoiceCalibration) -> bool:
    """Whether a voice is too far from a profile to be learned from. The first exemplar cannot be."""
    center = profile.center
    return center is not None and cosine(embedding, center) < calibration.threshold - calibration.margin


def centers_of(profiles: Iterable[SpeechProfile], *, encoder: str) -> dict[PersonId, Embedding]:
    """The middles of those profiles that the encoder can compare with."""
    return {p.person: c for p in profiles if p.encoder == encoder and (c := p.center) is not None}
