"""Cutting a memory into pieces."""

from datetime import UTC, datetime

from application.passages import meanings_of, passages_of
from domain.ids import MemoryId, SegmentId
from domain.memory import Memory, Structure
from domain.transcript import TranscriptSegment


def memory(*turns: str, title: str = "") -> Memory:
    return Memory(
        id=MemoryId("m"),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        structure=Structure(title=title),
        segments=tuple(TranscriptSegment(id=SegmentId(str(n)), text=t, start=n, end=n) for n, t in enumerate(turns)),
    )


def test_numbers_tell_the_place_and_blanks_are_left_out() -> None:
    assert [(p.number, p.text) for p in passages_of(memory("one", " ", "three", title="Title"))] == [
        (0, "Title"),
        (1, "one"),
        (3, "three"),
    ]
    assert [p.number for p in passages_of(memory("one"))] == [1]


def test_a_short_turn_means_what_is_said_around_it() -> None:
    meanings = meanings_of(memory("Shall we meet on Friday?", "Yes.", "At nine then."))
    assert meanings[1].text == "Shall we meet on Friday? Yes. At nine then."
    assert meanings[0].text == "Shall we meet on Friday? Yes."


def test_of_long_neighbors_the_near_ends_are_taken() -> None:
    long = " ".join(f"w{n}" for n in range(100))
    text = meanings_of(memory(long, "Yes.", long))[1].text.split()
    middle = text.index("Yes.")
    assert text[middle - 1] == "w99"
    assert text[middle + 1] == "w0"
    assert len(text) <= 60


def test_a_long_turn_speaks_for_itself() -> None:
    long = " ".join(["word"] * 60)
    assert meanings_of(memory("before", long, "after"))[1].text == long
