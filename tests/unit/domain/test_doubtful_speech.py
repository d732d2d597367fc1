from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.audio import samples
from domain.coverage import Gap
from domain.doubtful_speech import Doubt, doubts, repaired
from domain.ids import PersonId, SegmentId
from domain.transcript import TranscriptSegment, Word


def said(start: float, end: float, text: str = "one two three", **more: object) -> TranscriptSegment:
    places = {"id": SegmentId(f"s{start}"), "start": samples(start), "end": samples(end)}
    return TranscriptSegment(**{"text": text, **places, **more})  # type: ignore[arg-type]


def words(*starts: float, text: str = "new") -> list[Word]:
    return [Word(text, samples(start), samples(start + 0.4)) for start in starts]


def spans(*seconds: tuple[float, float]) -> list[tuple[int, int]]:
    return [(samples(start), samples(end)) for start, end in seconds]


def test_speech_without_words_is_heard_again() -> None:
    found = doubts([said(0, 2), said(8, 9)], gaps=(), speech=spans((0, 2), (4, 6), (8, 9.1)))
    assert found == [Doubt(start=samples(4), end=samples(6))]


def test_gaps_are_heard_again_and_near_ones_at_once() -> None:
    gaps = (Gap(samples(3), samples(4), "x"), Gap(samples(5), samples(6), "x"), Gap(samples(20), samples(21), "x"))
    found = doubts([], gaps=gaps, speech=())
    assert [(doubt.start, doubt.end) for doubt in found] == spans((3, 6), (20, 21))


def test_a_segment_with_far_too_few_words_is_in_doubt() -> None:
    sparse = said(0, 10, "well okay")
    assert doubts([sparse], gaps=(), speech=spans((0, 10)))[0].replaces == sparse.id
    assert doubts([sparse], gaps=(), speech=spans((0, 1), (9, 10))) == []  # a pause is no doubt


def test_new_words_stand_where_nothing_stood() -> None:
    segments = [said(0, 2, speaker=1), said(8, 9, speaker=2)]
    doubt = Doubt(start=samples(4), end=samples(6))
    found = repaired(segments, [(doubt, words(1.0, 4.2, 5.0, 8.2))], recognizer="again", name="m")
    assert [segment.text for segment in found] == ["one two three", "new new", "one two three"]
    assert found[1].recognizer == "again"


def test_what_is_said_between_two_segments_of_a_voice_is_said_by_it() -> None:
    ann: dict[str, Any] = {"speaker": 1, "person_id": PersonId("ann")}
    segments = [said(0, 4, **ann), said(6, 9, **ann)]
    found = repaired(segments, [(Doubt(start=samples(4), end=samples(6)), words(5))], recognizer="r", name="m")
    assert {(segment.speaker, segment.person_id) for segment in found} == {(1, PersonId("ann"))}


def test_few_words_give_way_to_many_only() -> None:
    sparse = said(0, 10, "well okay", speaker=3)
    doubt = Doubt(start=0, end=samples(10), replaces=sparse.id)
    assert repaired([sparse], [(doubt, words(1, 2))], recognizer="r", name="m") == (sparse,)
    better = repaired([sparse], [(doubt, words(1, 2, 3, 4))], recognizer="r", name="m")
    assert [(segment.text, segment.speaker) for segment in better] == [("new new new new", 3)]


@given(
    st.lists(st.integers(0, 58), max_size=6, unique=True),
    st.lists(st.floats(0, 60), max_size=20),
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 10)), max_size=4),
)
def test_a_repair_costs_no_word_and_doubles_none(
    starts: list[int], heard: list[float], stretches: list[tuple[int, int]]
) -> None:
    segments = [said(start, start + 1, f"old{start}") for start in sorted(starts)]
    speech = spans(*[(start, start + length) for start, length in stretches])
    asked = doubts(segments, gaps=[Gap(start, end, "x") for start, end in speech], speech=())
    new = [Word(f"new{at}", samples(start), samples(start) + 10) for at, start in enumerate(sorted(heard))]
    found = repaired(segments, [(doubt, new) for doubt in asked], recognizer="r", name="m")
    texts = [word for segment in found for word in segment.text.split()]
    assert sorted(set(texts)) == sorted(texts)
    assert {f"old{start}" for start in starts} <= set(texts)
