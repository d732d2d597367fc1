"""`python -m benchmarks.faults`: exit code 1 when a word was lost, doubled or misplaced, or failover was late."""

import argparse
import sys
from collections.abc import Awaitable, Callable, Iterator
from functools import partial

import anyio

from benchmarks.faults.cells import matrix
from benchmarks.faults.learned import SILENCES, tried_when_learned
from benchmarks.faults.report import as_json, as_table, broken
from benchmarks.faults.trial import Outcome, tried
from benchmarks.faults.vendors import VENDORS

Trial = Callable[[], Awaitable[Outcome]]
BETWEEN_STARTS = 0.05
"""Seconds: forty trials that begin in one instant would measure each other."""


def trials() -> Iterator[Trial]:
    """All of them; those that take long first."""
    for vendor in VENDORS:
        for silence in SILENCES:
            yield partial(tried_when_learned, vendor, silence)
    for cell in sorted(matrix(), key=lambda cell: (cell.outage is None, not cell.long, not cell.is_silent)):
        yield partial(tried, cell)


async def all_tried(*, at_once: int, only: str = "") -> list[Outcome]:
    """Plays the trials, so many side by side."""
    outcomes: list[tuple[int, Outcome]] = []
    turns = anyio.Semaphore(at_once)

    async def play(number: int, trial: Trial) -> None:
        async with turns:
            await anyio.sleep(number % at_once * BETWEEN_STARTS)
            outcomes.append((number, await trial()))

    async with anyio.create_task_group() as tasks:
        for number, trial in enumerate(trials()):
            if only in str(trial):
                tasks.start_soon(play, number, trial)
    return [outcome for _, outcome in sorted(outcomes, key=lambda pair: pair[0])]


def main() -> None:
    """Runs the matrix and prints it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--json", action="store_true", help="every trial, for programs")
    parser.add_argument("--markdown", action="store_true", help="the table, as it is always printed")
    parser.add_argument("--at-once", type=int, default=40, help="trials side by side (default: 40)")
    parser.add_argument("--only", default="", help="trials whose description contains this")
    arguments = parser.parse_args()
    outcomes = anyio.run(
        partial(all_tried, at_once=arguments.at_once, only=arguments.only), backend_options={"use_uvloop": True}
    )
    print(as_json(outcomes) if arguments.json else as_table(outcomes))
    failures = broken(outcomes)
    for failure in failures:
        print(failure, file=sys.stderr)
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
