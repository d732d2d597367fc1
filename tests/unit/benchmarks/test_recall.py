"""`make recall`, on the made-up set."""

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from adapters.outbound.text_embedder.fake import FakeTextEmbedder
from benchmarks.recall.__main__ import SAMPLE
from benchmarks.recall.conversations import Category, conversations, moment
from benchmarks.recall.doubts import doubts
from benchmarks.recall.rankings import FEATURES, Judged
from benchmarks.recall.report import measured, table
from benchmarks.recall.scores import fitted, mean, row_of, shipped


def test_the_made_up_set_is_read_whole() -> None:
    talks = conversations(SAMPLE)
    assert len(talks) == 3
    assert sum(len(talk.questions) for talk in talks) == 37
    assert {question.category for talk in talks for question in talk.questions} == set(Category)
    first = talks[0]
    assert [person.name for person in first.people] == ["Nadia", "Oskar"]
    assert first.memories[0].started_at == datetime(2025, 3, 3, 9, 10, tzinfo=UTC)
    assert first.memories[1].segments[3].text.endswith("[a lopsided blue cup on a wooden table]")


@pytest.mark.parametrize("text", ["1:56 pm on 8 May, 2023", "1:56 PM on May 8, 2023", "2023-05-08 13:56"])
def test_dates_of_sessions_are_read(text: str) -> None:
    assert moment(text) == datetime(2023, 5, 8, 13, 56, tzinfo=UTC)


def test_evidence_that_is_written_carelessly_is_read_and_what_is_not_there_left_out(tmp_path: Path) -> None:
    sample = json.loads(SAMPLE.read_bytes())[:1]
    question = {"question": "?", "category": 1}
    evidence = (["D1:1; D2:3"], ["D1:99"], ["D"], [])
    sample[0]["qa"] = [{**question, "evidence": listed} for listed in evidence]
    path = tmp_path / "data.json"
    path.write_text(json.dumps(sample))
    [talk] = conversations(path)
    assert [asked.evidence for asked in talk.questions] == [{("sample-1-1", 1), ("sample-1-2", 3)}]


async def test_the_table_has_a_row_for_each_way_and_category() -> None:
    lines = await measured(conversations(SAMPLE), FakeTextEmbedder())
    assert [line.questions for line in lines] == [34, 34, 37, 6, 7, 3, 18, 3, 37, 37]
    assert all(0 <= share <= 1 for line in lines for share in (*line.turns, *line.sessions))
    assert lines[1].turns[1] > 0.7, "shipped weights find most turns among ten"
    assert lines[1].turns[0] <= lines[1].turns[1] <= lines[1].turns[2]
    assert len(table(lines).splitlines()) == len(lines) + 2


def judged(*rows: list[float], right: int) -> Judged:
    return Judged(
        conversation="c",
        category=Category.SINGLE_HOP,
        features=np.array(rows, dtype=np.float32),
        is_evidence=np.arange(len(rows)) == right,
        sessions=tuple(f"s{n}" for n in range(len(rows))),
        turns_wanted=2,
        sessions_wanted=frozenset({f"s{right}"}),
    )


def test_recall_counts_what_was_wanted_and_not_what_was_found() -> None:
    assert row_of(judged([0.0] * 7, [1.0] * 7, right=1), shipped()) == (0.5, 0.5, 0.5, 1.0, 1.0, 1.0)


def test_fitting_finds_weights_that_are_better() -> None:
    misleading = [[1.0, *[0.0] * 6] for _ in range(12)]
    telling = [0.0] * 6 + [0.4]
    questions = [judged(*misleading, telling, right=12)]
    assert row_of(questions[0], shipped())[1] == 0
    assert row_of(questions[0], fitted(questions))[1] == 0.5
    assert len(FEATURES) == len(shipped())


def test_the_mean_of_nothing_is_nothing() -> None:
    assert mean([]) == ()


async def test_each_question_is_put_to_its_own_and_to_other_memories() -> None:
    found = await doubts(conversations(SAMPLE), FakeTextEmbedder())
    assert (found.answerable, found.unanswerable) == (34, 74)
    assert "of 74" in str(found)
