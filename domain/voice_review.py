"""Second thoughts about voices, when a conversation is over and all of it was heard."""

from collections.abc import Iterable, Mapping, Sequence

from domain.audio import SAMPLE_RATE
from domain.embedding import Embedding, cosine, weighted_mean
from domain.ids import PersonId, SegmentId
from domain.speaker import SpeakerLabel, VoiceCalibration, matched, weight_of
from domain.transcript import TranscriptSegment
from domain.voices import NAMED_AFTER, Stretch, Voice

NEAR = 3 * SAMPLE_RATE // 2
"""A short piece belongs to the voice on both sides when both are as near as this."""

ADJACENT = SAMPLE_RATE // 4
"""A short piece belongs to the voice on one side when it is as near as this, and the other side is further."""


class ReviewedVoice:
    """A voice, with all that it said."""

    def __init__(self, voice: Voice) -> None:
        self.number = voice.number
        self.person = voice.person
        self.is_confirmed = voice.is_confirmed
        self.center = voice.center
        self.stretches: list[Stretch] = []

    def settle(self) -> None:
        """Moves the middle to where its stretches are."""
        if self.stretches:
            self.center = weighted_mean((s.embedding, weight_of(s.end - s.start)) for s in self.stretches)

    @property
    def spoken(self) -> int:
        """Samples."""
        return sum(stretch.end - stretch.start for stretch in self.stretches)


def nearest(stretch: Stretch, voices: Iterable[ReviewedVoice], calibration: VoiceCalibration) -> ReviewedVoice | None:
    """The voice that a stretch is; None where it is none of them."""
    scored = [(cosine(stretch.embedding, voice.center), voice) for voice in voices if voice.center is not None]
    score, voice = max(scored, key=lambda pair: pair[0], default=(-1.0, None))
    return voice if score >= calibration.threshold - calibration.margin else None


def merged(voices: Sequence[ReviewedVoice], calibration: VoiceCalibration) -> list[ReviewedVoice]:
    """The voices, those that are one as one; the one that was heard first stays."""
    kept: list[ReviewedVoice] = []
    for voice in sorted((voice for voice in voices if voice.stretches), key=lambda voice: voice.number):
        same = next((other for other in kept if _are_one(other, voice, calibration)), None)
        if same is None:
            kept.append(voice)
            continue
        same.stretches += voice.stretches
        if voice.is_confirmed:
            same.person, same.is_confirmed = voice.person, True
        same.settle()
    return kept


def named(
    voices: Iterable[ReviewedVoice], known: Mapping[PersonId, Embedding], calibration: VoiceCalibration
) -> dict[SegmentId, SpeakerLabel]:
    """The label of each stretch's segment. Never a name without evidence."""
    labels: dict[SegmentId, SpeakerLabel] = {}
    for voice in voices:
        if not voice.is_confirmed:
            match = None
            if voice.center is not None and voice.spoken >= NAMED_AFTER:
                match = matched(voice.center, known, calibration)
            voice.person = None if match is None else match.person
        label = SpeakerLabel(voice.number, voice.person)
        labels |= {segment: label for stretch in voice.stretches for segment in stretch.segments}
    return labels


def neighborly(
    pieces: Sequence[TranscriptSegment], label_of: Mapping[SegmentId, SpeakerLabel]
) -> dict[SegmentId, SpeakerLabel]:
    """Labels for pieces too short to be heard by themselves, taken from their neighbors; only where that is safe."""
    found: dict[SegmentId, SpeakerLabel] = {}
    for at, piece in enumerate(pieces):
        if label_of.get(piece.id, SpeakerLabel()).speaker:
            continue
        before = _side(pieces[:at][-1:], piece, label_of, found)
        after = _side(pieces[at + 1 : at + 2], piece, label_of, found)
        if before and after and before[1] == after[1] and max(before[0], after[0]) <= NEAR:
            found[piece.id] = before[1]
            continue
        sides = sorted(side for side in (before, after) if side and side[0] <= ADJACENT)
        if len(sides) == 1:
            found[piece.id] = sides[0][1]
    return found


def _side(
    neighbor: Sequence[TranscriptSegment],
    piece: TranscriptSegment,
    label_of: Mapping[SegmentId, SpeakerLabel],
    found: Mapping[SegmentId, SpeakerLabel],
) -> tuple[int, SpeakerLabel] | None:
    """How far a neighbor is, and who it is; None for one that is unknown itself."""
    for other in neighbor:
        label = label_of.get(other.id) or found.get(other.id)
        if label is not None and label.speaker:
            return max(0, piece.start - other.end, other.start - piece.end), label
    return None


def _are_one(one: ReviewedVoice, other: ReviewedVoice, calibration: VoiceCalibration) -> bool:
    if one.is_confirmed and other.is_confirmed:
        return one.person is not None and one.person == other.person
    if one.center is None or other.center is None:
        return False
    return cosine(one.center, other.center) >= calibration.threshold + calibration.margin
