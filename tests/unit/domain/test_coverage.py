from domain.coverage import Coverage, Gap

BROKEN = Coverage(captured=100, transcribed={"a": 60}, gaps=(Gap(10, 30, "gone"), Gap(50, 70, "gone")))


def total(coverage: Coverage) -> int:
    gaps = sum(gap.end - gap.start for gap in coverage.gaps)
    return coverage.gated + sum(coverage.transcribed.values()) + coverage.pending + gaps


def test_a_repaired_gap_counts_as_transcribed_by_who_heard_it() -> None:
    repaired = BROKEN.repaired(0, 40, recognizer="b")
    assert repaired.gaps == (Gap(50, 70, "gone"),)
    assert repaired.transcribed == {"a": 60, "b": 20}
    assert total(repaired) == total(BROKEN)


def test_part_of_a_gap_leaves_the_rest() -> None:
    repaired = BROKEN.repaired(15, 55, recognizer="a")
    assert repaired.gaps == (Gap(10, 15, "gone"), Gap(55, 70, "gone"))
    assert repaired.transcribed == {"a": 80}


def test_a_stretch_without_gaps_changes_nothing() -> None:
    assert BROKEN.repaired(30, 50, recognizer="b") is BROKEN
