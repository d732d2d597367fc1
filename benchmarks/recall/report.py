"""The table that `make recall` prints."""

from collections.abc import Sequence

from msgspec import Struct

from benchmarks.recall.conversations import Category, Talked
from benchmarks.recall.rankings import Judged, Summarized, judged, summarized
from benchmarks.recall.scores import CUTS, Row, held_out, mean, row_of, session_row, shipped
from ports.text_embedder import TextEmbedder

ANSWERABLE = (Category.MULTI_HOP, Category.TEMPORAL, Category.OPEN_DOMAIN, Category.SINGLE_HOP)


class Line(Struct, frozen=True, kw_only=True):
    """A row of the table."""

    what: str
    questions: int
    turns: Row
    """Recall at 5, 10, 20, as shares; empty where turns are not ranked."""
    sessions: Row


async def measured(conversations: Sequence[Talked], embedder: TextEmbedder) -> list[Line]:
    """All rows: weights of held-out conversations, shipped weights by category, the original's way."""
    questions: list[Judged] = []
    summaries: list[Summarized] = []
    for talked in conversations:
        questions += await judged(talked, embedder)
        summaries += await summarized(talked, embedder)
    lines = [_line("held out (5-fold), 1-4", [row for row in held_out(questions) if row[0] in ANSWERABLE])]
    weights = shipped()
    rows = [(question.category, row_of(question, weights)) for question in questions]
    lines.append(_line("shipped weights, 1-4", [row for row in rows if row[0] in ANSWERABLE]))
    lines.append(_line("shipped weights, all", rows))
    for category in Category:
        name = category.name.lower().replace("_", "-")
        lines.append(_line(f"  {name}", [row for row in rows if row[0] is category]))
    lines.append(_summary_line("original: topic, summaries", [session_row(s, lambda s: s.by_topic) for s in summaries]))
    by_question = [session_row(s, lambda s: s.by_question) for s in summaries]
    lines.append(_summary_line("question, summaries", by_question))
    return lines


def _line(what: str, rows: Sequence[tuple[Category, Row]]) -> Line:
    figures = mean(row for _, row in rows)
    return Line(what=what, questions=len(rows), turns=figures[: len(CUTS)], sessions=figures[len(CUTS) :])


def _summary_line(what: str, rows: Sequence[Row]) -> Line:
    return Line(what=what, questions=len(rows), turns=(), sessions=mean(rows))


def table(lines: Sequence[Line]) -> str:
    """The rows for people."""
    cuts = "".join(f"{f'R@{cut}':>7}" for cut in CUTS)
    rows = [f"{line.what:<28}{line.questions:>6}  {_cells(line.turns)}  {_cells(line.sessions)}" for line in lines]
    width = len(cuts)
    return "\n".join([f"{'':<36}{'turns':^{width}}  {'sessions':^{width}}", f"{'':<33}n  {cuts}  {cuts}", *rows])


def _cells(row: Row) -> str:
    return "".join(f"{100 * value:>7.1f}" for value in row) if row else f"{'-':>7}" * len(CUTS)
