"""Some cells of the fault matrix (`make faults` plays all): real adapters, real sockets, real time."""

from functools import partial

import anyio
import pytest

from benchmarks.faults.cells import Cell, matrix
from benchmarks.faults.report import as_table, broken
from benchmarks.faults.speaker import SPEECH
from benchmarks.faults.trial import Outcome, tried

pytestmark = pytest.mark.alone

PLAYED = {
    "deepgram / takes audio, says nothing / first second",
    "deepgram / 401 wrong key / connecting",
    "deepgram / finals out of order / first second",
    "soniox / connection breaks / mid-utterance",
    "soniox / stamps beyond the audio / mid-utterance",
    "soniox / 402 no credit / silence",
    "speechmatics / half-open / connecting",
    "speechmatics / finals twice / first second",
    "speechmatics / upgrade, then close / closing",
    "deepgram / two: breaks + breaks / mid-utterance",
    "soniox / all down for good / mid-utterance",
}


def name(cell: Cell) -> str:
    return f"{cell.primary} / {cell.fault} / {cell.phase}"


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    """All of them side by side: each takes as long as the speech."""
    found: dict[str, Outcome] = {}

    async def play(cell: Cell) -> None:
        found[name(cell)] = await tried(cell, utterances=SPEECH[:2])

    async def play_all() -> None:
        async with anyio.create_task_group() as tasks:
            for cell in matrix():
                if name(cell) in PLAYED:
                    tasks.start_soon(partial(play, cell))

    anyio.run(play_all)
    return found


def test_the_cells_are_in_the_matrix() -> None:
    assert {name(cell) for cell in matrix()} >= PLAYED


@pytest.mark.parametrize("cell", sorted(PLAYED))
def test_no_word_is_lost_doubled_or_misplaced(cell: str, outcomes: dict[str, Outcome]) -> None:
    assert broken([outcomes[cell]]) == []


def test_who_goes_on_and_why_is_told(outcomes: dict[str, Outcome]) -> None:
    [reason] = outcomes["deepgram / 401 wrong key / connecting"].reasons
    assert reason.startswith("soniox: ")
    assert "OMI_SPEECH_TO_TEXT__DEEPGRAM__API_KEY" in reason


def test_with_all_vendors_down_the_audio_is_kept_and_nothing_claimed(outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes["soniox / all down for good / mid-utterance"]
    assert outcome.verdict.lost == outcome.verdict.pending > 0
    assert outcome.reasons[-1].startswith("nobody: ")


def test_the_table_has_a_line_for_each_fault(outcomes: dict[str, Outcome]) -> None:
    table = as_table(list(outcomes.values()))
    assert "0 lost, 0 doubled, 0 out of order" in table
    assert all(f"| {outcome.cell.fault} |" in table for outcome in outcomes.values())
