"""The voices of one conversation: who spoke when, as far as can be told while it goes on."""

from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct

from domain.audio import SAMPLE_RATE
from domain.embedding import Embedding, cosine, weighted_mean
from domain.ids import PersonId, SegmentId
from domain.speaker import SpeakerLabel, VoiceCalibration, matched, weight_of

NEW_VOICE = 3 * SAMPLE_RATE // 2
"""A stretch must be this long to begin a voice: a shorter one only joins."""

NAMED_AFTER = 3 * SAMPLE_RATE // 2
"""Speech of a voice that it takes to put a name to it."""

SAME_RECOGNIZER_LABEL = 0.08
"""What it adds to a cosine when the recognizer says it is the same speaker: a hint, not the truth."""

JOINS_FROM = 0.07
"""How far below the threshold a stretch may lie from a voice that has no name and still be said by it.

The threshold keeps strangers from the names of all that a user knows. In one conversation there are few voices to be
mistaken for, and a stretch of one or two seconds lies further from its own voice than a whole profile does.
"""

STICKY = 0.06
"""How far below the threshold a voice that has a name may fall before it loses it."""


class Stretch(Struct, frozen=True, kw_only=True):
    """A stretch of speech and how it sounds."""

    segments: tuple[SegmentId, ...]
    """Of the pieces of transcript that were said in it."""
    start: int
    """Samples, on the clock of the capture."""
    end: int
    embedding: Embedding
    heard_by: str = ""
    """The connection to a recognizer whose label it is."""
    label: int = 0
    """The recognizer's own number for the speaker; says nothing across connections."""


class Voice:
    """One voice."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.spoken = 0
        """Samples."""
        self.center: Embedding | None = None
        self.person: PersonId | None = None
        self.is_confirmed = False
        """The user said who it is."""
        self.segments: list[SegmentId] = []
        self.weight = 0.0
        """Of the middle, against that of a stretch."""

    def take(self, stretch: Stretch) -> None:
        """The stretch is this voice's."""
        self._mix(stretch.embedding, weight_of(stretch.end - stretch.start))
        self.spoken += stretch.end - stretch.start
        self.segments += stretch.segments

    def absorb(self, other: "Voice") -> None:
        """The other turned out to be this one."""
        if other.center is not None:
            self._mix(other.center, other.weight)
        self.spoken += other.spoken
        self.segments += other.segments
        if other.is_confirmed and not self.is_confirmed:
            self.person, self.is_confirmed = other.person, True

    def _mix(self, embedding: Embedding, weight: float) -> None:
        mixed = [(embedding, weight)]
        if self.center is not None:
            mixed.append((self.center, self.weight))
        self.center = weighted_mean(mixed)
        self.weight += weight


