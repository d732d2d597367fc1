"""Costs, added up on their way into the ledger."""

from datetime import UTC, datetime

import pytest

from adapters.outbound.usage_ledger.counted import CountedUsageLedger
from adapters.outbound.usage_ledger.memory import InMemoryUsageLedger
from domain.ids import UserId
from domain.usage import Usage
from ports.errors import TemporarilyUnavailable
from ports.measures import Label

USAGE = Usage(
    user=UserId("anna"),
    recognizer="deepgram",
    started_at=datetime(2026, 1, 1, tzinfo=UTC),
    open_seconds=12.5,
    audio_seconds=10.25,
    billed_seconds=10.5,
    micro_dollars=820,
)


class Full(InMemoryUsageLedger):
    async def record(self, usages: object) -> None:  # noqa: ARG002 - the port's
        raise TemporarilyUnavailable("not now")


async def told(ledger: CountedUsageLedger) -> dict[str, float]:
    return {
        measure.name: sample.value
        for measure in await ledger.measures()
        for sample in measure.samples
        if sample.labels == {Label.RECOGNIZER: "deepgram"}
    }


async def test_costs_are_added_up_by_recognizer_and_by_nobody_else() -> None:
    ledger = CountedUsageLedger(InMemoryUsageLedger())
    await ledger.record([USAGE, USAGE])
    await ledger.record([USAGE])
    assert await told(ledger) == {
        "recognition_micro_dollars": 2460,
        "recognition_audio_seconds": 30.75,
        "recognition_billed_seconds": 31.5,
    }


async def test_what_was_not_written_down_is_not_counted() -> None:
    ledger = CountedUsageLedger(Full())
    with pytest.raises(TemporarilyUnavailable):
        await ledger.record([USAGE])
    assert await told(ledger) == {}
