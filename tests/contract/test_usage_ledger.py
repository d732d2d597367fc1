"""What every usage ledger does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest

from adapters.inbound.simulators.firestore import serve_firestore
from adapters.outbound.firestore_settings import FirestoreSettings
from adapters.outbound.usage_ledger.counted import CountedUsageLedger
from adapters.outbound.usage_ledger.firestore import MOST_ROWS, FirestoreUsageLedger
from adapters.outbound.usage_ledger.memory import InMemoryUsageLedger
from adapters.outbound.usage_ledger.sqlite import SqliteUsageLedger
from domain.ids import UserId
from domain.usage import Usage
from ports.usage_ledger import UsageLedger
from tests.contract.harness import Harness, over
from tests.support.firestore import reaching
from tests.support.memories import HOSTILE

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@asynccontextmanager
async def sqlite(folder: Path) -> AsyncIterator[UsageLedger]:
    async with SqliteUsageLedger(data_dir=folder) as ledger:
        yield ledger


@asynccontextmanager
async def memory(_: Path) -> AsyncIterator[UsageLedger]:
    yield InMemoryUsageLedger()


@asynccontextmanager
async def counted(_: Path) -> AsyncIterator[UsageLedger]:
    yield CountedUsageLedger(InMemoryUsageLedger())


@asynccontextmanager
async def firestore(_: Path) -> AsyncIterator[UsageLedger]:
    async with (
        serve_firestore() as simulation,
        FirestoreUsageLedger(reaching(simulation, FirestoreSettings)) as ledger,
    ):
        yield ledger


HARNESSES: dict[str, Harness[UsageLedger]] = {
    "sqlite": sqlite,
    "firestore": firestore,
    "memory": memory,
    "counted": counted,
}


@pytest.fixture(params=over("usage_ledger", HARNESSES))
async def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[UsageLedger]:
    async with request.param(tmp_path) as ledger:
        yield ledger


def usage(hours: float, user: str = "anna") -> Usage:
    return Usage(
        user=UserId(user),
        recognizer="deepgram",
        started_at=NOON + hours * HOUR,
        open_seconds=12.5,
        audio_seconds=10.25,
        billed_seconds=10.25,
        micro_dollars=820,
    )


async def test_what_was_recorded_is_told_oldest_first(ledger: UsageLedger) -> None:
    await ledger.record([usage(2), usage(0)])
    await ledger.record([usage(1, "ben")])
    assert await ledger.between(NOON, NOON + 3 * HOUR) == (usage(0), usage(1, "ben"), usage(2))


async def test_the_start_of_a_time_belongs_to_it_and_its_end_does_not(ledger: UsageLedger) -> None:
    await ledger.record([usage(0), usage(1), usage(2)])
    assert await ledger.between(NOON, NOON + 2 * HOUR) == (usage(0), usage(1))


async def test_an_empty_ledger_has_no_rows(ledger: UsageLedger) -> None:
    await ledger.record([])
    assert await ledger.between(NOON, NOON + HOUR) == ()


async def test_many_writers_at_once_lose_no_row(ledger: UsageLedger) -> None:
    async with anyio.create_task_group() as tasks:
        for _ in range(50):
            tasks.start_soon(ledger.record, [usage(0)])
    assert len(await ledger.between(NOON, NOON + HOUR)) == 50


async def test_more_rows_than_are_read_at_once_are_all_told_in_order(ledger: UsageLedger) -> None:
    rows = [usage(number // 2) for number in range(2 * MOST_ROWS + 1)]
    await ledger.record(rows)
    assert await ledger.between(NOON, NOON + len(rows) * HOUR) == tuple(rows)
    await ledger.forget(UserId("anna"))
    assert await ledger.between(NOON, NOON + len(rows) * HOUR) == ()


async def test_rows_survive_a_restart(tmp_path: Path) -> None:
    async with sqlite(tmp_path) as ledger:
        await ledger.record([usage(0)])
    async with sqlite(tmp_path) as ledger:
        assert await ledger.between(NOON, NOON + HOUR) == (usage(0),)


async def test_the_rows_of_a_user_are_told_oldest_first(ledger: UsageLedger) -> None:
    await ledger.record([usage(2), usage(1, "ben"), usage(0)])
    assert await ledger.of(UserId("anna")) == (usage(0), usage(2))
    assert await ledger.of(UserId("half a character: \ud800")) == ()


async def test_users_have_their_own_rows_whatever_they_are_called(ledger: UsageLedger) -> None:
    await ledger.record([usage(number, name) for number, name in enumerate(HOSTILE)])
    for number, name in enumerate(HOSTILE):
        assert await ledger.of(UserId(name)) == (usage(number, name),)
    for name in HOSTILE[::2]:
        await ledger.forget(UserId(name))
    for number, name in enumerate(HOSTILE):
        assert await ledger.of(UserId(name)) == (() if name in HOSTILE[::2] else (usage(number, name),))


async def test_the_rows_of_a_user_who_goes_are_gone_and_those_of_others_stay(ledger: UsageLedger) -> None:
    await ledger.record([usage(2), usage(1, "ben"), usage(0)])
    await ledger.forget(UserId("anna"))
    await ledger.forget(UserId("anna"))
    assert await ledger.of(UserId("anna")) == ()
    assert await ledger.between(NOON, NOON + 3 * HOUR) == (usage(1, "ben"),)


async def test_what_is_forgotten_is_not_on_the_disk(tmp_path: Path) -> None:
    async with sqlite(tmp_path) as ledger:
        await ledger.record([usage(0, "Zanzibarquux")])
        await ledger.forget(UserId("Zanzibarquux"))
        assert all(b"Zanzibarquux" not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
