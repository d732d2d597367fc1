"""Cutting a memory into pieces."""

from datetime import UTC, datetime, timedelta

from msgspec import structs

from application.questions.passages import meanings_of, passages_of, text_of
from domain.ids import MemoryId, PersonId, SegmentId
from domain.memory import Memory, Photo, Structure
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


def test_a_photo_is_a_turn_behind_the_others() -> None:
    with_photos = structs.replace(memory("one"), photos=(Photo(base64=""), Photo(base64="", description="a red door")))
    assert [(p.number, p.text) for p in passages_of(with_photos)] == [(1, "one"), (3, "a red door")]
    assert text_of(with_photos, 3) == "a red door"
    assert text_of(with_photos, 4) is None


def test_a_turn_knows_when_it_was_said_and_by_whom() -> None:
    said = structs.replace(memory("one").segments[0], start=32_000, is_user=True)
    other = structs.replace(said, is_user=False, person_id=PersonId("tom"))
    unknown = structs.replace(said, is_user=False)
    began = datetime(2026, 5, 1, 9, tzinfo=UTC)
    passages = passages_of(structs.replace(memory(), segments=(said, other, unknown), started_at=began))
    assert [passage.speaker for passage in passages] == ["user", "tom", ""]
    assert passages[0].at == began + timedelta(seconds=2)
