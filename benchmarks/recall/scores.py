"""Recall of rankings, and weights that are fitted on other conversations than they are judged on."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from application.questions.fuse_hits import Weights
from benchmarks.recall.conversations import Category
from benchmarks.recall.rankings import FEATURES, Judged, Summarized

CUTS = (5, 10, 20)
FOLDS = 5
_STEPS = (0.0, 0.5, 0.75, 1.0, 1.35, 2.0)
_ROUNDS = 2
_OPTIMIZED = 10
"""The cut that weights are fitted for."""
Row = tuple[float, ...]
"""Turn recall at each cut, then session recall at each cut."""
Vector = NDArray[np.float32]


def shipped() -> Vector:
    """The weights that search uses."""
    return np.array([getattr(Weights(), name) for name in FEATURES], dtype=np.float32)


def row_of(question: Judged, weights: Vector) -> Row:
    """Recall of one question."""
    order = np.argsort(-(question.features @ weights), kind="stable")
    hits = question.is_evidence[order]
    sessions = list(dict.fromkeys(question.sessions[place] for place in order))
    turns = (float(hits[:cut].sum()) / question.turns_wanted for cut in CUTS)
    return (*turns, *(_share(sessions[:cut], question.sessions_wanted) for cut in CUTS))


def session_row(question: Summarized, ranking: Callable[[Summarized], Sequence[str]]) -> Row:
    """Recall of one question where only sessions are ranked."""
    return tuple(_share(ranking(question)[:cut], question.sessions_wanted) for cut in CUTS)


def held_out(questions: Sequence[Judged]) -> list[tuple[Category, Row]]:
    """Recall of each question, with weights from the conversations of the other folds."""
    names = list(dict.fromkeys(question.conversation for question in questions))
    fold_of = {name: place % FOLDS for place, name in enumerate(names)}
    rows: list[tuple[Category, Row]] = []
    for fold in range(min(FOLDS, len(names))):
        others = [question for question in questions if fold_of[question.conversation] != fold]
        weights = fitted(others)
        own = [question for question in questions if fold_of[question.conversation] == fold]
        rows += [(question.category, row_of(question, weights)) for question in own]
    return rows


def fitted(questions: Sequence[Judged]) -> Vector:
    """Weights that find most turns among the first ten, by changing one at a time from those that are shipped."""
    weights = shipped()
    best = _found(questions, weights)
    for _ in range(_ROUNDS):
        for place in range(len(weights)):
            for step in _STEPS:
                tried = weights.copy()
                tried[place] *= step
                share = _found(questions, tried)
                if share > best:
                    weights, best = tried, share
    return weights


def mean(rows: Iterable[Row]) -> Row:
    """Each figure's mean; nothing for no rows."""
    kept = list(rows)
    return tuple(float(value) for value in np.mean(kept, axis=0)) if kept else ()


def _found(questions: Sequence[Judged], weights: Vector) -> float:
    if not questions:
        return 0.0
    return float(np.mean([row_of(question, weights)[CUTS.index(_OPTIMIZED)] for question in questions]))


def _share(found: Sequence[str], wanted: frozenset[str]) -> float:
    return len(wanted & set(found)) / len(wanted)
