"""What was said in the middle of a segment stands in the middle of it."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from domain.audio import SAMPLE_RATE
from domain.coverage import Coverage, Gap
from domain.ids import MemoryId, SegmentId
from domain.late_speech import ABSENT, joined
from domain.memory import Memory
from domain.parted_segments import parted
from domain.transcript import TranscriptSegment, Translation

ZERO = datetime(2026, 1, 1, 12, tzinfo=UTC)
WORD = SAMPLE_RATE // 2
"""Samples of a word, and of the pause behind it."""


def said(first: int, end: int, *, name: str = "s", start: int | None = None, stop: int | None = None, **more: object):
    """Numbered words of a segment."""
    text = " ".join(f"w{number:02d}" for number in range(first, end))
    at = first * WORD if start is None else start
    return TranscriptSegment(id=SegmentId(name), text=text, start=at, end=end * WORD if stop is None else stop, **more)


def memory_of(*segments: TranscriptSegment, absent: tuple[int, int], **more: object) -> Memory:
    """It has no audio of some words."""
    end = max(segment.end for segment in segments)
    absence = Gap(absent[0] * WORD, absent[1] * WORD, ABSENT)
    fields = {
        "id": MemoryId("m"),
        "created_at": ZERO,
        "started_at": ZERO,
        "finished_at": ZERO + timedelta(seconds=end / SAMPLE_RATE),
        "segments": segments,
        "coverage": Coverage(captured=end, absences=(absence,)),
    }
    return Memory(**{**fields, **more})


def words(memory: Memory) -> list[str]:
    return " ".join(segment.text for segment in memory.segments).split()


@pytest.mark.parametrize("begin", [1, 2, 5, 8])
@pytest.mark.parametrize("count", [1, 3, 20])
def test_late_words_stand_where_they_were_said(begin: int, count: int) -> None:
    end = begin + count
    whole = " ".join(f"w{n:02d}" for n in (*range(begin), *range(end, end + 4)))
    segment = structs.replace(said(0, end + 4), text=whole)
    late = said(begin, end, name="late")
    now = joined(
        memory_of(segment, absent=(begin, end)),
        (late,),
        heard=((late.start, late.end),),
        zero=ZERO,
        recognizer="fake",
    )
    assert words(now) == [f"w{number:02d}" for number in range(end + 4)]
    assert [part.id for part in now.segments[:2]] == ["s", "late"]
    assert len({part.id for part in now.segments}) == 3
    assert all(before.end <= after.start for before, after in zip(now.segments, now.segments[1:], strict=False))


def test_doing_it_again_changes_nothing() -> None:
    segment, late = structs.replace(said(0, 6), text="w00 w01 w04 w05"), said(2, 4, name="late")
    memory = memory_of(segment, absent=(2, 4))
    heard = ((late.start, late.end),)
    once = joined(memory, (late,), heard=heard, zero=ZERO, recognizer="fake")
    assert joined(memory, (late,), heard=heard, zero=ZERO, recognizer="fake") == once
    assert joined(once, (late,), heard=heard, zero=ZERO, recognizer="fake") == once


def test_late_words_are_parted_too_where_others_were_said_between() -> None:
    segment = structs.replace(said(0, 8), text="w00 w01 w04 w05")
    late = structs.replace(said(2, 8, name="late"), text="w02 w03 w06 w07")
    memory = memory_of(segment, absent=(2, 4))
    absences = (Gap(2 * WORD, 4 * WORD, ABSENT), Gap(6 * WORD, 8 * WORD, ABSENT))
    assert memory.coverage is not None
    memory = structs.replace(memory, coverage=structs.replace(memory.coverage, absences=absences))
    memory = structs.replace(memory, segments=(structs.replace(segment, end=6 * WORD),))
    heard = ((2 * WORD, 4 * WORD), (6 * WORD, 8 * WORD))
    now = joined(memory, (late,), heard=heard, zero=ZERO, recognizer="fake")
    assert words(now) == [f"w{number:02d}" for number in range(8)]
    assert [part.id for part in now.segments][:2] == ["s", "late"]


def test_what_nobody_spoke_within_stays_whole() -> None:
    segment, late = said(0, 4), said(6, 8, name="late")
    memory = memory_of(segment, absent=(4, 8), finished_at=ZERO + timedelta(seconds=4))
    now = joined(memory, (late,), heard=((late.start, late.end),), zero=ZERO, recognizer="fake")
    assert now.segments == (segment, structs.replace(late, speaker=1))


def test_a_hole_in_which_nothing_was_said_parts_nothing() -> None:
    segment = structs.replace(said(0, 8), text="w00 w01 w06 w07")
    memory = memory_of(segment, absent=(2, 6))
    late = said(9, 10, name="late")
    now = joined(memory, (late,), heard=((2 * WORD, 6 * WORD), (late.start, late.end)), zero=ZERO, recognizer="fake")
    assert now.segments[0] == segment


def test_parts_are_said_by_who_said_the_whole_and_are_not_translated() -> None:
    segment = said(0, 4, speaker=3, is_user=True, recognizer="fake", translations=(Translation("de", "w"),))
    parts = parted(segment, holes=[(2 * WORD, 3 * WORD)])
    assert [(part.speaker, part.is_user, part.recognizer, part.translations) for part in parts] == [
        (3, True, "fake", ())
    ] * 2


@pytest.mark.parametrize("text", ["", "alone", "of two"])
def test_no_word_is_lost_and_none_is_cut(text: str) -> None:
    segment = structs.replace(said(0, 9), text=text)
    for hole in range(1, 8):
        parts = parted(segment, holes=[(hole * WORD, hole * WORD + 10)])
        assert " ".join(part.text for part in parts) == text
        assert all(part.text for part in parts) or parts == (segment,)
