"""What clients say that they heard."""

from hypothesis import given
from hypothesis import strategies as some

from domain.suggestion import LONGEST_TEXT, SuggestedSegment, Suggestions, source_of


def said(text: str, *, name: str = "", start: int = 0, end: int = 16_000, speaker: int = 0) -> SuggestedSegment:
    return SuggestedSegment(id=name, text=text, start=start, end=end, speaker=speaker)


def test_words_lie_evenly_in_their_segment_behind_the_beginning_of_the_connection() -> None:
    words = Suggestions().words([said("one two", start=1_000, end=5_000, speaker=3)], position=500)
    assert [(word.text, word.start, word.end, word.speaker) for word in words] == [
        ("one", 1_500, 3_500, 3),
        ("two", 3_500, 5_500, 3),
    ]


def test_of_a_segment_that_has_grown_the_new_words_are_taken() -> None:
    suggestions = Suggestions()
    taken = [suggestions.words([said(text, name="a")], position=0) for text in ("one", "one two", "one two", "one")]
    assert [[word.text for word in words] for words in taken] == [["one"], ["two"], [], []]


def test_segments_without_a_name_are_new_each_time() -> None:
    suggestions = Suggestions()
    assert [len(suggestions.words([said("one")], position=0)) for _ in range(2)] == [1, 1]


def test_the_source_is_marked_and_plain() -> None:
    assert source_of("Deepgram Nova") == "client:deepgram-nova"
    assert source_of("") == source_of("\n/\x00") == "client:unknown"
    assert len(source_of("x" * 1_000)) <= 50


TEXTS = some.one_of(some.text(max_size=200), some.just("a " * LONGEST_TEXT))


@given(
    some.lists(some.tuples(TEXTS, some.integers(0, 10**9), some.integers(0, 10**9), some.text(max_size=2)), max_size=5)
)
def test_whatever_comes_words_are_in_order_and_printable(sent: list[tuple[str, int, int, str]]) -> None:
    segments = [said(text, start=start, end=end, name=name) for text, start, end, name in sent]
    words = Suggestions().words(segments, position=7)
    assert [word.start for word in words] == sorted(word.start for word in words)
    assert all(word.text.isprintable() and word.text and 7 <= word.start <= word.end for word in words)
