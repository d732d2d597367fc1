from hypothesis import given
from hypothesis import strategies as st

from domain.audio import SAMPLE_RATE
from domain.ids import PersonId
from domain.speaker import OWNER, SpeakerLabel
from domain.transcript import LONGEST_SEGMENT, Transcript, TranscriptSegment, Word

SECOND = SAMPLE_RATE
ANNA = PersonId("anna")


def words(text: str, *, at: float, speaker: int = 0) -> tuple[Word, ...]:
    start = round(at * SECOND)
    return tuple(
        Word(word, start + n * 4_000, start + n * 4_000 + 3_000, speaker=speaker) for n, word in enumerate(text.split())
    )


def said(transcript: Transcript) -> list[tuple[int, str]]:
    return [(segment.speaker, segment.text) for segment in transcript.segments]


def two_unknown_turns() -> tuple[Transcript, TranscriptSegment, TranscriptSegment]:
    transcript = Transcript(name="talk")
    (first,) = transcript.add(words("how are you?", at=0)).added
    (second,) = transcript.add(words("very well, thanks.", at=2)).added
    return transcript, first, second


def test_the_same_words_at_the_same_place_get_the_same_identifier() -> None:
    ids = [Transcript(name="talk").add(words("hello there", at=1)).added[0].id for _ in range(2)]
    assert ids[0] == ids[1]
    assert Transcript(name="other").add(words("hello there", at=1)).added[0].id != ids[0]


def test_pieces_of_one_speaker_are_shown_as_one_segment() -> None:
    transcript, first, _ = two_unknown_turns()
    assert said(transcript) == [(0, "how are you? very well, thanks.")]
    assert transcript.segments[0].id == first.id


def test_a_segment_parts_where_the_voice_turns_out_to_change() -> None:
    transcript, first, second = two_unknown_turns()
    change = transcript.relabel({second.id: SpeakerLabel(2, ANNA)})
    assert said(transcript) == [(0, "how are you?"), (2, "very well, thanks.")]
    assert {segment.id for segment in change.changed} == {first.id, second.id}
    assert change.removed == ()
    assert transcript.segments[1].person_id == ANNA


def test_segments_join_when_they_turn_out_to_be_one_voice() -> None:
    transcript, first, second = two_unknown_turns()
    transcript.relabel({second.id: SpeakerLabel(2)})
    change = transcript.relabel({first.id: SpeakerLabel(2)})
    assert said(transcript) == [(2, "how are you? very well, thanks.")]
    assert change.removed == (second.id,)
    assert [segment.id for segment in change.changed] == [first.id]


def test_the_owner_is_marked_and_is_nobody_among_people() -> None:
    transcript, first, second = two_unknown_turns()
    transcript.relabel({first.id: SpeakerLabel(1, OWNER), second.id: SpeakerLabel(1, OWNER)})
    (segment,) = transcript.segments
    assert segment.is_user
    assert segment.person_id is None


def test_a_label_that_says_nothing_new_changes_nothing() -> None:
    transcript, first, _ = two_unknown_turns()
    change = transcript.relabel({first.id: SpeakerLabel(0)})
    assert (change.changed, change.removed) == ((), ())


def test_a_label_for_a_piece_of_another_conversation_is_passed_over() -> None:
    transcript, _, _ = two_unknown_turns()
    other = Transcript(name="elsewhere").add(words("hi", at=0)).added[0]
    assert transcript.relabel({other.id: SpeakerLabel(3)}).changed == ()


def test_the_recognizers_number_can_be_replaced_on_the_way_in() -> None:
    transcript = Transcript(name="talk")
    transcript.add(words("good morning", at=0, speaker=7), label=lambda number: SpeakerLabel(number - 6, OWNER))
    assert said(transcript) == [(1, "good morning")]
    assert transcript.segments[0].is_user


def test_late_words_are_put_where_they_were_said() -> None:
    transcript = Transcript(name="talk")
    transcript.add(words("one", at=0))
    transcript.add(words("three", at=4))
    transcript.add(words("two", at=2))
    assert said(transcript) == [(0, "one two three")]


TURNS = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 30)), min_size=1, max_size=12)


@given(TURNS, st.data())
def test_relabeling_loses_doubles_and_reorders_no_word(turns: list[tuple[int, int]], data: st.DataObject) -> None:
    transcript, at, ids, spoken = Transcript(name="talk"), 0.0, [], []
    for number, (gap, length) in enumerate(turns):
        at += gap * 12
        text = " ".join(f"w{number}x{n}" for n in range(length))
        ids += [piece.id for piece in transcript.add(words(text, at=at)).added]
        spoken += text.split()
        at += length * 0.25
    shown = {segment.id: segment for segment in transcript.segments}
    for _ in range(data.draw(st.integers(1, 6))):
        some = data.draw(st.lists(st.sampled_from(ids), min_size=1, unique=True))
        change = transcript.relabel({piece: SpeakerLabel(data.draw(st.integers(0, 2))) for piece in some})
        shown = {key: value for key, value in shown.items() if key not in change.removed}
        shown |= {segment.id: segment for segment in change.changed}
        assert shown == {segment.id: segment for segment in transcript.segments}
    assert " ".join(segment.text for segment in transcript.segments).split() == spoken
    assert all(segment.end - segment.start <= LONGEST_SEGMENT for segment in transcript.segments)
