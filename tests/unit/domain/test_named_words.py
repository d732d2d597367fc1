from domain.audio import samples
from domain.ids import PersonId, SegmentId
from domain.named_words import named
from domain.transcript import TranscriptSegment, Word
from domain.turns import SpokenTurn

ANN, BOB = PersonId("ann"), PersonId("bob")
TURNS = [SpokenTurn(0, samples(5), 1), SpokenTurn(samples(5), samples(10), 2, person=BOB)]


def words(*starts: float) -> list[Word]:
    return [Word("word", samples(start), samples(start + 0.4)) for start in starts]


def before(start: float, end: float, **more: object) -> TranscriptSegment:
    places = {"id": SegmentId("s"), "text": "x", "start": samples(start), "end": samples(end)}
    return TranscriptSegment(**{**places, **more})  # type: ignore[arg-type]


def shown(*segments: TranscriptSegment) -> list[tuple[int, bool, PersonId | None]]:
    found = named(words(0, 1, 2, 6, 7), TURNS, before=segments, recognizer="r", name="m")
    return [(segment.speaker, segment.is_user, segment.person_id) for segment in found]


def test_words_belong_to_the_voices_of_the_recording() -> None:
    assert shown() == [(1, False, None), (2, False, BOB)]


def test_what_was_said_of_a_speaker_stays_where_it_was_said() -> None:
    stranger, bob = (1, False, None), (2, False, BOB)
    assert shown(before(0.9, 1.5, person_id=ANN)) == [stranger, (3, False, ANN), stranger, bob]
    assert shown(before(0.9, 1.5, is_user=True)) == [stranger, (3, True, None), stranger, bob]
    assert shown(before(0, 5, is_user=True)) == [(1, True, None), bob]
    assert shown(before(6, 8, person_id=ANN)) == [stranger, (2, False, ANN)]
    assert shown(before(0.9, 1.5, person_id=BOB)) == [stranger, bob, stranger, bob]


def test_a_stranger_stays_a_stranger() -> None:
    assert shown(before(0, 5, speaker=4)) == [(1, False, None), (2, False, BOB)]


def test_a_name_stays_where_no_voice_was_told() -> None:
    found = named(words(0, 9), [], before=[before(0, 1, speaker=4, person_id=ANN)], recognizer="r", name="m")
    assert [(segment.speaker, segment.person_id) for segment in found] == [(1, ANN), (0, None)]


def test_naming_again_changes_nothing() -> None:
    first = named(words(0, 1, 2, 6, 7), TURNS, before=[before(0.9, 1.5, is_user=True)], recognizer="r", name="m")
    assert named(words(0, 1, 2, 6, 7), TURNS, before=first, recognizer="r", name="m") == first
