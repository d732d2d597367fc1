"""Requests made up from the description of the interface, and odd ones: a small part of `make schema`."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.schema_trial import MODES, Trial, trial

EXAMPLES = 2
"""Of each kind, right and wrong, for each operation."""
SEED = 7


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    with trial(tmp_path_factory.mktemp("program")) as tried:
        yield tried


def takes_something(operation: Any) -> bool:
    return bool(list(operation.iter_parameters()) or operation.body)


def test_answers_to_made_up_requests_are_as_described(tried: Trial) -> None:
    handlers = set[str]()
    for operation in tried.operations():
        handler = operation.label.replace("/v1/conversations", "/v1/memories")  # the same ones, by another name
        if handler not in handlers and takes_something(operation):
            modes = MODES if operation.body else MODES[:1]  # what is wrong about addresses comes with the odd ones
            tried.run(operation, examples=EXAMPLES, seed=SEED, modes=modes)
        handlers.add(handler)
    assert not tried.findings, "\n".join(map(str, tried.findings.values()))
    assert {200, 400, 401, 404, 422} <= tried.statuses.keys()


def test_odd_requests_break_nothing(tried: Trial) -> None:
    for operation in tried.operations():
        tried.run_odd(operation)
    assert not tried.findings, "\n".join(map(str, tried.findings.values()))
    assert tried.requests > 1_000
