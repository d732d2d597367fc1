"""Mixing what words and meanings say."""

from application.fuse_hits import fused
from domain.ids import MemoryId
from ports.text_index import Hit

A, B, C = MemoryId("a"), MemoryId("b"), MemoryId("c")


def order(lexical: list[Hit], semantic: list[Hit]) -> list[str]:
    return [memory.memory_id for memory in fused(lexical, semantic, query="word")]


def test_nothing_found_is_nothing() -> None:
    assert fused([], [], query="word") == []


def test_either_side_alone_keeps_its_order() -> None:
    hits = [Hit(B, 1, 9.0), Hit(A, 1, 4.0), Hit(C, 1, 1.0)]
    assert order(hits, []) == ["b", "a", "c"]
    assert order([], hits) == ["b", "a", "c"]


def test_both_sides_together_beat_one() -> None:
    assert order([Hit(A, 1, 5.0), Hit(B, 1, 4.9)], [Hit(C, 1, 0.9), Hit(B, 1, 0.89), Hit(A, 1, 0.2)])[0] == "b"


def test_by_how_much_a_passage_is_better_counts() -> None:
    near = [Hit(A, 1, 0.50), Hit(B, 1, 0.49), Hit(C, 1, 0.10)]
    assert order([Hit(B, 1, 2.0)], near)[0] == "b"
    far = [Hit(A, 1, 0.90), Hit(B, 1, 0.11), Hit(C, 1, 0.10)]
    assert order([Hit(B, 1, 2.0), Hit(A, 1, 1.5)], far)[0] == "a"


def test_words_in_the_neighborhood_lift_a_passage() -> None:
    [memory] = fused([Hit(A, 4, 5.0), Hit(A, 5, 1.0), Hit(A, 9, 1.0)], [], query="word")
    scores = {passage.number: passage.score for passage in memory.passages}
    assert scores[5] > scores[9]


def test_the_overview_is_no_neighbor_of_the_first_turn() -> None:
    [memory] = fused([Hit(A, 0, 5.0), Hit(A, 1, 1.0), Hit(A, 9, 1.0)], [], query="word")
    scores = {passage.number: passage.score for passage in memory.passages}
    assert scores[1] == scores[9]


def test_equal_scores_have_a_fixed_order() -> None:
    assert order([Hit(B, 1, 1.0), Hit(A, 1, 1.0)], []) == ["a", "b"]


def test_lexical_scores_of_zero_do_no_harm() -> None:
    assert order([Hit(A, 1, 0.0)], [Hit(B, 1, 0.5)]) == ["b"]


def test_a_single_word_in_common_weighs_less_than_all() -> None:
    near = [Hit(A, 1, 0.5), Hit(B, 1, 0.1)]
    [best, *_] = fused([Hit(B, 1, 3.0, "a red house")], near, query="red bicycle with a broken lamp")
    assert best.memory_id == "a"
    [best, *_] = fused([Hit(B, 1, 3.0, "a red bicycle, its lamp broken")], near, query="red bicycle with a broken lamp")
    assert best.memory_id == "b"
