"""The matrix for people: one line a fault, one column a moment, all vendors in each field."""

from collections.abc import Sequence

import msgspec

from benchmarks.faults.cells import PHASES
from benchmarks.faults.trial import GRACE, Outcome


def as_json(outcomes: Sequence[Outcome]) -> str:
    """Everything, for programs."""
    document = [msgspec.to_builtins(outcome) | {"kept": outcome.kept} for outcome in outcomes]
    return msgspec.json.format(msgspec.json.encode(document)).decode()


def as_table(outcomes: Sequence[Outcome]) -> str:
    """A table in Markdown, and the sums."""
    return "\n".join([*_sums(outcomes), "", *_rows(outcomes), "", *_silences(outcomes)])


def broken(outcomes: Sequence[Outcome]) -> list[str]:
    """One line for each trial in which the promise was not kept."""
    return [_line(outcome) for outcome in outcomes if not outcome.kept]


def _sums(outcomes: Sequence[Outcome]) -> list[str]:
    promised = [outcome for outcome in outcomes if not outcome.cell.is_hopeless]
    verdicts = [outcome.verdict for outcome in promised]
    hopeless = [outcome.verdict for outcome in outcomes if outcome.cell.is_hopeless]
    words = sum(verdict.words for verdict in verdicts)
    wrong = {
        "lost": sum(verdict.lost for verdict in verdicts),
        "doubled": sum(verdict.doubled for verdict in verdicts),
        "out of order": sum(verdict.disordered for verdict in verdicts),
        "invented": sum(verdict.invented for verdict in verdicts),
    }
    worst = max((verdict.stamp_ms for verdict in verdicts), default=0.0)
    found = ", ".join(f"{count} {what}" for what, count in wrong.items())
    kept = f"{sum(outcome.kept for outcome in outcomes)} of {len(outcomes)} trials"
    lost, pending = sum(verdict.lost for verdict in hopeless), sum(verdict.pending for verdict in hopeless)
    return [
        f"{len(promised)} trials, {words} words: {found}. Worst stamp: {worst:.1f} ms from the truth.",
        f"All vendors down for good, {len(hopeless)} trials: {lost} words not heard, {pending} of them kept for later.",
        f"The promise was kept in {kept}.",
    ]


def _rows(outcomes: Sequence[Outcome]) -> list[str]:
    faults = list(dict.fromkeys(outcome.cell.fault for outcome in outcomes))
    phases = list(PHASES)
    head = [f"| fault | {' | '.join(phases)} |", f"|---|{'---|' * len(phases)}"]
    return head + [
        f"| {fault} | " + " | ".join(_field(outcomes, fault, phase) for phase in phases) + " |" for fault in faults
    ]


def _field(outcomes: Sequence[Outcome], fault: str, phase: str) -> str:
    """`0 · 0.1 s`: words wrong over all vendors, and the longest that somebody else took to go on."""
    there = [outcome for outcome in outcomes if (outcome.cell.fault, outcome.cell.phase) == (fault, phase)]
    if not there:
        return ""
    took = max((outcome.failover for outcome in there if outcome.failover is not None), default=None)
    time = "" if took is None else f" · {took:.1f} s"
    failed = [outcome for outcome in there if not outcome.kept]
    if failed:
        return f"**{_wrong(failed)}**{time}"
    pending = sum(outcome.verdict.pending for outcome in there)
    return f"{pending} kept{time}" if there[0].cell.is_hopeless else f"0{time}"


def _wrong(failed: Sequence[Outcome]) -> str:
    words = sum(o.verdict.lost + o.verdict.doubled + o.verdict.disordered + o.verdict.invented for o in failed)
    return f"{words}" if words else "late"


def _silences(outcomes: Sequence[Outcome]) -> list[str]:
    head = [
        f"| vendor that falls silent | usual (p99) | bound (p99 + {GRACE:g} s) | left after, at most | trials |",
        "|---|---|---|---|---|",
    ]
    silent = [o for o in outcomes if o.bound is not None and o.overdue is not None and o.cell.phase != "closing"]
    rows: dict[tuple[str, bool], list[Outcome]] = {}
    for outcome in silent:
        rows.setdefault((outcome.cell.primary, outcome.cell.fault.startswith("learned")), []).append(outcome)
    return head + [_silence(*key, found) for key, found in sorted(rows.items())]


def _silence(vendor: str, learned: bool, found: Sequence[Outcome]) -> str:  # noqa: FBT001 - a key of a table
    bound = max(outcome.bound or 0.0 for outcome in found)
    overdue = max(outcome.overdue or 0.0 for outcome in found)
    known = "learned" if learned else "nothing learned yet"
    return f"| {vendor}, {known} | {bound - GRACE:.2f} s | {bound:.2f} s | {overdue:.2f} s | {len(found)} |"


def _line(outcome: Outcome) -> str:
    verdict = outcome.verdict
    wrong = (
        f"{verdict.lost} lost, {verdict.doubled} doubled, {verdict.disordered} disordered, {verdict.invented} invented"
    )
    late = "" if outcome.is_in_time else f", overdue {outcome.overdue:.2f} s of {outcome.bound:.2f} s"
    where = f"{outcome.cell.primary} / {outcome.cell.fault} / {outcome.cell.phase}"
    end = "" if outcome.ended else ", never ended"
    return f"{where}: {wrong}, stamps {verdict.stamp_ms:.0f} ms{late}{end} {outcome.failure} {list(outcome.reasons)}"
