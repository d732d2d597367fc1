import math
from array import array

from domain.audio import SAMPLE_RATE
from domain.embedding import Embedding, normalized
from domain.ids import PersonId, SegmentId
from domain.speaker import SpeakerLabel, VoiceCalibration
from domain.voices import JOINS_FROM, NEW_VOICE, Stretch, Voices

ANN = PersonId("ann")
CALIBRATION = VoiceCalibration(threshold=0.42, margin=0.05)
UNKNOWN = SpeakerLabel()


def near(score: float, *, plane: int = 1) -> Embedding:
    """A voice whose cosine to `near(1)` is `score`; those of different planes are far from each other."""
    values = array("d", [0.0] * 8)
    values[0], values[plane] = score, math.sqrt(1 - score * score)
    return normalized(values)


def stretch(name: str, embedding: Embedding, *, seconds: float = 3.0) -> Stretch:
    return Stretch(segments=(SegmentId(name),), start=0, end=round(seconds * SAMPLE_RATE), embedding=embedding)


def label(voices: Voices, name: str, embedding: Embedding, *, seconds: float = 3.0) -> SpeakerLabel:
    return voices.hear(stretch(name, embedding, seconds=seconds))[SegmentId(name)]


def test_the_first_voice_has_the_number_1():
    assert label(Voices(CALIBRATION), "a", near(1)) == SpeakerLabel(1)


def test_what_is_far_from_all_voices_begins_another():
    voices = Voices(CALIBRATION)
    label(voices, "a", near(1))

    assert label(voices, "b", near(0.1)) == SpeakerLabel(2)


def test_what_is_short_and_far_from_all_voices_is_nobodys():
    voices = Voices(CALIBRATION)
    label(voices, "a", near(1))

    assert label(voices, "b", near(0.1), seconds=NEW_VOICE / SAMPLE_RATE - 0.1) == UNKNOWN


def test_a_stretch_joins_a_voice_without_a_name_from_a_little_below_the_threshold():
    voices = Voices(CALIBRATION)
    label(voices, "a", near(1))

    assert label(voices, "b", near(CALIBRATION.threshold - JOINS_FROM + 0.01)) == SpeakerLabel(1)
    assert label(voices, "c", near(-0.5, plane=2)) == SpeakerLabel(2)


def test_a_stretch_joins_a_voice_with_a_name_at_the_threshold_only():
    voices = Voices(CALIBRATION, {ANN: near(1)})
    assert label(voices, "a", near(1)) == SpeakerLabel(1, ANN)

    assert label(voices, "b", near(CALIBRATION.threshold - 0.02)).person is None
    assert label(voices, "c", near(CALIBRATION.threshold + 0.03, plane=2)) == SpeakerLabel(1, ANN)


def test_a_stretch_joins_the_nearest_of_several_voices():
    voices = Voices(CALIBRATION)
    label(voices, "a", near(1))
    label(voices, "b", near(0.2))

    assert label(voices, "c", near(0.5)) == SpeakerLabel(2)
    assert label(voices, "d", near(0.9)) == SpeakerLabel(1)


def test_who_was_pointed_at_before_the_voice_was_heard_is_who_it_is():
    voices = Voices(CALIBRATION)
    assert voices.assign(0, ANN, segments=[SegmentId("a")]) == {SegmentId("a"): SpeakerLabel(0, ANN)}

    assert label(voices, "a", near(1), seconds=0.5) == SpeakerLabel(1, ANN)
    assert label(voices, "b", near(0.9)) == SpeakerLabel(1, ANN)


def test_a_segment_says_whose_voice_is_meant_where_the_number_does_not():
    voices = Voices(CALIBRATION)
    label(voices, "a", near(1))

    assert voices.assign(0, ANN, segments=[SegmentId("a")]) == {SegmentId("a"): SpeakerLabel(1, ANN)}


def test_who_is_pointed_at_is_not_who_somebody_else_is_for_sure():
    voices = Voices(CALIBRATION)
    label(voices, "a", near(1))
    voices.assign(1, ANN)
    voices.assign(0, PersonId("bob"), segments=[SegmentId("b")])

    assert label(voices, "b", near(0.9)) == SpeakerLabel(2, PersonId("bob"))


def test_a_number_that_is_no_voice_changes_nothing():
    assert Voices(CALIBRATION).assign(3, ANN, segments=[SegmentId("a")]) == {}
