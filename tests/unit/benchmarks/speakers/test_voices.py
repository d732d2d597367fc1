import math
from array import array

import pytest

from benchmarks.speakers.detection import detection
from benchmarks.speakers.diarization_error import Said
from benchmarks.speakers.open_set import HeardSpeakers, halves, recognized
from benchmarks.speakers.recorded_voices import Conversation, RecordedVoice
from benchmarks.speakers.verification import equal_error_rate, scores
from domain.embedding import Embedding, normalized
from domain.ids import PersonId
from domain.speaker import VoiceCalibration

ANN, BOB = PersonId("ann"), PersonId("bob")
CALIBRATION = VoiceCalibration(threshold=0.5, margin=0.1)


def at(degrees: float) -> Embedding:
    return normalized(array("d", (math.cos(math.radians(degrees)), math.sin(math.radians(degrees)))))


def test_voices_that_can_be_parted_have_no_equal_error():
    assert equal_error_rate([0.8, 0.9], [0.1, 0.2, 0.3]) == 0


def test_one_of_four_on_the_wrong_side_is_a_quarter():
    assert equal_error_rate([0.3, 0.7, 0.8, 0.9], [0.1, 0.2, 0.25, 0.75]) == pytest.approx(0.25)


def test_all_pairs_are_scored_once():
    same, different = scores(["ann", "bob", "ann"], [at(0), at(90), at(0)])

    assert same == pytest.approx([1.0])
    assert different == pytest.approx([0.0, 0.0], abs=1e-6)


def test_everybody_is_heard_as_known_and_as_a_stranger():
    heard = HeardSpeakers(profiles={ANN: at(0), BOB: at(90)}, tests={"ann": [at(5)], "bob": [at(50)], "eve": [at(200)]})

    found = recognized([heard], CALIBRATION)

    assert (found.known, found.rejected, found.mistaken) == (2, 0, 0)
    assert (found.strangers, found.accepted) == (3, 1)
    assert found.false_acceptance == pytest.approx(1 / 3)


def test_a_known_voice_given_anothers_name_is_mistaken_not_refused():
    heard = HeardSpeakers(profiles={ANN: at(0), BOB: at(90)}, tests={"ann": [at(80)]})

    found = recognized([heard], CALIBRATION)

    assert (found.rejected, found.mistaken) == (0, 1)


def test_halves_share_no_speaker():
    names = ["ann", "bob", "cid", "eve", "kim"]
    heard = HeardSpeakers(
        profiles={PersonId(name): at(0) for name in names[:3]}, tests={name: [at(0)] for name in names}
    )

    [first], [second] = halves([heard])

    assert first.tests.keys() | second.tests.keys() == set(names)
    assert not first.tests.keys() & second.tests.keys()
    assert first.profiles
    assert second.profiles


def test_the_middle_of_a_recording_is_cut_from_its_middle():
    voice = RecordedVoice(file="a", speaker="ann", pcm=array("h", [0] * 8_000 + [1] * 16_000 + [0] * 8_000).tobytes())

    assert voice.middle(1.0) == array("h", [1] * 16_000).tobytes()
    assert voice.middle(3.0) is None


def test_of_a_turn_only_what_nobody_interrupts_is_one_voice():
    turns = [Said(0, 5, "ann"), Said(4, 8, "bob"), Said(7.9, 8.3, "ann")]
    alone = Conversation(name="talk", pcm=bytes(32_000 * 10), turns=turns).alone()

    assert [(voice.speaker, len(voice.pcm) / 32_000) for voice in alone] == [
        ("ann", pytest.approx(4)),
        ("bob", pytest.approx(2.9)),
    ]


def test_detection_counts_missed_speech_and_kept_silence():
    talk = Conversation(name="talk", pcm=bytes(32_000 * 10), turns=[Said(1, 5, "ann"), Said(4, 6, "bob")])

    found = detection("some", talk, [(2, 7)])

    assert (found.speech, found.missed, found.silence, found.kept) == pytest.approx((5, 1, 5, 1))
