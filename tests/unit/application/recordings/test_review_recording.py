from application.recordings.review_recording import retold
from domain.audio import SAMPLE_RATE
from domain.ids import PersonId
from domain.recognition import FinalWords
from domain.speaker import OWNER, SpeakerLabel
from domain.transcript import Transcript, TranscriptSegment, Word
from domain.turns import SpokenTurn

SECOND = SAMPLE_RATE
BOB = PersonId("bob")


def words(*spoken: tuple[str, float, float]) -> FinalWords:
    said = tuple(Word(text, round(start * SECOND), round(end * SECOND)) for text, start, end in spoken)
    return FinalWords(said, said[-1].end, "fake")


def turn(start: float, end: float, speaker: int, person: PersonId | None = None) -> SpokenTurn:
    return SpokenTurn(start=round(start * SECOND), end=round(end * SECOND), speaker=speaker, person=person)


def told(*events: FinalWords) -> tuple[TranscriptSegment, ...]:
    transcript = Transcript(name="talk")
    for event in events:
        transcript.add(event.words, recognizer="fake")
    return transcript.pieces


def said(transcript: Transcript) -> list[tuple[int, str, str]]:
    who = [("user" if s.is_user else s.person_id or "", s) for s in transcript.segments]
    return [(segment.speaker, name, segment.text) for name, segment in who]


ONE_BREATH = words(
    ("are", 0, 0.5), ("you", 0.5, 1), ("there", 1, 1.5), ("yes", 1.6, 2), ("I", 2, 2.3), ("am", 2.3, 2.6)
)


def test_two_voices_in_one_utterance_are_told_apart() -> None:
    pieces = told(ONE_BREATH)
    labels = {pieces[0].id: SpeakerLabel(3, OWNER)}
    turns = [turn(0, 1.5, 1), turn(1.6, 2.6, 2)]
    assert said(retold("talk", [ONE_BREATH], turns, pieces=pieces, labels=labels)) == [
        (3, "user", "are you there"),
        (4, "", "yes I am"),
    ]


def test_voices_keep_their_numbers_and_new_ones_get_the_next() -> None:
    other = words(("good", 5, 5.5), ("morning", 5.5, 6))
    pieces = told(ONE_BREATH, other)
    labels = {pieces[0].id: SpeakerLabel(3, OWNER)}
    turns = [turn(0, 2.6, 1), turn(5, 6, 2, BOB)]
    assert said(retold("talk", [ONE_BREATH, other], turns, pieces=pieces, labels=labels)) == [
        (3, "user", "are you there yes I am"),
        (4, "bob", "good morning"),
    ]


def test_an_utterance_of_two_known_voices_is_parted() -> None:
    pieces = told(ONE_BREATH, words(("well", 5, 7)), words(("fine", 8, 10)))
    labels = dict(zip((p.id for p in pieces), (SpeakerLabel(1), SpeakerLabel(1, BOB), SpeakerLabel(2)), strict=True))
    turns = [turn(0, 1.5, 1), turn(1.6, 2.6, 2), turn(5, 7, 1), turn(8, 10, 2)]
    events = [ONE_BREATH, words(("well", 5, 7)), words(("fine", 8, 10))]
    assert said(retold("talk", events, turns, pieces=pieces, labels=labels)) == [
        (1, "bob", "are you there"),
        (2, "", "yes I am"),
        (1, "bob", "well"),
        (2, "", "fine"),
    ]


def test_what_is_said_where_nobody_was_heard_keeps_its_speaker() -> None:
    pieces = told(ONE_BREATH)
    labels = {pieces[0].id: SpeakerLabel(2, BOB)}
    assert said(retold("talk", [ONE_BREATH], [], pieces=pieces, labels=labels)) == [
        (2, "bob", "are you there yes I am")
    ]


def test_no_word_is_lost() -> None:
    pieces = told(ONE_BREATH)
    transcript = retold("talk", [ONE_BREATH], [turn(0.4, 0.6, 1)], pieces=pieces, labels={})
    assert " ".join(segment.text for segment in transcript.segments) == "are you there yes I am"