class Voices:
    """Gives each stretch of speech to a voice, and voices to people. The same stretches in order, the same result."""

    def __init__(self, calibration: VoiceCalibration, known: Mapping[PersonId, Embedding] | None = None) -> None:
        self._calibration = calibration
        self._known = dict(known or {})
        self._voices: list[Voice] = []
        self._numbers = 0
        self._labels: dict[tuple[str, int], Counter[int]] = {}
        self._told: dict[SegmentId, SpeakerLabel] = {}
        self._said: dict[SegmentId, PersonId | None] = {}
        """Whose voice it is, said by the user before the voice was heard."""

    @property
    def voices(self) -> tuple[Voice, ...]:
        """In order of their first words."""
        return tuple(self._voices)

    def hear(self, stretch: Stretch) -> dict[SegmentId, SpeakerLabel]:
        """Takes a stretch; returns the labels that it changed, its own among them."""
        said = [segment for segment in stretch.segments if segment in self._said]
        voice = self._said_to_be(self._said[said[-1]], stretch) if said else self._nearest(stretch)
        if voice is None:
            if stretch.end - stretch.start < NEW_VOICE and not said:
                return self._tell(dict.fromkeys(stretch.segments, SpeakerLabel()))
            self._numbers += 1
            voice = Voice(self._numbers)
            self._voices.append(voice)
        if said:
            voice.person, voice.is_confirmed = self._said[said[-1]], True
        voice.take(stretch)
        self._labels.setdefault((stretch.heard_by, stretch.label), Counter())[voice.number] += (
            stretch.end - stretch.start
        )
        return self._settled(voice)

    def assign(
        self, number: int, person: PersonId | None, *, segments: Sequence[SegmentId] = ()
    ) -> dict[SegmentId, SpeakerLabel]:
        """The user says whose voice it is, or that it is nobody's; returns the labels that it changed.

        Args:
            number: of the voice; 0 where it is not known yet.
            person: who it is.
            segments: where it was heard. They say whose voice is meant where the number does not.
        """
        for voice in self._voices:
            if voice.number == number or (number == 0 and not set(segments).isdisjoint(voice.segments)):
                voice.person, voice.is_confirmed = person, True
                return self._tell(dict.fromkeys(voice.segments, SpeakerLabel(voice.number, person)))
        if number:
            return {}
        self._said |= dict.fromkeys(segments, person)
        return self._tell(dict.fromkeys(segments, SpeakerLabel(0, person)))

    def recognize(self, known: Mapping[PersonId, Embedding]) -> dict[SegmentId, SpeakerLabel]:
        """Looks again with other known voices; returns the labels that it changed."""
        self._known = dict(known)
        changed: dict[SegmentId, SpeakerLabel] = {}
        for voice in tuple(self._voices):
            if voice in self._voices:
                changed |= self._settled(voice)
        return changed

    def guess(self, *, heard_by: str, label: int) -> SpeakerLabel:
        """What the recognizer's own label says, before the voice was heard. Unknown where it names all alike."""
        seen = [counts for (by, _), counts in self._labels.items() if by == heard_by]
        counts = self._labels.get((heard_by, label))
        if counts is None or len(seen) < 2:
            return SpeakerLabel()
        number, most = counts.most_common(1)[0]
        if most < 0.8 * counts.total():
            return SpeakerLabel()
        return next((self._label(v) for v in self._voices if v.number == number), SpeakerLabel())

    def label_of(self, person: PersonId) -> SpeakerLabel:
        """The voice of somebody in this conversation; unknown while it was not heard."""
        return next((self._label(voice) for voice in self._voices if voice.person == person), SpeakerLabel())

    def _said_to_be(self, person: PersonId | None, stretch: Stretch) -> Voice | None:
        """The voice of somebody; else the nearest one, if it is nobody else's for sure."""
        for voice in self._voices:
            if voice.is_confirmed and voice.person == person and person is not None:
                return voice
        near = self._nearest(stretch)
        return None if near is not None and near.is_confirmed and near.person != person else near

    def _nearest(self, stretch: Stretch) -> Voice | None:
        hint = self.guess(heard_by=stretch.heard_by, label=stretch.label).speaker
        best, score = None, -1.0
        for voice in self._voices:
            if voice.center is None:
                continue
            near = cosine(stretch.embedding, voice.center) + (SAME_RECOGNIZER_LABEL if voice.number == hint else 0.0)
            enough = self._calibration.threshold - (JOINS_FROM if voice.person is None else 0.0)
            if near >= max(enough, score):
                best, score = voice, near
        return best

    def _settled(self, voice: Voice) -> dict[SegmentId, SpeakerLabel]:
        """Names the voice and joins it with what turned out to be the same."""
        self._name(voice)
        for other in tuple(self._voices):
            if other is not voice and self._are_one(voice, other):
                first, second = sorted((voice, other), key=lambda v: v.number)
                first.absorb(second)
                self._voices.remove(second)
                self._rename_labels(second.number, first.number)
                self._name(first)
                voice = first
        return self._tell(dict.fromkeys(voice.segments, self._label(voice)))

    def _name(self, voice: Voice) -> None:
        if voice.is_confirmed or voice.center is None or voice.spoken < NAMED_AFTER:
            return
        match = matched(voice.center, self._known, self._calibration)
        if match is not None:
            voice.person = match.person
        elif voice.person is not None:
            center = self._known.get(voice.person)
            if center is None or cosine(voice.center, center) < self._calibration.threshold - STICKY:
                voice.person = None

    def _are_one(self, one: Voice, other: Voice) -> bool:
        if one.center is None or other.center is None or (one.is_confirmed and other.is_confirmed):
            return one.is_confirmed and other.is_confirmed and one.person is not None and one.person == other.person
        if one.person is not None and one.person == other.person:
            return True
        if one.person is not None and other.person is not None:
            return False
        return cosine(one.center, other.center) >= self._calibration.threshold + self._calibration.margin

    def _rename_labels(self, gone: int, number: int) -> None:
        for counts in self._labels.values():
            if gone in counts:
                counts[number] += counts.pop(gone)

    def _label(self, voice: Voice) -> SpeakerLabel:
        return SpeakerLabel(voice.number, voice.person)

    def _tell(self, labels: dict[SegmentId, SpeakerLabel]) -> dict[SegmentId, SpeakerLabel]:
        """Those that were not told before."""
        news = {segment: label for segment, label in labels.items() if self._told.get(segment) != label}
        self._told |= news
        return news
