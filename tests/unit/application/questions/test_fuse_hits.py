"""Mixing what words and meanings say."""

from collections.abc import Sequence
from typing import Any

import pytest

from application.questions.fuse_hits import Findings, ScoredMemory, Weights, candidates
from application.questions.fuse_hits import fused as mixed
from domain.ids import MemoryId
from ports.text_index import Hit
from ports.vector_index import Near

A, B, C = MemoryId("a"), MemoryId("b"), MemoryId("c")


def fused(lexical: Sequence[Hit], semantic: Sequence[Hit], *, query: str, **more: Any) -> list[ScoredMemory]:
    near = [Near(hit.memory_id, hit.number, hit.score, hit.score) for hit in semantic]
    speakers = more.pop("speakers", ())
    return mixed(candidates(Findings(lexical=lexical, near=near, **more), query=query, speakers=speakers))


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
    whole = [Hit(B, 1, 3.0, "a red bicycle, its lamp broken")]
    [best, *_] = fused(whole, near, query="red bicycle with a broken lamp", memories=[Hit(B, 0, 3.0)])
    assert best.memory_id == "b"


def test_who_is_named_counts() -> None:
    hits = [Hit(A, 1, 5.0, speaker="tom"), Hit(B, 1, 4.9, speaker="ann")]
    [best, *_] = fused(hits, [], query="word", speakers={"ann"})
    assert best.memory_id == "b"


def test_a_speaker_that_nobody_knows_is_not_named() -> None:
    [found] = candidates(Findings(lexical=[Hit(A, 1, 5.0)]), query="word", speakers={"ann"})
    assert found.speaker == 0


def test_when_it_was_said_counts_and_is_enough_to_be_found() -> None:
    found = fused([Hit(A, 1, 5.0)], [], query="word", dated=[Hit(B, 3, 0.0), Hit(A, 1, 0.0)])
    assert [memory.memory_id for memory in found] == ["a", "b"]


def test_what_was_said_in_the_whole_memory_counts() -> None:
    hits = [Hit(A, 1, 5.0), Hit(B, 1, 4.9)]
    [best, *_] = fused(hits, [], query="word", memories=[Hit(B, 0, 9.0), Hit(A, 0, 2.0)])
    assert best.memory_id == "b"


def test_the_score_is_the_sum_that_the_weights_say() -> None:
    [found] = candidates(
        Findings(
            lexical=[Hit(A, 1, 5.0, speaker="ann")],
            memories=[Hit(A, 0, 1.0)],
            dated=[Hit(A, 1, 0.0, speaker="ann")],
            near=[Near(A, 1, 0.3, 0.4)],
        ),
        query="word",
        speakers={"ann"},
    )
    assert found.score(Weights()) == pytest.approx(1.0 + 0.7 + 0.6 + 0.6 + 0.9 + 1.0)
    assert found.nearness == 0.4
