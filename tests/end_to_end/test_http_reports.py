"""`/webhook`: what a program sends is there to be looked at, for its user alone."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from application.plugins.last_report import LARGEST, LastReport
from application.users.user_values import UserValues
from tests.support.program import ANNA, BERT, Running, program

RESULT = {
    "jobId": "5f0c",
    "status": "succeeded",
    "output": {"diarization": [{"speaker": "SPEAKER_00", "start": 0.5, "end": 2.25}]},
}


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    async with program(tmp_path) as running:
        yield running


async def test_what_was_reported_last_is_read_by_its_user_alone(running: Running) -> None:
    for report in ({"status": "running"}, RESULT):
        answer = await running.client.post("/webhook", json=report)
        assert (answer.status_code, answer.json()) == (200, {})
    found = (await running.client.get("/webhook")).json()
    assert found["report"] == RESULT
    assert datetime.fromisoformat(found["received_at"]) - datetime.now(UTC) < timedelta(minutes=1)
    running.become(BERT)
    assert (await running.client.get("/webhook")).status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[]", 422),
        (b"null", 422),
        (b"", 422),
        (b"{", 422),
        (b'{"a": 1e999}', 422),
        (b'{"a":' * 5_000, 422),
        (b'{"a": "' + b"x" * LARGEST + b'"}', 413),
        (b'{"a": "' + b"x" * (LARGEST - 20) + b'"}', 400),
    ],
)
async def test_what_is_no_object_or_too_much_is_refused(running: Running, body: bytes, status: int) -> None:
    answer = await running.client.post("/webhook", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    assert (await running.client.get("/webhook")).status_code == 404


async def test_a_report_is_gone_after_an_hour_and_with_its_user() -> None:
    clock = ManualClock()
    values = InMemoryKeyValueStore(clock)
    reports = LastReport(values=values, clock=clock)

    async def nothing_is_heard(_user: object) -> None:
        return

    await reports.keep(ANNA, {"a": 1})
    await UserValues(values, forget_heard=nothing_is_heard).erase(ANNA)
    assert await reports.read(ANNA) is None
    await reports.keep(ANNA, {"a": 2})
    await clock.advance(3_599)
    assert await reports.read(ANNA) is not None
    await clock.advance(1)
    assert await reports.read(ANNA) is None
