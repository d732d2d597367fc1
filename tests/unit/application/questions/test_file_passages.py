"""Stretches of files that answer a question."""

import pytest

from application.questions.file_passages import MOST_TOKENS, file_passages, pieces_of
from domain.chat import ChatFile, FileText
from tests.support.memories import NOON


def a_file(text: str, *, name: str = "notes.txt", media_type: str = "text/plain") -> FileText:
    return FileText(file=ChatFile(id=name, name=name, media_type=media_type, created_at=NOON), text=text)


LONG = "\n".join(f"Paragraph {number} tells of nothing but the weather and the wind. " * 8 for number in range(200))


async def test_a_short_file_is_given_whole_whatever_is_asked() -> None:
    [passage] = await file_passages([a_file("We leave on Friday.\nThe carpenter comes.")], "Which violin?")
    assert (passage.text, passage.score) == ("We leave on Friday.\nThe carpenter comes.", 0)


async def test_of_a_long_file_what_fits_and_how_it_begins_is_given_in_order() -> None:
    text = f"An almanac.\n{LONG}\nThe carpenter comes on Monday. He brings a saw.\n{LONG}"
    passages = await file_passages([a_file(text)], "When does the carpenter come?")
    assert passages[0].text.startswith("An almanac.")
    best = max(passages, key=lambda passage: passage.score)
    assert best.best == "The carpenter comes on Monday."
    assert sum(len(passage.text) for passage in passages) <= MOST_TOKENS * 3.6
    assert [text.index(passage.text[:40]) for passage in passages] == sorted(
        text.index(passage.text[:40]) for passage in passages
    )


async def test_each_stretch_of_a_table_says_what_its_columns_are_called() -> None:
    rows = "\n".join(f"Person {number},555-{number:04}" for number in range(300))
    passages = await file_passages([a_file(f"name,phone\n{rows}", media_type="text/csv")], "The phone of Person 250?")
    assert all(passage.text.startswith("name,phone") for passage in passages)
    assert max(passages, key=lambda passage: passage.score).best == "Person 250,555-0250"


async def test_of_an_earlier_file_only_what_fits_is_given() -> None:
    earlier = [a_file("The carpenter comes on Monday.")]
    assert await file_passages([], "Which violin concerto?", earlier=earlier) == ()
    assert len(await file_passages([], "When does the carpenter come?", earlier=earlier)) == 1
    assert await file_passages([], "anything") == ()


@pytest.mark.parametrize("text", ["", "a", "a" * 5_000, "one two. " * 900, "line\n" * 900, " \n\n x"])
def test_no_stretch_is_long_and_no_word_is_lost(text: str) -> None:
    pieces = list(pieces_of(text, longest=100))
    assert all(0 < len(piece) <= 100 for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())
