"""Spaces between words, of which the original removed too many."""

from domain.transcript import Transcript, Word


def said(*texts: str) -> str:
    transcript = Transcript(name="talk")
    transcript.add([Word(text, at * 8_000, at * 8_000 + 4_000) for at, text in enumerate(texts)], recognizer="any")
    return " ".join(segment.text for segment in transcript.segments)


def test_between_two_words_is_one_space() -> None:
    assert said("hello", "world.", "Hello", "again.") == "hello world. Hello again."


def test_words_that_come_in_several_pieces_do_not_grow_together() -> None:
    transcript = Transcript(name="talk")
    words = [Word(text, at * 8_000, at * 8_000 + 4_000) for at, text in enumerate(("one", "two", "three"))]
    for word in words:
        transcript.add([word], recognizer="any")
    assert " ".join(segment.text for segment in transcript.segments) == "one two three"
